// How many replicas a Kubernetes HPA v2 asks for before stabilisation and limits: the arithmetic of upstream's
// replica calculator, for each kind of metric. Not the policy and not a metrics client: samples and ages come in.
// Equal to k8s.io/kubernetes v1.37.2 on 10,000 recorded cases (test/vectors/hpa_replicas.json.gz), errors included.
// Amounts are integers in thousandths (milli-units), as upstream's are; utilisation targets are percent.

import { groupPods, type Pod, type PodReadiness, readyPods, type StandingPod } from "./pods.js"

/** Below `1 - down` or above `1 + up` of the target, the HPA acts. */
export interface Tolerance {
  readonly up: number
  readonly down: number
}

/** `usage` is percent for utilisation and milli-units otherwise; `raw` is the milli-unit average behind a percentage. */
export interface Replicas {
  readonly replicas: number
  readonly usage: number
  readonly raw: number
}

/** Why there is no answer; the HPA then leaves the count alone. */
export type ReplicasError = "nopods" | "nometrics" | "norequest" | "nomatch"

interface PodQuestion extends PodReadiness {
  readonly current: number
  readonly target: number
  readonly tolerance: Tolerance
  readonly pods: readonly Pod[]
}

interface ValueQuestion {
  readonly current: number
  readonly target: number
  readonly tolerance: Tolerance
  /** One value (Object) or several to add up (External). */
  readonly values: readonly number[]
}

/** True when a usage ratio is close enough to 1 to leave the count alone. */
export function isWithin(ratio: number, tolerance: Tolerance): boolean {
  return 1 - tolerance.down <= ratio && ratio <= 1 + tolerance.up
}

/** `Resource` metric with a utilisation target: percent of what the pods request. */
export function fromUtilization(question: PodQuestion): Replicas | ReplicasError {
  const { pods, target } = question
  const groups = groupPods(pods, question)
  if (pods.length === 0) return "nopods"
  if (groups.ready.length === 0) return "nometrics"
  if (pods.some(pod => pod.request === undefined)) return "norequest"
  const measured = utilization(groups.ready.map(usageAndRequest), target)
  if (measured === undefined) return "nomatch"

  const fill = (ratio: number): Sample[] => {
    const filled = groups.ready.map(usageAndRequest)
    if (ratio < 1) filled.push(...groups.missing.map(pod => atShare(pod, Math.max(100, target))))
    else if (ratio > 1) filled.push(...groups.missing.map(pod => atShare(pod, 0)))
    if (ratio > 1) filled.push(...groups.unready.map(pod => atShare(pod, 0)))
    return filled
  }
  const again = (samples: readonly Sample[]) => utilization(samples, target)?.ratio
  const replicas = settle(question, groups, measured.ratio, fill, again)
  return replicas === undefined ? "nomatch" : { replicas, usage: measured.percent, raw: measured.raw }
}

/** `Resource` with an average value, and `Pods`: the average of what each pod shows, against a plain number. */
export function fromPodValues(question: PodQuestion): Replicas | ReplicasError {
  const { pods, target } = question
  const groups = groupPods(pods, question)
  if (pods.length === 0) return "nopods"
  if (groups.ready.length === 0) return "nometrics"
  const average = (values: readonly number[]) => Math.trunc(sum(values) / values.length)
  const values = groups.ready.map(pod => pod.sample.value)
  const usage = average(values)

  const fill = (ratio: number): number[] => {
    const filled = [...values, ...groups.missing.map(() => (ratio < 1 ? target : 0))]
    return ratio > 1 ? [...filled, ...groups.unready.map(() => 0)] : filled
  }
  const again = (filled: readonly number[]) => average(filled) / target
  const replicas = settle(question, groups, usage / target, fill, again)
  return replicas === undefined ? "nomatch" : { replicas, usage, raw: 0 }
}

/** `Object` and `External` with a value target: the ratio times the ready pods. */
export function fromValue(question: ValueQuestion, pods: readonly StandingPod[]): Replicas | ReplicasError {
  if (question.current !== 0 && pods.length === 0) return "nopods"
  return fromReady(question, readyPods(pods))
}

/** The same when the number of ready pods is known. */
export function fromReady(question: ValueQuestion, ready: number): Replicas {
  const { current, target, tolerance, values } = question
  const usage = sum(values)
  const ratio = usage / target
  if (current === 0) return { replicas: Math.ceil(ratio), usage, raw: 0 }
  return { replicas: isWithin(ratio, tolerance) ? current : Math.ceil(ratio * ready), usage, raw: 0 }
}

/** `Object` and `External` with an average-value target: a total shared out over the replicas. */
export function fromTotal(question: ValueQuestion): Replicas {
  const { current, target, tolerance, values } = question
  const total = sum(values)
  const ratio = total / (target * current)
  const replicas = isWithin(ratio, tolerance) ? current : Math.ceil(total / target)
  return { replicas, usage: Math.ceil(total / current), raw: 0 }
}

/**
 * The rule that keeps pods without a usable sample from moving the count the wrong way: they are filled in with what
 * argues against the direction of the change, and when that turns the direction round, nothing happens.
 */
function settle<S>(
  { current, tolerance }: PodQuestion,
  groups: ReturnType<typeof groupPods>,
  ratio: number,
  fill: (ratio: number) => readonly S[],
  ratioOf: (samples: readonly S[]) => number | undefined,
): number | undefined {
  const growsPastUnready = groups.unready.length > 0 && ratio > 1
  if (!growsPastUnready && groups.missing.length === 0) {
    return isWithin(ratio, tolerance) ? current : Math.ceil(ratio * groups.ready.length)
  }
  const samples = fill(ratio)
  const filled = ratioOf(samples)
  if (filled === undefined) return undefined
  const turned = (ratio < 1 && filled > 1) || (ratio > 1 && filled < 1)
  if (turned || isWithin(filled, tolerance)) return current
  const replicas = Math.ceil(filled * samples.length)
  const contradicts = (filled < 1 && replicas > current) || (filled > 1 && replicas < current)
  return contradicts ? current : replicas
}

interface Sample {
  readonly value: number
  readonly request: number
}

function usageAndRequest(pod: Pod & { sample: { value: number } }): Sample {
  return { value: pod.sample.value, request: pod.request! }
}

function atShare(pod: Pod, percent: number): Sample {
  return { value: Math.trunc((pod.request! * percent) / 100), request: pod.request! }
}

function utilization(samples: readonly Sample[], target: number) {
  const used = sum(samples.map(sample => sample.value))
  const requested = sum(samples.map(sample => sample.request))
  if (requested === 0) return undefined
  const percent = Math.trunc((used * 100) / requested)
  return { ratio: percent / target, percent, raw: Math.trunc(used / samples.length) }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
