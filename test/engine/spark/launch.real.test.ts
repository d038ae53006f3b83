// Local servers as a cell starts them: they end with the kernel, also when it is killed; what is missing is one clear error;
// the generated protocol is current.
import { execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { ensureCluster } from "../../../extension/setup/cluster.mjs"
import { findJava } from "../../../kernel/lib/engine/spark/launch/java.js"
import { isListening } from "../../../kernel/lib/engine/spark/launch/ports.js"
import { findPython } from "../../../kernel/lib/engine/spark/launch/python.js"
import { startSession } from "../../../kernel/lib/runner/session.js"
import { runIn } from "../../runner/runIn.js"

const root = resolve(import.meta.dirname, "../../..")
const folder = mkdtempSync(join(tmpdir(), "shardlab-launch-"))
beforeAll(() => ensureCluster("sail"), 300_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test("a server ends when the kernel that started it is killed", async () => {
  const code = `import { startSail } from "./kernel/lib/engine/spark/launch/sail.js"
const { address } = await startSail()
console.log(address)
setInterval(() => {}, 1000)`
  const kernel = spawn(process.execPath, ["--input-type=module", "-e", code], { cwd: root })
  const [line] = await once(kernel.stdout, "data")
  const port = Number(/:(\d+)/.exec(String(line))![1])
  expect(await isListening(port)).toBe(true)
  kernel.kill("SIGKILL")
  await expect.poll(() => isListening(port), { timeout: 60_000 }).toBe(false)
})

test("connect in a cell: progress, frames and errors, by the magic", async () => {
  const session = await startSession({ cwd: import.meta.dirname, sampleMs: 0 })
  const run = runIn(session)
  try {
    const started = await run("%connect sail")
    expect(started.outcome.status).toBe("ok")
    expect(started.text).toMatch(/sail: Sail 0\.7\.2 on 127\.0\.0\.1:\d+/)
    const gaps = session.recorded().events.flatMap(one => (one.kind === "engine.gap" ? [one.text] : []))
    expect(gaps).toEqual([expect.stringMatching(/^Sail does not report progress: (?!.*ui)/)])
    const counted = await run("await cluster.read.range(10).filter(f => f.id.gt(6)).count()")
    expect(counted.result).toBe("3")
    const wrong = await run("await cluster.sql`select nope from ${cluster.read.range(3)}`")
    expect(wrong.outcome).toMatchObject({
      status: "error",
      evalue: expect.stringContaining("no column `nope`"),
    })
    const none = await run("await cluster.executors()")
    expect(none.outcome).toMatchObject({ evalue: expect.stringContaining("Sail has no list of executors") })
    await run("await cluster.close()")
  } finally {
    await session.close()
  }
}, 120_000)

test("a missing Java and a missing wheel name the command that mends it", async () => {
  await expect(findJava({ JAVA_HOME: folder })).rejects.toMatchObject({
    code: "CLUSTER_START",
    message: expect.stringMatching(/Java was not found.*Java 17 or later.*apt-get install openjdk/),
  })
  await expect(findPython("spark", join(folder, "python"))).rejects.toMatchObject({
    code: "CLUSTER_START",
    message: expect.stringMatching(/no Python environment with `pyspark`.*pip install pyspark==4\.3\.0/),
  })
})

test("the protocol's TypeScript is what its protos give", ({ skip }) => {
  const gen = join(root, "kernel/src/engine/spark/gen")
  try {
    execFileSync("bash", [join(gen, "generate.sh"), folder], { stdio: "pipe" })
  } catch (error) {
    if (/ENOTFOUND|ECONNREFUSED|network|ETIMEDOUT/.test(String((error as { stderr?: Buffer }).stderr)))
      skip("buf cannot be fetched from npm here")
    throw error
  }
  for (const file of ["base", "relations", "expressions", "commands", "types"]) {
    const name = `spark/connect/${file}_pb.ts`
    expect(readFileSync(join(folder, name), "utf8"), name).toBe(readFileSync(join(gen, name), "utf8"))
  }
}, 120_000)
