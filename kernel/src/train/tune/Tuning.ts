// What a search found: every trial with its parameters, its value and how far it came, best first; shown as a table.

import { displaySymbol, type MimeBundle, tableBundle } from "../../display.js"
import { short } from "../TrainRun.js"

export interface Trial<P = Readonly<Record<string, unknown>>> {
  /** From 1, in the order of the draws. */
  readonly id: number
  readonly params: P
  /** What the objective gave last; undefined when it failed. */
  readonly value: number | undefined
  /** Epochs that it was given in all. */
  readonly epochs: number
  /** `stopped`: others were better, so it got no more epochs. */
  readonly status: "done" | "stopped" | "failed"
  /** Why it failed. */
  readonly error: string | undefined
  /** Of its last run. */
  readonly seconds: number
  /** Its checkpoints, where the search has a folder. */
  readonly folder: string | undefined
}

export class Tuning<P = Readonly<Record<string, unknown>>> {
  /** Best first; those that were given the most epochs before the others, failed ones last. */
  readonly trials: readonly Trial<P>[]
  /** Undefined when every trial failed. */
  readonly best: Trial<P> | undefined

  constructor(
    trials: readonly Trial<P>[],
    private readonly about: { method: string; maximize: boolean; seconds: number },
  ) {
    const sign = about.maximize ? -1 : 1
    const rank = ({ value, status }: Trial<P>) => (value === undefined ? 2 : status === "stopped" ? 1 : 0)
    this.trials = trials.toSorted(
      (a, b) => rank(a) - rank(b) || sign * ((a.value ?? 0) - (b.value ?? 0)) || a.id - b.id,
    )
    const values = this.trials.filter(({ value }) => value !== undefined)
    this.best = values[0]
  }

  [displaySymbol](): MimeBundle {
    const names = Object.keys(this.trials[0]?.params ?? {})
    const failed = this.trials.filter(({ status }) => status === "failed").length
    const { method, seconds } = this.about
    const caption =
      `${this.trials.length} trials by ${method} in ${short(seconds)} s` +
      `${failed === 0 ? "" : `, ${failed} failed`}; best: ${this.best === undefined ? "none" : textOf(this.best.params)}`
    return tableBundle({
      caption,
      columns: ["trial", ...names, "value", "epochs", "status"],
      rows: this.trials.map(({ id, params, value, epochs, status, error }) => [
        String(id),
        ...names.map(name => shown((params as Record<string, unknown>)[name])),
        value === undefined ? "" : short(value),
        String(epochs),
        error === undefined ? status : `${status}: ${error.slice(0, 80)}`,
      ]),
    })
  }
}

const shown = (value: unknown) =>
  typeof value === "number" ? short(value) : typeof value === "string" ? value : (JSON.stringify(value) ?? "")

function textOf(params: unknown): string {
  return Object.entries(params as Record<string, unknown>)
    .map(([name, value]) => `${name} ${shown(value)}`)
    .join(", ")
}
