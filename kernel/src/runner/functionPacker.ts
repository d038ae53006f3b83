// Packs the functions of frames: finds what they mention (the inspector tells outer variables, the notebook the rest) and
// writes it into one script. The one place where frames meet the pool's bundling.

import { bundleNow } from "../driver/pool/bundle.js"
import { freeNames } from "../driver/pool/freeNames.js"
import type { Scope } from "../driver/pool/Scope.js"
import { rememberFunctions } from "../engine/udf/failure.js"
import { type Piece, scriptOf } from "../engine/udf/script.js"
import { fail, ShardlabError } from "../errors.js"
import { type Closure, closureOf } from "../frame/closure.js"
import { type LiveFunction, provideFunctionPacker } from "../frame/UserFunction.js"
import { notebookScope } from "./child/notebookScope.js"
import { kernelCopies } from "./kernelCopies.js"
import * as portableFrame from "./portableFrame.js"
import * as portableModel from "./portableModel.js"

/** Every process of ours has them, before a cell ran. */
const globals = new Set(Object.getOwnPropertyNames(globalThis))
for (const name of ["require", "__shardlab_import"]) globals.add(name)

provideFunctionPacker((fn, where) => {
  const live = new Map<string, LiveFunction>()
  const scope: Scope = {
    lookup: (name, from) => {
      const found = outerValue(name, from as LiveFunction)
      if (typeof found?.value === "function") live.set(name, found.value as LiveFunction)
      return found
    },
    importOf: value => notebookScope.importOf(value),
  }
  const portables = [portableModel, portableFrame].map(one => ({
    matches: (value: unknown) => one.matches(value),
    pack: () => undefined,
    module: "",
  }))
  const { source, parts } = explained(where, () =>
    bundleNow(fn, { pool: where, share: {}, scope, portables, globals }),
  )
  const baseDir = process.cwd()
  const name = fn.name || "a function"
  const code = scriptOf(source, parts as readonly Piece[], {
    name,
    where,
    baseDir,
    overrides: kernelCopies(baseDir),
  })
  live.set(name, fn)
  rememberFunctions(code, live)
  return code
})

/** The pool's words are of workers; here it is a cluster. */
function explained<T>(where: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof ShardlabError) || !error.code.startsWith("POOL_")) throw error
    const problem = error.message
      .slice(0, error.message.length - error.hint.length)
      .replace(/^The function given to `[^`]*` (cannot be sent to a worker: )?/, "")
      .replace(", which the workers do not have", ", whose value cannot be found")
      .replace(/[.\s]+$/, "")
    throw fail("FUNCTION_BUNDLE", { where, problem }, error)
  }
}

const closures = new WeakMap<LiveFunction, Closure>()

function outerValue(name: string, from: LiveFunction): { readonly value: unknown } | undefined {
  const closure = closures.get(from) ?? closureOf(from, new Set(freeNames(String(from)) ?? [name]))
  closures.set(from, closure)
  const found = closure.lookup(name) ?? notebookScope.lookup(name)
  if (found !== undefined) return found
  const global = Object.getOwnPropertyDescriptor(globalThis, name)
  return global === undefined ? undefined : { value: global.value }
}
