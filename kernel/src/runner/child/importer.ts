// What `import` and `require` of a cell find: the notebook's own packages first, the kernel's copies of TensorFlow.js and
// tslab otherwise, and always this kernel's shardlab; and what has to happen once such a package is there. How a
// specifier is found is cell/imports.ts.

import { createRequire } from "node:module"
import { join } from "node:path"
import { createImporter } from "../../cell/imports.js"
import { kernelCopies, resolves } from "../kernelCopies.js"
import type { OutputPipe } from "./output.js"
import { wireable } from "./values.js"

const kernelRequire = createRequire(import.meta.url)
const tensorflow = "@tensorflow/tfjs"

export interface Importer {
  import(specifier: string): Promise<unknown>
  require(specifier: string): unknown
  /** The import that gives this very value: of modules imported so far, whole or one export. */
  importOf(value: unknown): { readonly specifier: string; readonly exported?: string } | undefined
}

export function createCellImporter(output: OutputPipe, baseDir: string): Importer {
  const notebookRequire = createRequire(join(baseDir, "notebook.js"))
  const importer = createImporter({ baseDir, overrides: kernelCopies(baseDir) })
  const modules = new Map<string, unknown>()
  return {
    async import(specifier) {
      const module = await importer.import(specifier)
      modules.set(specifier, module)
      if (specifier === tensorflow) await useXla()
      if (specifier === "tslab") wireTslab(notebookRequire, output)
      return module
    },
    require(specifier) {
      const module = importer.require(specifier)
      if (specifier === tensorflow) void useXla()
      if (specifier === "tslab") wireTslab(notebookRequire, output)
      return module
    },
    importOf: value => importOf(modules, value),
  }
}

function importOf(modules: ReadonlyMap<string, unknown>, value: unknown) {
  for (const [specifier, module] of modules) if (module === value) return { specifier }
  for (const [specifier, module] of modules) {
    const found = Object.entries(module as object).find(([, exported]) => exported === value)
    if (found !== undefined) return { specifier, exported: found[0] }
  }
  return undefined
}

async function useXla(): Promise<void> {
  const { ensureBackend } = await import("../../train/backend.js")
  await ensureBackend()
}

interface TslabDisplay {
  readonly data: Record<string, unknown>
  readonly metadata: Record<string, unknown>
  readonly transient: { readonly display_id?: string }
}

/** tslab's `display` writes through a hook that its own kernel sets; here it is ours. */
function wireTslab(notebook: NodeJS.Require, output: OutputPipe): void {
  const require = resolves(notebook, "tslab") ? notebook : kernelRequire
  const jupyter = require("tslab/dist/jupyter.js") as { lastWriteDisplayData: unknown }
  jupyter.lastWriteDisplayData = ({ data, metadata, transient }: TslabDisplay, update: boolean) => {
    const options = { id: transient.display_id, update, metadata }
    output.send({ type: "display", bundle: wireable(data), options })
  }
}
