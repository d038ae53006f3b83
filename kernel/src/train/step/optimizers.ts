// The optimizers that a step applies, as plain numbers: settings that a captured step takes for granted, and the learning
// rate, which it takes as data once that was seen to change. Found by watching a step, so any loop of the user's has them too.

/** How an optimizer stood when a step applied it. */
export interface Applied {
  readonly optimizer: object
  /** Momentum and the like by name; neither the step count, which changes by itself, nor the learning rate. */
  readonly settings: ReadonlyMap<string, unknown>
  readonly rate: number
  /** How often the step applied it. */
  times: number
}

/** Takes note of optimizers while a step is recorded. */
export class AppliedOptimizers {
  readonly list: Applied[] = []

  /** `optimizer` just applied gradients. */
  note(optimizer: object): void {
    const known = this.list.find(one => one.optimizer === optimizer)
    if (known !== undefined) known.times++
    else this.list.push({ optimizer, settings: settingsOf(optimizer), rate: rateOf(optimizer), times: 1 })
  }
}

export function rateOf(optimizer: object): number {
  return (optimizer as { learningRate?: number }).learningRate ?? Number.NaN
}

/** Counts the steps of one more replay, or of a step that failed off again. */
export function countSteps({ optimizer, times }: Applied, sign: 1 | -1 = 1): void {
  const counted = optimizer as { iterations_?: number | null }
  counted.iterations_ = (counted.iterations_ ?? 0) + sign * times
}

/** Whether the optimizer is still set as it was. */
export function isAsApplied({ optimizer, settings }: Applied): boolean {
  for (const [name, value] of settings)
    if ((optimizer as Record<string, unknown>)[name] !== value) return false
  return true
}

/** The same optimizers with the same settings, whatever their rates. */
export function sameApplied(a: readonly Applied[], b: readonly Applied[]): boolean {
  return (
    a.length === b.length &&
    a.every((one, i) => {
      const other = b[i]!
      const same = one.optimizer === other.optimizer && one.times === other.times
      return same && [...one.settings].every(([name, value]) => other.settings.get(name) === value)
    })
  )
}

function settingsOf(optimizer: object): Map<string, unknown> {
  const settings = new Map<string, unknown>()
  for (const [name, value] of Object.entries(optimizer)) {
    if (name === "iterations_" || name === "learningRate") continue
    if (typeof value === "number" || typeof value === "boolean") settings.set(name, value)
  }
  return settings
}
