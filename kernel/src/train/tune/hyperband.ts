// Hyperband's plan (Li and others 2018, algorithm 1): brackets that begin with many trials of few epochs or with few of many,
// each halved again and again by what was found. Pure: who runs the trials is tune.ts.

export interface Rung {
  /** Trials that run. */
  readonly trials: number
  /** Epochs that each has had at its end. */
  readonly epochs: number
}

/** Rungs of each bracket, from the most exploring one to the one that runs every trial in full. */
export function brackets(epochs: number, eta: number): Rung[][] {
  // One epoch is the least that tells anything.
  let most = 0
  while (eta ** (most + 1) <= epochs) most++
  const plan: Rung[][] = []
  for (let s = most; s >= 0; s--) {
    const trials = Math.ceil(((most + 1) / (s + 1)) * eta ** s)
    plan.push(
      Array.from({ length: s + 1 }, (_, i) => ({
        trials: Math.max(1, Math.floor(trials / eta ** i)),
        epochs: Math.max(1, Math.round(epochs / eta ** (s - i))),
      })),
    )
  }
  return plan
}
