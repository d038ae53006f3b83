// What `import` and `require` in a cell (or in a pool worker) find: packages from the notebook's folder upward, the
// kernel's own copies for the names in `overrides`, and relative TypeScript files. Not the type checker's resolution
// (CellHost.ts), which finds typings by the same rules. Loads nothing until a cell imports something that is not Node's own.

import { createRequire, isBuiltin, register } from "node:module"
import { isAbsolute, join } from "node:path"
import { pathToFileURL } from "node:url"
import { fail } from "../errors.js"
import { requireTypeScript } from "./requireTypeScript.js"

export interface Importer {
  /** As `import()` with the notebook's folder as the importing module's place. */
  import(specifier: string): Promise<unknown>
  /** As `require` there. */
  require(specifier: string): unknown
}

export interface ImporterOptions {
  /** The notebook's folder. */
  readonly baseDir: string
  /** Specifier to the absolute file that it means, whatever the folder has. */
  readonly overrides?: Readonly<Record<string, string>>
}

/** What the loader hooks (loaderHooks.ts) are told at registration. */
export interface HookData {
  readonly base: string
  readonly overrides: Readonly<Record<string, string>>
}

/** Imports of cells go through this scheme, so that the hooks see who asks; the number keeps Node from remembering. */
export const cellScheme = "shardlab-cell:"

let hooked: string | undefined
let asked = 0

export function createImporter({ baseDir, overrides = {} }: ImporterOptions): Importer {
  const require = createRequire(join(baseDir, "notebook.js"))
  const find = (specifier: string) => overrides[specifier] ?? specifier
  return {
    async import(specifier) {
      if (isBuiltin(specifier)) return import(specifier)
      if (specifier.endsWith(".json")) return { default: requireFrom(require, specifier, baseDir) }
      hookOnce({ base: pathToFileURL(join(baseDir, "notebook.js")).href, overrides })
      try {
        return await import(`${cellScheme}${++asked}:${encodeURIComponent(specifier)}`)
      } catch (error) {
        throw explain(error, specifier, baseDir)
      }
    },
    require: specifier => requireFrom(require, find(specifier), baseDir),
  }
}

/** Hooks belong to the process: one notebook folder a process. */
function hookOnce(data: HookData): void {
  if (hooked === data.base) return
  hooked = data.base
  register("./loaderHooks.js", { parentURL: import.meta.url, data })
}

function requireFrom(require: NodeJS.Require, specifier: string, baseDir: string): unknown {
  requireTypeScript()
  try {
    return require(specifier)
  } catch (error) {
    throw explain(error, specifier, baseDir)
  }
}

/** Node's own words for a package that is not there do not say what to do; any other error is the module's own. */
function explain(error: unknown, specifier: string, baseDir: string): unknown {
  const { code, message } = error as { code?: string; message?: string }
  const notFound = code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND"
  if (!notFound || !message?.includes(specifier)) return error
  if (/^\.{0,2}\//.test(specifier) || isAbsolute(specifier)) {
    return fail("FILE_MISSING", { path: specifier, cwd: baseDir }, error)
  }
  const name = specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/")
  return fail("PACKAGE_MISSING", { name, folder: baseDir }, error)
}
