// Processes that train together, as a training sees them: who this one is, and vectors that are added up or handed out.
// Calls block, and every process makes the same ones in the same order. `mpi.ts` is the real one; `alone` is the double,
// a world of one process.

import type { Exchange } from "./SplitStep.js"

export interface Communicator extends Exchange {
  /** From 0. */
  readonly rank: number
  readonly size: number
  /** True where each computes the whole batch with the same random numbers. */
  readonly drawsAlike?: boolean
  /** What rank 0 has, to all others, in place. */
  broadcast(values: Float32Array): void
  /** Returns when all have called it. */
  barrier(): void
}

export const alone: Communicator = { rank: 0, size: 1, sum() {}, broadcast() {}, barrier() {} }
