// Where pyspark or pysail is installed on this machine: a Python environment near the notebook, and the command that makes
// one when there is none. Installs nothing.

import { execFile } from "node:child_process"
import { existsSync } from "node:fs"
import { dirname, join } from "node:path"
import { promisify } from "node:util"
import { fail } from "../../../errors.js"

export interface PythonHome {
  readonly python: string
  /** The folder of the package. */
  readonly package: string
  readonly version: string
}

interface Product {
  readonly what: string
  readonly module: string
  /** The environment of its own that our setup makes: pyspark and what pysail needs exclude each other. */
  readonly venv: string
  readonly install: string
}

export const products = {
  spark: { what: "Spark", module: "pyspark", venv: ".venv-spark", install: "pyspark==4.3.0 pyarrow pandas" },
  sail: {
    what: "Sail",
    module: "pysail",
    venv: ".venv-sail",
    install: "pysail==0.7.2 pyspark-client==4.2.0 pyarrow pandas",
  },
} as const satisfies Record<string, Product>

const run = promisify(execFile)
const script =
  "import importlib.util, importlib.metadata, os, sys; s = importlib.util.find_spec(sys.argv[1]); " +
  "print(os.path.dirname(s.origin) if s else ''); print(importlib.metadata.version(sys.argv[1]) if s else '')"

/** The first Python that has the package. @throws CLUSTER_START with the command that installs it. */
export async function findPython(product: keyof typeof products, given?: string): Promise<PythonHome> {
  const { what, module, venv, install } = products[product]
  const candidates = given === undefined ? places(venv) : [given]
  for (const python of candidates) {
    const found = await ask(python, module)
    if (found !== undefined) return found
  }
  throw fail("CLUSTER_START", {
    what,
    cause: `no Python environment with \`${module}\` was found (looked at ${candidates.join(", ")})`,
    fix: `Make one: python3 -m venv ${venv} && ${venv}/bin/pip install ${install}`,
  })
}

function places(venv: string): string[] {
  const named = [process.env.SHARDLAB_PYTHON, inside(process.env.VIRTUAL_ENV)]
  const near = upwards(process.cwd()).flatMap(folder => [
    inside(join(folder, venv)),
    inside(join(folder, ".venv")),
  ])
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

async function ask(python: string, module: string): Promise<PythonHome | undefined> {
  try {
    const { stdout } = await run(python, ["-c", script, module])
    const [folder, version] = stdout.split("\n")
    return folder && version ? { python, package: folder, version } : undefined
  } catch {
    return undefined // no such Python, or a broken one
  }
}
