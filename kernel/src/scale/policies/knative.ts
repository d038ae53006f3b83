// Knative's pod autoscaler (KPA) as a policy over one metric: the load goes into a stable and a panic window
// (knative/window.ts), the rule (knative/kpa.ts) reads their averages, then bounds and words. It keeps at least one
// worker, because nothing here holds work back while a pool at zero wakes up, as Knative's activator does.

import { checkOptions } from "../../errors.js"
import type { DecisionStep } from "../../telemetry/events.js"
import { findMetric, type Metric, type MetricName } from "../metrics.js"
import { amount, bad, bounds, type Duration, figure, milliseconds, positive, words } from "../options.js"
import type { Bounds, Decision, Observed, Policy } from "../Policy.js"
import { initialKpa, type KpaAnswer, type KpaSpec, type KpaState, kpa } from "./knative/kpa.js"
import { average, emptyWindow, record, type Window } from "./knative/window.js"

export interface KnativeOptions {
  /** Load one worker can carry. Above 0. */
  readonly target: number
  /** Default `backlogPerWorker`. */
  readonly metric?: MetricName
  /** Share of `target` to aim for, default 0.7. */
  readonly utilization?: number
  /** Default 1. */
  readonly min?: number
  /** Default none. */
  readonly max?: number
  /** Default 60 s; at least 6 s. */
  readonly stableWindow?: Duration
  /** Share of the stable window that the panic window covers, default 0.1; it is at least one second long. */
  readonly panicWindow?: number
  /** Panic when the panic window wants this many times the workers, default 2. */
  readonly panicThreshold?: number
  /** Largest factor of growth and of shrinking in one decision, default 1000 and 2. */
  readonly maxUp?: number
  readonly maxDown?: number
  /** Shrink only to the largest wish of this long, default 0. */
  readonly scaleDownDelay?: Duration
}

export interface KnativeState {
  readonly kpa: KpaState
  readonly stable: Window
  readonly panic: Window
}

interface Spec extends Bounds {
  readonly metric: Metric
  readonly rule: KpaSpec
  readonly panicWindow: number
}

/**
 * Knative's autoscaler.
 * @example pool.autoscale(policy, { dryRun: [scale.knative({ target: 8 })] })
 */
export function knative(options: KnativeOptions): Policy<KnativeState> {
  const spec = specOf(options)
  return {
    name: "knative",
    title: "Knative KPA",
    metrics: [spec.metric.name],
    bounds: { min: spec.min, max: spec.max },
    initial: ({ replicas, ready = replicas }, now) => ({
      kpa: initialKpa(ready, now),
      stable: emptyWindow(spec.rule.stableWindow),
      panic: emptyWindow(spec.panicWindow),
    }),
    decide: (state, observed, now) => decide(spec, state, observed, now),
  }
}

function decide(spec: Spec, state: KnativeState, seen: Observed, now: number): Decision<KnativeState> {
  const { metric, rule } = spec
  const current = seen.replicas
  const ready = seen.ready ?? current
  const value = seen.metrics[metric.name]
  if (value === undefined || !Number.isFinite(value)) {
    const reason = `There is no value of ${metric.name}, so the count stays at ${current}.`
    const steps: DecisionStep[] = [{ name: "Measured", rule: reason, out: "-", limited: true }]
    return { from: current, to: current, wanted: current, reason, inputs: [], steps, state }
  }
  const load = metric.of === "total" ? value : value * ready
  const stable = record(state.stable, now, load)
  const panic = record(state.panic, now, load)
  const averages = { stable: average(stable, now), panic: average(panic, now) }
  const answer = kpa(rule, state.kpa, { ready, ...averages }, now)
  const to = Math.min(Math.max(answer.desired, spec.min), spec.max)
  const wanted =
    answer.state.panicSince === undefined ? answer.stable.raw : Math.max(answer.stable.raw, answer.panic.raw)
  return {
    from: current,
    to,
    wanted,
    reason: reasonOf(spec, averages, answer, wanted, to),
    inputs: [{ name: metric.name, value, unit: metric.unit }],
    steps: stepsOf(spec, averages, answer, wanted, to),
    state: { kpa: answer.state, stable, panic },
  }
}

