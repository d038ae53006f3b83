// Which packages the kernel brings for a notebook whose folder has none of them: specifier to file. `shardlab` itself is
// always this kernel's.

import { createRequire } from "node:module"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const kernelRequire = createRequire(import.meta.url)

export function kernelCopies(baseDir: string): Record<string, string> {
  const notebook = createRequire(join(baseDir, "notebook.js"))
  const copies: Record<string, string> = {
    shardlab: fileURLToPath(new URL("../index.js", import.meta.url)),
  }
  for (const name of ["@tensorflow/tfjs", "tslab"]) {
    if (!resolves(notebook, name)) copies[name] = kernelRequire.resolve(name)
  }
  return copies
}

export function resolves(require: NodeJS.Require, name: string): boolean {
  try {
    require.resolve(name)
    return true
  } catch {
    return false
  }
}
