// The Kubernetes Horizontal Pod Autoscaler (v2) as a policy over one metric: the wish (hpa/replicas.ts), then
// stabilisation, rate and bounds (hpa/behavior.ts), then the words for the why? card. Not several metrics yet.

import { checkOptions } from "../../errors.js"
import type { DecisionStep } from "../../telemetry/events.js"
import { findMetric, type Metric, type MetricName } from "../metrics.js"
import { bad, bounds, type Duration, milliseconds, notNegative, positive } from "../options.js"
import type { Bounds, Decision, Observed, Policy } from "../Policy.js"
import {
  type Behavior,
  type BehaviorState,
  initialState,
  type Limits,
  normalize,
  type RatePolicy,
  type ScalingRules,
} from "./hpa/behavior.js"
import { fromReady, fromTotal, isWithin, type Tolerance } from "./hpa/replicas.js"
import { hpaReason, hpaSteps } from "./hpa/words.js"

export interface HpaOptions {
  /** `backlogPerWorker`, `queue`, `cpu` (percent), or a name given to `scale.metric`. */
  readonly metric: MetricName
  /** What one worker should show (per-worker metrics), or carry (totals such as `queue`). Above 0. */
  readonly target: number
  /** Default 1. */
  readonly min?: number
  readonly max: number
  /** Share of the target that is left alone, default 0.1. */
  readonly tolerance?: number
  /** Giving one of the two brings Kubernetes' defaults for what is left out: up without a window, at most the larger of
   *  +4 and +100 % in 15 s; down by the highest wish of 5 minutes, at most 100 % in 15 s. Giving neither means
   *  Kubernetes' older rules: a 5 minute window down, and up to at most max(2 x current, 4) at a time. */
  readonly scaleUp?: HpaRules
  readonly scaleDown?: HpaRules
}

export interface HpaRules {
  /** Scale up by the lowest, down by the highest wish of this long. */
  readonly stabilization?: Duration
  readonly policies?: readonly HpaRate[]
  /** Which of `policies` counts: the one that allows the largest change (default), the smallest, or no change at all. */
  readonly select?: "max" | "min" | "disabled"
  readonly tolerance?: number
}

/** At most so many workers, or percent of those at the period's start, in a period. */
export type HpaRate =
  | { readonly workers: number; readonly per: Duration }
  | { readonly percent: number; readonly per: Duration }

/** All that the rule needs, checked and in milliseconds. */
export interface HpaSpec extends Limits {
  readonly metric: Metric
  readonly target: number
  readonly tolerance: Tolerance
}

const defaultWindow = 300_000
const hundredPercent: RatePolicy = { type: "Percent", value: 100, period: 15_000 }
const defaultUp: ScalingRules = {
  window: 0,
  select: "Max",
  policies: [{ type: "Pods", value: 4, period: 15_000 }, hundredPercent],
}
const defaultDown: ScalingRules = { window: defaultWindow, select: "Max", policies: [hundredPercent] }
const selects = { max: "Max", min: "Min", disabled: "Disabled" } as const

/**
 * Kubernetes' Horizontal Pod Autoscaler v2.
 * @example scale.hpa({ metric: "backlogPerWorker", target: 8, min: 1, max: 4, scaleDown: { stabilization: "30s" } })
 */
export function hpa(options: HpaOptions): Policy<BehaviorState> {
  const spec = specOf(options)
  return {
    name: "hpa",
    title: "HPA v2",
    metrics: [spec.metric.name],
    bounds: { min: spec.min, max: spec.max },
    initial: (observed, now) => initialState(observed.replicas, now),
    decide: (state, observed, now) => decide(spec, state, observed, now),
  }
}

