// A Python environment with Dask near the notebook, and the command that makes one when there is none. Installs nothing.

import { execFile } from "node:child_process"
import { existsSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { fail } from "../../errors.js"

export interface DaskHome {
  readonly python: string
  /** By package: `{ dask: "2026.8.0", distributed: ... }`. */
  readonly versions: Readonly<Record<string, string>>
}

const venv = ".venv-dask"
/** The versions that the tests run with. */
export const daskInstall = "'dask[dataframe]==2026.8.0' distributed==2026.8.0 prometheus_client"
const packages = ["dask", "distributed", "pyarrow", "pandas"]
const run = promisify(execFile)

/** The folder of our Python package: beside this file, or in the sources when only TypeScript was compiled. */
export function workerFolder(): string {
  const places = ["./worker", "../../../src/engine/dask/worker"].map(place =>
    fileURLToPath(new URL(place, import.meta.url)),
  )
  return places.find(existsSync) ?? places[0]!
}

/** The first Python that has Dask. @throws CLUSTER_START with the command that installs it. */
export async function findDask(given?: string): Promise<DaskHome> {
  const candidates = given === undefined ? places() : [given]
  for (const python of candidates) {
    const versions = await versionsOf(python)
    if (versions !== undefined) return { python, versions }
  }
  throw fail("CLUSTER_START", {
    what: "Dask",
    cause: `no Python environment with \`distributed\` was found (looked at ${candidates.join(", ")})`,
    fix: `Make one: python3 -m venv ${venv} && ${venv}/bin/pip install ${daskInstall}`,
  })
}

function places(): string[] {
  const named = [process.env.SHARDLAB_PYTHON, inside(process.env.VIRTUAL_ENV)]
  const near = upwards(process.cwd()).flatMap(folder =>
    [venv, ".venv"].map(name => inside(join(folder, name))),
  )
  const found = [...named, ...near].filter(path => path !== undefined && existsSync(path)) as string[]
  return [...new Set([...found, "python3"])]
}

function inside(folder: string | undefined): string | undefined {
  return folder === undefined || folder === "" ? undefined : join(folder, "bin/python")
}

function upwards(folder: string): string[] {
  const above = dirname(folder)
  return above === folder ? [folder] : [folder, ...upwards(above)]
}

const script =
  "import importlib.metadata as m, json, sys; print(json.dumps({n: m.version(n) for n in sys.argv[1:]}))"

async function versionsOf(python: string): Promise<Readonly<Record<string, string>> | undefined> {
  try {
    const { stdout } = await run(python, ["-c", script, ...packages])
    return JSON.parse(stdout) as Record<string, string>
  } catch {
    return undefined // no such Python, or one without Dask
  }
}
