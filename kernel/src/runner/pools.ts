// Worker pools as a cell sees them: `workers()` makes a pool that knows the notebook's names, and `pool.autoscale` puts it
// under a policy. The one place where scale and driver meet.

import { type PoolOptions, type PoolPlace, WorkerPool } from "../driver/pool/WorkerPool.js"
import { fail } from "../errors.js"
import { type AutoscaleOptions, autoscale, type Loop } from "../scale/loop.js"
import type { Policy } from "../scale/Policy.js"
import { notebookScope } from "./child/notebookScope.js"
import { kernelCopies } from "./kernelCopies.js"
import * as portableFrame from "./portableFrame.js"
import * as portableModel from "./portableModel.js"

/**
 * Starts a pool of processes on this machine and resolves when `min` of them are ready.
 * @throws POOL_START when they do not come.
 * @example const pool = await workers({ min: 1, max: 4 })
 */
export async function workers(options: PoolOptions = {}): Promise<Pool> {
  const pool = new Pool(options, place())
  await pool.scaleTo(pool.bounds.min)
  return pool
}

export class Pool extends WorkerPool {
  #loop: Loop | undefined

  /**
   * Lets `policy` decide how many workers there are, from now until `stop()`, `close()` or another call. The policy's
   * bounds must lie within the pool's.
   */
  autoscale(policy: Policy, options: AutoscaleOptions = {}): Loop {
    this.#checkBounds(policy)
    this.#loop?.stop()
    this.#loop = autoscale(this, policy, options)
    return this.#loop
  }

  override async close(): Promise<void> {
    this.#loop?.stop()
    await super.close()
  }

  #checkBounds({ name, bounds }: Policy): void {
    const { min, max } = this.bounds
    const [where, fix] = [`${this.name}.autoscale`, "Make the pool with other bounds, or the policy."]
    const value = (mine: number, its: number) => `${its}, and the pool allows ${mine}`
    if (bounds.max > max)
      throw fail("BAD_VALUE", { where, name: `max of ${name}`, value: value(max, bounds.max), fix })
    if (bounds.min < min)
      throw fail("BAD_VALUE", { where, name: `min of ${name}`, value: value(min, bounds.min), fix })
  }
}

function place(): PoolPlace {
  const baseDir = process.cwd()
  return {
    setup: { baseDir, overrides: kernelCopies(baseDir) },
    scope: notebookScope,
    portables: [
      { ...portableModel, module: fileOf("./portableModel.js") },
      { ...portableFrame, module: fileOf("./portableFrame.js") },
    ],
  }
}

function fileOf(relative: string): string {
  return new URL(relative, import.meta.url).href
}
