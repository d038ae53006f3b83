// What a Kubernetes HPA v2 makes of a wish: stabilisation over recent wishes, rate limits over recent changes, and the
// bounds. Pure: state and time come in and the next state goes out. Not the wish itself (replicas.ts). Equal to
// k8s.io/kubernetes v1.37.2 on 24,006 recorded ticks (test/vectors/hpa_behavior.json.gz), condition reasons included.

/** How fast a direction may go: at most `value` pods, or percent of the count at the period's start, in `period` ms. */
export interface RatePolicy {
  readonly type: "Pods" | "Percent"
  readonly value: number
  readonly period: number
}

/** One direction. `window` is the stabilisation window in ms. `Max` takes the policy that allows the largest change. */
export interface ScalingRules {
  readonly window: number
  readonly select: "Max" | "Min" | "Disabled"
  readonly policies: readonly RatePolicy[]
}

export interface Behavior {
  readonly up: ScalingRules
  readonly down: ScalingRules
}

export interface Limits {
  readonly min: number
  readonly max: number
  /** Without it, upstream's older rules: highest wish of `downWindow`, and growth to at most max(2 x current, 4). */
  readonly behavior?: Behavior | undefined
  /** Stabilisation window in ms when there is no `behavior`. */
  readonly downWindow: number
}

interface Timed {
  /** ms on the caller's clock. */
  readonly t: number
}
export interface Wish extends Timed {
  readonly replicas: number
}
export interface Change extends Timed {
  readonly by: number
}

/** What must be remembered between ticks; plain data, bounded by what the windows and periods can still see. */
export interface BehaviorState {
  readonly wishes: readonly Wish[]
  readonly added: readonly Change[]
  readonly removed: readonly Change[]
}

export type AbleReason = "ReadyForNewScale" | "ScaleUpStabilized" | "ScaleDownStabilized"
export type LimitReason =
  | "DesiredWithinRange"
  | "ScaleUpLimit"
  | "ScaleDownLimit"
  | "TooManyReplicas"
  | "TooFewReplicas"

export interface Normalized {
  readonly replicas: number
  readonly able: AbleReason
  readonly limited: LimitReason
  /** After stabilisation, before rate and bounds. */
  readonly stabilized: number
  /** The furthest the rate rules allow in the direction of the change; undefined when nothing changes. */
  readonly rateLimit: number | undefined
  /** The remembered wish that decided, when stabilisation changed the answer. */
  readonly decidedBy: Wish | undefined
  readonly state: BehaviorState
}

/** Where an HPA begins: the count it finds is its first recommendation. */
export function initialState(current: number, now: number): BehaviorState {
  return { wishes: [{ t: now, replicas: current }], added: [], removed: [] }
}

/** One tick: from a wish to the count that is allowed. The state assumes that the answer is carried out. */
export function normalize(
  state: BehaviorState,
  current: number,
  wish: number,
  limits: Limits,
  now: number,
): Normalized {
  const stable = limits.behavior
    ? stabilize(state.wishes, current, wish, limits.behavior, now)
    : stabilizeDown(state.wishes, wish, now - limits.downWindow)
  const limited = limit(state, current, stable.replicas, limits, now)
  return {
    replicas: limited.replicas,
    able: stable.reason,
    limited: limited.reason,
    stabilized: stable.replicas,
    rateLimit: limited.rateLimit,
    decidedBy: stable.decidedBy,
    state: remember(state, current, wish, limited.replicas, limits, now),
  }
}

interface Stable {
  readonly replicas: number
  readonly reason: AbleReason
  readonly decidedBy: Wish | undefined
}

/** Up by the lowest wish of the up window, down by the highest of the down window; between the two nothing moves. */
function stabilize(
  wishes: readonly Wish[],
  current: number,
  wish: number,
  { up, down }: Behavior,
  now: number,
): Stable {
  const asked = { t: now, replicas: wish }
  const within = (window: number) => wishes.filter(({ t }) => t > now - window)
  const lowest = within(up.window).reduce((low, next) => (next.replicas < low.replicas ? next : low), asked)
  const highest = within(down.window).reduce(
    (top, next) => (next.replicas > top.replicas ? next : top),
    asked,
  )
  let [replicas, decidedBy]: [number, Wish | undefined] = [current, wish >= current ? lowest : highest]
  if (replicas < lowest.replicas) [replicas, decidedBy] = [lowest.replicas, lowest]
  if (replicas > highest.replicas) [replicas, decidedBy] = [highest.replicas, highest]
  if (replicas === wish) return { replicas, reason: "ReadyForNewScale", decidedBy: undefined }
  return { replicas, reason: wish >= current ? "ScaleUpStabilized" : "ScaleDownStabilized", decidedBy }
}