type Averages = { readonly stable: number; readonly panic: number }

function stepsOf(spec: Spec, load: Averages, answer: KpaAnswer, wanted: number, to: number): DecisionStep[] {
  const { rule, metric } = spec
  const panics = answer.state.panicSince !== undefined
  const leading = panics && load.panic > load.stable ? load.panic : load.stable
  const rated = panics ? Math.max(answer.stable.limited, answer.panic.limited) : answer.stable.limited
  const windows = `${metric.words} × workers, mean of ${words(rule.stableWindow)}; of ${words(spec.panicWindow)} ${figure(load.panic)}`
  const step = (name: DecisionStep["name"], text: string, out: number, limited = false): DecisionStep => ({
    name,
    rule: text,
    out: String(out),
    limited,
  })
  const held = panics ? "panic: never down" : `largest wish in ${words(rule.scaleDownDelay)}`
  return [
    { name: "Measured", rule: windows, out: amount(load.stable, metric.unit), limited: false },
    {
      name: "Target",
      rule: `${figure((rule.target / rule.total) * 100)} % of ${figure(rule.total)}`,
      out: amount(rule.target, metric.unit),
      limited: false,
    },
    step("Wanted", `⌈ ${figure(leading)} / ${figure(rule.target)} ⌉`, wanted),
    step("Rate", `${answer.floor} to ${answer.ceiling} in one step`, rated, rated !== wanted),
    step("Stabilise", held, answer.desired, answer.desired !== rated),
    step(
      "Bounds",
      spec.max === Number.POSITIVE_INFINITY ? `min ${spec.min}` : `${spec.min} to ${spec.max}`,
      to,
      to !== answer.desired,
    ),
  ]
}

function reasonOf(spec: Spec, load: Averages, answer: KpaAnswer, wanted: number, to: number): string {
  const panics = answer.state.panicSince !== undefined
  const asked =
    `The load over ${words(spec.rule.stableWindow)} was ${figure(load.stable)} against ${figure(spec.rule.target)} a worker` +
    `${panics ? ` (${figure(load.panic)} over ${words(spec.panicWindow)}, in panic)` : ""}, so the policy asked for ${wanted}`
  return to === wanted ? `${asked}.` : `${asked} and its limits made that ${to}.`
}

const known = [
  "target",
  "metric",
  "utilization",
  "min",
  "max",
  "stableWindow",
  "panicWindow",
  "panicThreshold",
  "maxUp",
  "maxDown",
  "scaleDownDelay",
]

function specOf(options: KnativeOptions): Spec {
  const where = "scale.knative"
  checkOptions(where, options, known)
  const total = positive(where, "target", options.target)
  const utilization = positive(where, "utilization", options.utilization ?? 0.7)
  if (utilization > 1) throw bad(where, "utilization", utilization, "Give a share above 0 and at most 1.")
  const stableWindow = milliseconds(where, "stableWindow", options.stableWindow ?? "60s", 6000)
  const share = positive(where, "panicWindow", options.panicWindow ?? 0.1)
  if (share > 1)
    throw bad(where, "panicWindow", share, "Give a share of the stable window, above 0 and at most 1.")
  const maxUp = options.maxUp ?? 1000
  const maxDown = options.maxDown ?? 2
  for (const [name, factor] of [
    ["maxUp", maxUp],
    ["maxDown", maxDown],
  ] as const)
    if (!(positive(where, name, factor) > 1)) throw bad(where, name, factor, "Give a factor above 1.")
  return {
    ...bounds(where, options.min ?? 1, options.max ?? Number.POSITIVE_INFINITY),
    metric: findMetric(options.metric ?? "backlogPerWorker"),
    panicWindow: Math.max(1000, stableWindow * share),
    rule: {
      target: Math.max(0.01, total * utilization),
      total,
      burstCapacity: 0,
      maxUp,
      maxDown,
      panicThreshold: positive(where, "panicThreshold", options.panicThreshold ?? 2),
      stableWindow,
      scaleDownDelay: milliseconds(where, "scaleDownDelay", options.scaleDownDelay ?? 0),
      reachable: true,
      activationScale: 1,
    },
  }
}
