// Installs the kernelspec, the folder by which Jupyter finds and starts this kernel.

import { mkdirSync, writeFileSync } from "node:fs"
import { homedir, platform } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const mainFile = fileURLToPath(new URL("../main.js", import.meta.url))

/** Where kernelspecs go: under `prefix` (an environment), else in the user's own Jupyter folder. */
export interface SpecTarget {
  readonly prefix?: string
}

/** Writes the kernelspec and returns its folder. Replaces one that is there. */
export function installKernelspec(target: SpecTarget): string {
  const folder = kernelspecFolder(target)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, "kernel.json"), `${JSON.stringify(kernelspec(), null, 2)}\n`)
  return folder
}

export function kernelspecFolder({ prefix }: SpecTarget): string {
  const data = prefix === undefined ? userDataFolder() : join(prefix, "share", "jupyter")
  return join(data, "kernels", "shardlab")
}

function kernelspec(): Record<string, unknown> {
  return {
    argv: [process.execPath, mainFile, "kernel", "-f", "{connection_file}"],
    display_name: "shardlab (TypeScript)",
    language: "typescript",
    // By message, not by signal: the front passes it on, and it works on every platform.
    interrupt_mode: "message",
    // DuckDB, file reads and native calls of a cell share libuv's pool, whose 4 threads are soon taken.
    env: { UV_THREADPOOL_SIZE: "16" },
    metadata: { debugger: false },
  }
}

/** Jupyter's data folder of this user, as jupyter_core finds it. */
function userDataFolder(): string {
  if (process.env.JUPYTER_DATA_DIR) return process.env.JUPYTER_DATA_DIR
  if (platform() === "darwin") return join(homedir(), "Library", "Jupyter")
  if (platform() === "win32") return join(process.env.APPDATA ?? homedir(), "jupyter")
  return join(process.env.XDG_DATA_HOME ?? join(homedir(), ".local", "share"), "jupyter")
}
