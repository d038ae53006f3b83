// The double: replicas that exist only as a number. For unit tests of loops and policies, and for teaching a policy without
// starting anything. Its metrics are what the test says; new replicas are ready after `delayMs` on the given clock.

import { fail } from "../errors.js"
import { emit } from "../telemetry/bus.js"
import { checkReplicas, driverBounds } from "./bounds.js"
import type { Driver } from "./Driver.js"

export interface MemoryDriverOptions {
  readonly name?: string
  /** Default 1. */
  readonly min?: number
  /** Default 10. */
  readonly max?: number
  readonly metrics?: () => Readonly<Record<string, number>>
  /** Time until new replicas are ready, default 0. */
  readonly delayMs?: number
  /** Calls `run` after `ms`; default `setTimeout`. */
  readonly after?: (ms: number, run: () => void) => unknown
}

export function memoryDriver(options: MemoryDriverOptions = {}): Driver {
  const { name = "memory", min = 1, max = 10, metrics = () => ({}), delayMs = 0 } = options
  const { after = (ms, run) => setTimeout(run, ms) } = options
  const bounds = driverBounds("memoryDriver", min, max)
  let [desired, ready, closed] = [min, min, false]
  const report = () => {
    const count = { pool: name, desired, actual: ready, pending: Math.max(0, desired - ready) }
    emit({ kind: "pool.count", ...count, ...(closed ? { closed } : {}) })
  }
  return {
    name,
    bounds,
    count: () => ({ desired, ready }),
    metrics,
    async scaleTo(n) {
      if (closed) throw fail("POOL_CLOSED", { pool: name })
      checkReplicas(`${name}.scaleTo`, n, bounds)
      desired = n
      ready = Math.min(ready, n)
      report()
      if (ready === n) return
      await new Promise<void>(resolve => after(delayMs, resolve))
      // Another number may have been asked for meanwhile: only as many as are still wanted become ready.
      ready = Math.min(n, desired)
      report()
    },
    async close() {
      closed = true
      ;[desired, ready] = [0, 0]
      report()
    },
  }
}
