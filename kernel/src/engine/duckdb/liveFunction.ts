// The function of a plan, ready to be called in this process: the one that the plan was made with, or one made of its code
// when the plan came from another process.

import { createRequire } from "node:module"
import { join } from "node:path"
import type { LiveFunction, UserFunction } from "../../frame/UserFunction.js"

const made = new WeakMap<UserFunction, LiveFunction>()

export function liveFunction(fn: UserFunction): LiveFunction {
  if (fn.live !== undefined) return fn.live
  const known = made.get(fn)
  if (known !== undefined) return known
  const require = createRequire(join(process.cwd(), "function.js"))
  const live = new Function("require", `${fn.code.script}\n//# sourceURL=shardlab-function:${fn.name}`)(
    require,
  )
  made.set(fn, live as LiveFunction)
  return live as LiveFunction
}
