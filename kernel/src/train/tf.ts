// TensorFlow.js, loaded when first touched: a kernel that never trains does not pay its 270 ms. `tf` is the very instance
// that `import * as tf from "@tensorflow/tfjs"` gives, seen through a namespace that loads it. Not a wrapper: nothing is
// renamed or replaced here, `compile` is added; what the backend patches is in patches/.

import { createRequire } from "node:module"
import "./fitArguments.js"
import type { StepCompiler } from "./step/compile.js"

export type Tf = typeof import("@tensorflow/tfjs")
type Core = typeof import("@tensorflow/tfjs-core")

const require = createRequire(import.meta.url)
let loaded: Tf | undefined
let core: Core | undefined
let onLoad: ((tf: Tf) => void) | undefined

/** The real module. The first call loads it, and sets up the backend when `whenLoaded` said how. */
export function loadTf(): Tf {
  if (loaded === undefined) {
    loaded = require("@tensorflow/tfjs") as Tf
    onLoad?.(loaded)
  }
  return loaded
}

/** tfjs-core's own exports object: what tfjs-layers calls through, so what a patch must replace. */
export function loadCore(): Core {
  core ??= require("@tensorflow/tfjs-core") as Core
  return core
}

/** Says which tfjs-core it is: a program may have one of its own. */
export function useCore(programs: Core): void {
  core = programs
}

/** Says what to do right after tfjs is loaded, once. */
export function whenLoaded(setUp: (tf: Tf) => void): void {
  onLoad = setUp
}

const added: Record<PropertyKey, unknown> = {}

/** What `tf` has beside TensorFlow.js's own names. */
export function addToTf(additions: StepCompiler): void {
  Object.assign(added, additions)
}

/** TensorFlow.js 4.22, running on XLA. */
export const tf: Tf & StepCompiler = new Proxy({} as Tf & StepCompiler, {
  get: (_, name) => (name in added ? added[name] : Reflect.get(loadTf(), name)),
  has: (_, name) => name in added || Reflect.has(loadTf(), name),
  set: (_, name, value) => Reflect.set(loadTf(), name, value),
  ownKeys: () => [...Reflect.ownKeys(loadTf()), ...Reflect.ownKeys(added)],
  getOwnPropertyDescriptor(_, name) {
    const descriptor = Reflect.getOwnPropertyDescriptor(name in added ? added : loadTf(), name)
    // A proxy may not show as fixed what its target does not have.
    return descriptor === undefined ? undefined : { ...descriptor, configurable: true }
  },
})
