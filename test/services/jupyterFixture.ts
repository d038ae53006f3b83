// What the tests with a real Jupyter need: the project's Python and our kernelspec in a prefix of its own.
import { execFileSync } from "node:child_process"
import { existsSync, mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"

const root = resolve(import.meta.dirname, "../..")

export const projectPython = join(root, ".venv/bin/python")

/** Installs the kernelspec into a fresh prefix; `jupyterPath` is what Jupyter wants in JUPYTER_PATH. */
export function installedKernel(): { prefix: string; jupyterPath: string } {
  if (!existsSync(projectPython)) throw new Error(`${projectPython} is missing: run \`npm run setup\``)
  const prefix = mkdtempSync(join(tmpdir(), "shardlab-prefix-"))
  execFileSync(process.execPath, [join(root, "kernel/lib/main.js"), "install", "--prefix", prefix])
  return { prefix, jupyterPath: join(prefix, "share/jupyter") }
}
