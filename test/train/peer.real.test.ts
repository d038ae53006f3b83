// `tf.setBackend("tensorflow")` and the doctor's rows, with packages that are not there or broken. With the real tfjs-node:
// peer.deep.test.ts.
import { execFile } from "node:child_process"
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { expect, test } from "vitest"
import { mendUtil } from "../../kernel/src/train/peer.js"

const lib = new URL("../../kernel/lib/", import.meta.url).href
const main = fileURLToPath(new URL("main.js", lib))

function folderWith(index?: string): string {
  const folder = mkdtempSync(join(tmpdir(), "shardlab-peer-"))
  if (index === undefined) return folder
  const place = join(folder, "node_modules/@tensorflow/tfjs-node")
  mkdirSync(place, { recursive: true })
  writeFileSync(
    join(place, "package.json"),
    JSON.stringify({ name: "@tensorflow/tfjs-node", version: "4.22.0" }),
  )
  writeFileSync(join(place, "index.js"), index)
  return folder
}

function node(cwd: string, ...args: string[]): Promise<string> {
  return new Promise(resolve =>
    execFile(process.execPath, args, { cwd }, (_, out, complaints) => resolve(out + complaints)),
  )
}

const program = `import { tf } from "${lib}index.js"
try { tf.setBackend("tensorflow") } catch (error) { console.log(error.message, "|", error.hint) }
console.log(tf.getBackend())`

test("without tfjs-node the backend is refused with what to install, and xla stays", async () => {
  const said = await node(folderWith(), "--input-type=module", "-e", program)
  expect(said).toMatch(/no @tensorflow\/tfjs-node.*npm install @tensorflow\/tfjs-node@4\.22\.0/)
  expect(said.trim().split("\n").at(-1)).toBe("xla")
})

test("one that does not load says why", async () => {
  const broken = folderWith('throw new Error("libtensorflow.so.2: cannot open shared object file")')
  const said = await node(broken, "--input-type=module", "-e", program)
  expect(said).toContain("@tensorflow/tfjs-node 4.22.0 does not load: libtensorflow.so.2: cannot open")
  expect(said.trim().split("\n").at(-1)).toBe("xla")
})

test("doctor says what trains, which GPUs there are, and that the peer is broken", async () => {
  const broken = folderWith('throw new Error("libtensorflow.so.2: cannot open shared object file")')
  const said = await node(broken, main, "doctor")
  expect(said).toMatch(/^training: xla on .*, fastatomstruct-xla-cpu \(PJRT 0\.\d+/m)
  expect(said).toMatch(/^NVIDIA GPUs: /m)
  expect(said).toMatch(/^@tensorflow\/tfjs-node 4\.22\.0: does not load, libtensorflow\.so\.2: cannot open/m)
})

test("what Node 23 took away and tfjs-node needs is put back, and nothing else is touched", () => {
  const lacking: Record<string, unknown> = {}
  mendUtil(lacking)
  const { isNullOrUndefined, isArray } = lacking as Record<string, (value: unknown) => boolean>
  expect([isNullOrUndefined!(null), isNullOrUndefined!(0), isArray!([])]).toEqual([true, false, true])
  const own = { isArray: () => "own", isNullOrUndefined: () => "own" }
  mendUtil(own)
  expect(own.isArray()).toBe("own")
})
