// An HPA decision in words and numbers: the lines of the why? card and the sentence above them. No arithmetic of its
// own beyond printing: what it says is what the rule computed.

import type { DecisionStep } from "../../../telemetry/events.js"
import { amount, figure, words } from "../../options.js"
import type { HpaSpec } from "../hpa.js"
import type { Normalized, RatePolicy, ScalingRules } from "./behavior.js"

export interface HpaFacts {
  readonly spec: HpaSpec
  readonly current: number
  readonly ready: number
  readonly value: number
  readonly wanted: number
  /** The value was close enough to the target to be left alone. */
  readonly within: boolean
  readonly normalized: Normalized
}

export function hpaSteps(facts: HpaFacts): DecisionStep[] {
  const { spec, ready, value, wanted, normalized } = facts
  const { metric } = spec
  const rated = afterRate(facts)
  const step = (name: DecisionStep["name"], rule: string, out: string, limited = false) => ({
    name,
    rule,
    out,
    limited,
  })
  return [
    step("Measured", `${metric.words}, ${ready} ready`, amount(value, metric.unit)),
    step("Target", targetRule(facts), amount(spec.target, metric.unit)),
    step("Wanted", wantedRule(facts), String(wanted)),
    step("Stabilise", stabiliseRule(facts), String(normalized.stabilized), normalized.stabilized !== wanted),
    step("Rate", rateRule(facts), String(rated), rated !== normalized.stabilized),
    step("Bounds", boundsRule(facts), String(normalized.replicas), normalized.replicas !== rated),
  ]
}

/** One sentence: what was measured, what the rule wanted, and what changed that. */
export function hpaReason(facts: HpaFacts): string {
  const { spec, current, value, wanted, within, normalized } = facts
  const { metric, target } = spec
  const against =
    metric.of === "total"
      ? `a target of ${amount(target, metric.unit)} a worker`
      : `a target of ${amount(target, metric.unit)}`
  const measured = `${metric.words} was ${amount(value, metric.unit)} against ${against}`
  if (within && normalized.replicas === current)
    return `${measured}, within the tolerance, so ${current} stays.`
  const clauses = [
    within
      ? `${measured}, so the policy asked to stay at ${wanted}`
      : `${measured}, so the policy asked for ${wanted}`,
  ]
  const rated = afterRate(facts)
  if (normalized.stabilized !== wanted) clauses.push(`stabilisation ${made(wanted, normalized.stabilized)}`)
  if (rated !== normalized.stabilized) clauses.push(`the rate limit ${made(normalized.stabilized, rated)}`)
  if (normalized.replicas !== rated) clauses.push(`the bound ${made(rated, normalized.replicas)}`)
  if (clauses.length === 1) return `${clauses[0]}.`
  return `${clauses.slice(0, -1).join(", ")} and ${clauses.at(-1)}.`
}

function made(before: number, after: number): string {
  return after < before ? `cut that to ${after}` : `held that at ${after}`
}

/** The count after the rate limit and before the bounds. */
function afterRate({ current, normalized }: HpaFacts): number {
  const { stabilized, rateLimit } = normalized
  if (rateLimit === undefined) return stabilized
  return stabilized > current ? Math.min(stabilized, rateLimit) : Math.max(stabilized, rateLimit)
}

function targetRule({ spec, value }: HpaFacts): string {
  const { target, tolerance, metric } = spec
  const above = value >= target
  const share = above ? tolerance.up : tolerance.down
  const edge = amount(target * (above ? 1 + share : 1 - share), metric.unit)
  return `tolerance ± ${figure(share * 100)} % (acts ${above ? "above" : "below"} ${edge})`
}

function wantedRule({ spec, ready, value, within }: HpaFacts): string {
  if (within) return "within the tolerance: as it is"
  const total = `${figure(value)} / ${figure(spec.target)}`
  return spec.metric.of === "total" ? `⌈ ${total} ⌉` : `⌈ ${ready} × ${total} ⌉`
}

function stabiliseRule({ spec, current, wanted, normalized }: HpaFacts): string {
  if (wanted === current && normalized.stabilized === wanted) return "nothing to change"
  const up = wanted > current
  const window = spec.behavior ? spec.behavior[up ? "up" : "down"].window : up ? 0 : spec.downWindow
  const since = normalized.decidedBy ? `, the one of ${timeOf(normalized.decidedBy.t)}` : ""
  if (window === 0 && since === "") return "none"
  return `${up ? "lowest" : "highest"} wish in ${words(window)}${since}`
}

function rateRule({ spec, current, normalized }: HpaFacts): string {
  const { stabilized, rateLimit } = normalized
  if (stabilized === current || rateLimit === undefined)
    return stabilized < current ? "no limit" : "nothing to change"
  const up = stabilized > current
  const most = `at ${up ? "most" : "least"} ${rateLimit}`
  if (!spec.behavior) return `double, or to 4 → ${most}`
  const rules = spec.behavior[up ? "up" : "down"]
  if (rules.select === "Disabled") return `scaling ${up ? "up" : "down"} is disabled`
  return `${ratesOf(rules, up ? "+" : "−")} → ${most}`
}

function ratesOf({ policies, select }: ScalingRules, sign: string): string {
  const rates = policies.map(policy => `${sign}${rateOf(policy)}`)
  const periods = new Set(policies.map(policy => policy.period))
  const joined =
    periods.size === 1
      ? `${rates.join(" or ")} per ${words(policies[0]!.period)}`
      : policies.map((policy, i) => `${rates[i]} per ${words(policy.period)}`).join(" or ")
  return select === "Min" && policies.length > 1 ? `the smaller of ${joined}` : joined
}

function rateOf({ type, value }: RatePolicy): string {
  return type === "Percent" ? `${figure(value)} %` : figure(value)
}

function boundsRule({ spec, normalized, current }: HpaFacts): string {
  const { min, max } = spec
  if (normalized.replicas === max && normalized.stabilized >= max && current <= max) return `max ${max}`
  if (normalized.replicas === min && normalized.stabilized <= min) return `min ${min}`
  return `${min} to ${max}`
}

function timeOf(ms: number): string {
  const time = new Date(ms)
  return [time.getHours(), time.getMinutes(), time.getSeconds()]
    .map(part => String(part).padStart(2, "0"))
    .join(":")
}
