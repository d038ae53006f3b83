// When a training has stopped getting better: the log that counts, and for how many epochs it may stand still. A run that
// goes on from a checkpoint knows the epochs before.

import { fail } from "../errors.js"

export interface EarlyStopOptions {
  /** Default `val_loss` with validation, else `loss`. Accuracies grow, everything else shrinks. */
  readonly monitor?: string
  /** Epochs without a better value; default 1. */
  readonly patience?: number
  /** What counts as better; default 0. */
  readonly minDelta?: number
}

export class EarlyStop {
  stopped = false
  private best: number | undefined
  private since = 0

  constructor(
    private readonly options: EarlyStopOptions | undefined,
    /** Of the epochs before a run that goes on. */
    history: Readonly<Record<string, readonly number[]>>,
  ) {
    const logs = Object.entries(history)
    for (let epoch = 0; epoch < (history.loss?.length ?? 0); epoch++)
      this.isOver(Object.fromEntries(logs.map(([name, values]) => [name, values[epoch]!])))
  }

  isOver(logs: Readonly<Record<string, number>>): boolean {
    const { options } = this
    if (options === undefined) return false
    const monitor = options.monitor ?? (logs.val_loss === undefined ? "loss" : "val_loss")
    const value = logs[monitor]
    if (value === undefined) {
      const fix = `Known here: ${Object.keys(logs).join(", ")}.`
      throw fail("BAD_VALUE", { where: "train", name: "earlyStop.monitor", value: monitor, fix })
    }
    // Accuracies grow, losses shrink.
    const signed = /acc/i.test(monitor) ? -value : value
    if (this.best === undefined || signed < this.best - (options.minDelta ?? 0)) {
      this.best = signed
      this.since = 0
    } else this.since++
    this.stopped = this.since >= (options.patience ?? 1)
    return this.stopped
  }
}