function decide(spec: HpaSpec, state: BehaviorState, seen: Observed, now: number): Decision<BehaviorState> {
  const current = seen.replicas
  if (current < spec.min || current > spec.max) return intoBounds(spec, state, current)
  const { metric, target, tolerance } = spec
  const value = seen.metrics[metric.name]
  const ready = seen.ready ?? current
  if (value === undefined || !Number.isFinite(value))
    return hold(state, current, `There is no value of ${metric.name}, so the count stays at ${current}.`)
  if (ready === 0) return hold(state, current, `No worker is ready yet, so the count stays at ${current}.`)

  const question = { current, target, tolerance, values: [value] }
  const wanted = (metric.of === "total" ? fromTotal(question) : fromReady(question, ready)).replicas
  const ratio = metric.of === "total" ? value / (target * current) : value / target
  const normalized = normalize(state, current, wanted, spec, now)
  const facts = { spec, current, ready, value, wanted, within: isWithin(ratio, tolerance), normalized }
  return {
    from: current,
    to: normalized.replicas,
    wanted,
    reason: hpaReason(facts),
    inputs: [{ name: metric.name, value, unit: metric.unit }],
    steps: hpaSteps(facts),
    state: normalized.state,
  }
}

/** A count that somebody set outside the bounds is brought back at once, without looking at the metric. */
function intoBounds(spec: Bounds, state: BehaviorState, current: number): Decision<BehaviorState> {
  const [to, bound] = current < spec.min ? [spec.min, `min ${spec.min}`] : [spec.max, `max ${spec.max}`]
  const steps: DecisionStep[] = [{ name: "Bounds", rule: bound, out: String(to), limited: true }]
  const reason = `There were ${current} workers, outside ${spec.min} to ${spec.max}, so the count goes to ${to}.`
  return { from: current, to, wanted: current, reason, inputs: [], steps, state }
}

function hold(state: BehaviorState, current: number, reason: string): Decision<BehaviorState> {
  const steps: DecisionStep[] = [{ name: "Measured", rule: reason, out: "-", limited: true }]
  return { from: current, to: current, wanted: current, reason, inputs: [], steps, state }
}

function specOf(options: HpaOptions): HpaSpec {
  const where = "scale.hpa"
  checkOptions(where, options, ["metric", "target", "min", "max", "tolerance", "scaleUp", "scaleDown"])
  const { scaleUp, scaleDown, min = 1, max } = options
  const tolerance = notNegative(where, "tolerance", options.tolerance ?? 0.1)
  const behavior: Behavior | undefined =
    scaleUp || scaleDown
      ? { up: rulesOf("scaleUp", scaleUp, defaultUp), down: rulesOf("scaleDown", scaleDown, defaultDown) }
      : undefined
  return {
    ...bounds(where, min, max),
    metric: findMetric(options.metric),
    target: positive(where, "target", options.target),
    tolerance: {
      up: notNegative(where, "scaleUp.tolerance", scaleUp?.tolerance ?? tolerance),
      down: notNegative(where, "scaleDown.tolerance", scaleDown?.tolerance ?? tolerance),
    },
    behavior,
    downWindow: defaultWindow,
  }
}

function rulesOf(name: string, rules: HpaRules | undefined, defaults: ScalingRules): ScalingRules {
  if (rules === undefined) return defaults
  const where = `scale.hpa({ ${name} })`
  checkOptions(where, rules, ["stabilization", "policies", "select", "tolerance"])
  const { stabilization, policies, select = "max" } = rules
  if (!Object.hasOwn(selects, select)) throw bad(where, "select", select, 'Give "max", "min" or "disabled".')
  if (policies?.length === 0)
    throw bad(where, "policies", "empty", 'Leave it out, or say `select: "disabled"` to forbid the change.')
  return {
    window:
      stabilization === undefined ? defaults.window : milliseconds(where, "stabilization", stabilization),
    select: selects[select],
    policies: policies?.map(rate => rateOf(where, rate)) ?? defaults.policies,
  }
}

function rateOf(where: string, rate: HpaRate): RatePolicy {
  checkOptions(`${where} policies`, rate, ["workers", "percent", "per"])
  const period = milliseconds(where, "per", rate.per, 1)
  return "workers" in rate
    ? { type: "Pods", value: positive(where, "workers", rate.workers), period }
    : { type: "Percent", value: positive(where, "percent", rate.percent), period }
}
