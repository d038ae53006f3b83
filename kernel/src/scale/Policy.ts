// The seam of scaling: a policy turns what was observed into a decision. It is pure: no clock, no I/O, no memory of its
// own; state and time come in, the next state goes out as plain data, so the same object serves a live loop, a dry run
// and a replay. Not the loop (loop.ts) and not what carries decisions out (a ScaleTarget). A state assumes that its
// decision is carried out. `policies/` holds one file a policy; policies/registry.ts lists them. Doubles are not needed.

import type { DecisionInput, DecisionStep } from "../telemetry/events.js"

export interface Policy<State = unknown> {
  /** As in the registry: `hpa`. */
  readonly name: string
  /** For people: `HPA v2`. */
  readonly title: string
  /** Names of the metrics it reads. */
  readonly metrics: readonly string[]
  /** It never asks for less or more, whatever is measured. */
  readonly bounds: Bounds
  /** The state of a policy that sees `observed` for the first time. */
  initial(observed: Observed, now: number): State
  /** `now` is ms on the caller's clock and must not go back. */
  decide(state: State, observed: Observed, now: number): Decision<State>
}

export interface Bounds {
  readonly min: number
  readonly max: number
}

export interface Observed {
  /** The count that was last asked for. */
  readonly replicas: number
  /** How many of them work already; all when not given. */
  readonly ready?: number
  /** Metric name to its value; a metric without a value is left out. */
  readonly metrics: Readonly<Record<string, number>>
}

export interface Decision<State = unknown> {
  readonly from: number
  readonly to: number
  /** Before stabilisation, rate and bounds. */
  readonly wanted: number
  /** One sentence. */
  readonly reason: string
  readonly inputs: readonly DecisionInput[]
  /** What each part of the rule did, in order; `limited` marks the ones that changed the answer. */
  readonly steps: readonly DecisionStep[]
  readonly state: State
}
