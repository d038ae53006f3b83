// `npm run setup:cluster`: the Python environments of Spark, Sail and Dask, each in a folder of its own at the root. The tests
// call it for what they need; a second call is immediate.
import { spawn } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "")
const staleMs = 10 * 60_000

/** Makes `.venv-spark`, `.venv-sail` or `.venv-dask` if it is not current; two processes do not make it twice. */
export async function ensureCluster(
  /** @type {"spark" | "sail" | "dask"} */ product,
  say = line => console.log(line),
) {
  const requirements = join(root, `extension/setup/requirements-${product}.txt`)
  const venv = join(root, `.venv-${product}`)
  const stamp = join(venv, "shardlab-stamp")
  const wanted = createHash("sha256").update(readFileSync(requirements)).digest("hex")
  const current = () => existsSync(stamp) && readFileSync(stamp, "utf8") === wanted
  const python = join(venv, "bin/python")
  if (current()) return python
  const release = await lock(`${venv}.lock`)
  try {
    if (current()) return python
    say(`setup: ${product} into ${venv} ...`)
    if (!existsSync(python)) await run("python3", ["-m", "venv", venv])
    await run(python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements])
    writeFileSync(stamp, wanted)
    return python
  } finally {
    release()
  }
}

/** A folder is made by one process only. A lock that its owner left behind is broken after ten minutes. */
async function lock(path) {
  for (;;) {
    try {
      mkdirSync(path)
      return () => rmSync(path, { recursive: true, force: true })
    } catch (error) {
      if (error.code !== "EEXIST") throw error
      if (existsSync(path) && Date.now() - statSync(path).mtimeMs > staleMs)
        rmSync(path, { recursive: true, force: true })
      await new Promise(done => setTimeout(done, 500))
    }
  }
}

/** Not `spawnSync`: a test that waits for it must go on talking to its runner. */
function run(command, args) {
  return new Promise((done, failed) => {
    const child = spawn(command, args, { cwd: root, stdio: ["ignore", "ignore", "pipe"] })
    let said = ""
    child.stderr.on("data", data => (said = (said + data).slice(-4000)))
    const refuse = why => failed(new Error(`\`${command} ${args.join(" ")}\` failed:\n${why}`))
    child.on("error", error => refuse(error.message))
    child.on("close", code => (code === 0 ? done() : refuse(said)))
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const product of ["spark", "sail", "dask"]) await ensureCluster(product)
}