/** Without behaviour: the highest wish since `cutoff`, a wish exactly at it included (with behaviour it is not). */
function stabilizeDown(wishes: readonly Wish[], wish: number, cutoff: number): Stable {
  let decidedBy: Wish | undefined
  let replicas = wish
  for (const old of wishes) {
    if (old.t >= cutoff && old.replicas > replicas) [replicas, decidedBy] = [old.replicas, old]
  }
  return { replicas, reason: decidedBy ? "ScaleDownStabilized" : "ReadyForNewScale", decidedBy }
}

interface Limited {
  readonly replicas: number
  readonly reason: LimitReason
  readonly rateLimit: number | undefined
}

function limit(state: BehaviorState, current: number, wish: number, limits: Limits, now: number): Limited {
  const { min, max, behavior } = limits
  if (behavior === undefined) {
    const rateLimit = wish > current ? Math.max(2 * current, 4) : undefined
    const ceiling = Math.min(max, Math.max(2 * current, 4))
    if (wish < min) return { replicas: min, reason: "TooFewReplicas", rateLimit }
    if (wish > ceiling)
      return { replicas: ceiling, reason: ceiling < max ? "ScaleUpLimit" : "TooManyReplicas", rateLimit }
    return { replicas: wish, reason: "DesiredWithinRange", rateLimit }
  }
  if (wish > current) {
    const rateLimit = Math.max(current, upLimit(state, current, behavior.up, now))
    const ceiling = Math.min(max, rateLimit)
    if (wish > ceiling)
      return { replicas: ceiling, reason: rateLimit < max ? "ScaleUpLimit" : "TooManyReplicas", rateLimit }
    return { replicas: wish, reason: "DesiredWithinRange", rateLimit }
  }
  if (wish < current) {
    const rateLimit = Math.min(current, downLimit(state, current, behavior.down, now))
    const floor = Math.max(min, rateLimit)
    if (wish < floor)
      return { replicas: floor, reason: rateLimit > min ? "ScaleDownLimit" : "TooFewReplicas", rateLimit }
    return { replicas: wish, reason: "DesiredWithinRange", rateLimit }
  }
  return { replicas: wish, reason: "DesiredWithinRange", rateLimit: undefined }
}

function upLimit(state: BehaviorState, current: number, rules: ScalingRules, now: number): number {
  if (rules.select === "Disabled") return current
  const allowed = rules.policies.map(policy => {
    const start = periodStart(state, current, now - policy.period)
    return policy.type === "Pods" ? start + policy.value : Math.ceil(start * (1 + policy.value / 100))
  })
  return rules.select === "Min" ? Math.min(...allowed) : Math.max(...allowed)
}

function downLimit(state: BehaviorState, current: number, rules: ScalingRules, now: number): number {
  if (rules.select === "Disabled") return current
  const allowed = rules.policies.map(policy => {
    const start = periodStart(state, current, now - policy.period)
    return policy.type === "Pods" ? start - policy.value : Math.trunc(start * (1 - policy.value / 100))
  })
  return rules.select === "Min" ? Math.max(...allowed) : Math.min(...allowed)
}

/** The count at `since`, worked back from the changes strictly after it. */
function periodStart(state: BehaviorState, current: number, since: number): number {
  const total = (changes: readonly Change[]) =>
    changes.reduce((sum, change) => (change.t > since ? sum + change.by : sum), 0)
  return current - total(state.added) + total(state.removed)
}

function remember(
  state: BehaviorState,
  current: number,
  wish: number,
  replicas: number,
  { behavior, downWindow }: Limits,
  now: number,
): BehaviorState {
  const window = behavior ? Math.max(behavior.up.window, behavior.down.window) : downWindow
  const wishes = [...state.wishes.filter(({ t }) => t >= now - window), { t: now, replicas: wish }]
  if (behavior === undefined || replicas === current) return { ...state, wishes }
  const change = { t: now, by: Math.abs(replicas - current) }
  return replicas > current
    ? { ...state, wishes, added: store(state.added, change, behavior.up) }
    : { ...state, wishes, removed: store(state.removed, change, behavior.down) }
}

/**
 * Upstream's quirk, kept because rates depend on it: a new change takes the place of the last one that its own direction
 * no longer looks back to, even when the other direction still does; further old ones stay and still count there.
 */
function store(changes: readonly Change[], change: Change, { policies }: ScalingRules): readonly Change[] {
  const cutoff = change.t - Math.max(0, ...policies.map(policy => policy.period))
  const stale = changes.findLastIndex(({ t }) => t < cutoff)
  return stale === -1 ? [...changes, change] : changes.with(stale, change)
}
