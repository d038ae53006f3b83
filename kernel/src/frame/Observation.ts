// Numbers about rows that pass a point of a plan, told after a run: `observe(observation, { rows: count() })`. The engine
// delivers them by name; they wait here for whoever asks. Not telemetry: these are the user's own.

import { randomUUID } from "node:crypto"

export type Observed = Readonly<Record<string, unknown>>

const waiting = new Map<string, WeakRef<Observation>>()

export class Observation {
  readonly name: string
  #values: Observed | undefined
  #resolve: ((values: Observed) => void) | undefined
  readonly #first = new Promise<Observed>(done => {
    this.#resolve = done
  })

  constructor(name = "observation") {
    this.name = `${name}-${randomUUID().slice(0, 8)}`
    waiting.set(this.name, new WeakRef(this))
  }

  /** The numbers of the last run; waits for the first one. */
  get(): Promise<Observed> {
    return this.#values === undefined ? this.#first : Promise.resolve(this.#values)
  }

  /** Engines call it after a run. */
  static deliver(name: string, values: Observed): void {
    const observation = waiting.get(name)?.deref()
    if (observation === undefined) return
    observation.#values = values
    observation.#resolve?.(values)
  }
}
