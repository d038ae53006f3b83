// The live loop: every so often, observe a target, ask the policy, carry the decision out, and remember why. Not a
// policy and not a driver: the target is whatever has these four members. One tick at a time; whatever throws becomes a
// hold with that reason and never ends the loop. Counts (`pool.count`) are the target's to report, decisions are ours.

import { checkOptions } from "../errors.js"
import { emit } from "../telemetry/bus.js"
import { Decisions, type LiveDecision } from "./decisions.js"
import { type ExplainedDecision, Explanation } from "./explain.js"
import { readPublished } from "./metrics.js"
import { type Duration, milliseconds } from "./options.js"
import type { Decision, Observed, Policy } from "./Policy.js"

export interface ScaleTarget {
  readonly name: string
  count(): { readonly desired: number; readonly ready: number }
  metrics(): Readonly<Record<string, number>> | Promise<Readonly<Record<string, number>>>
  /** Asks for `n`; the promise settles when they are there. */
  scaleTo(n: number): Promise<void>
}

export interface AutoscaleOptions {
  /** Time between observations, default 1 s. */
  readonly every?: Duration
  /** Policies that say what they would do with the same observations, and do nothing. */
  readonly dryRun?: readonly Policy[]
  /** Default: the system clock. */
  readonly clock?: Clock
}

export interface Clock {
  now(): number
  /** Calls `run` once after `ms`; returns what cancels it. */
  after(ms: number, run: () => void): () => void
}

export interface Loop {
  readonly decisions: Decisions
  readonly running: boolean
  stop(): void
}

const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms)
    timer.unref()
    return () => clearTimeout(timer)
  },
}

/** Decisions kept by a loop; older ones stay in telemetry. */
const kept = 1000

let last: Explanation | undefined

/** The last decision of any loop of this session, with its reasons. */
export function why(): Explanation | string {
  return last ?? "No policy has decided anything yet: start one with pool.autoscale(scale.hpa({ ... }))."
}

/** Starts a loop; the first observation is at once. Stop it with `stop()`. */
export function autoscale(target: ScaleTarget, policy: Policy, options: AutoscaleOptions = {}): Loop {
  checkOptions("autoscale", options, ["every", "dryRun", "clock"])
  return new PolicyLoop(target, policy, options)
}

/** A policy with the state it has come to. */
class Running {
  #state: unknown
  #begun = false
  constructor(readonly policy: Policy) {}

  decide(observed: Observed, now: number): Decision {
    if (!this.#begun) this.#state = this.policy.initial(observed, now)
    this.#begun = true
    const decision = this.policy.decide(this.#state, observed, now)
    this.#state = decision.state
    return decision
  }
}

class PolicyLoop implements Loop {
  readonly decisions = new Decisions()
  readonly #target: ScaleTarget
  readonly #live: Running
  readonly #dryRuns: readonly Running[]
  readonly #every: number
  readonly #clock: Clock
  #cancel: (() => void) | undefined
  #stopped = false
  /** What the last hold said, so that one that lasts is recorded once. */
  #holding: string | undefined
  readonly #dryRunSaid = new Map<Running, number>()

  constructor(target: ScaleTarget, policy: Policy, { every = "1s", dryRun = [], clock }: AutoscaleOptions) {
    this.#target = target
    this.#live = new Running(policy)
    this.#dryRuns = dryRun.map(other => new Running(other))
    this.#every = milliseconds("autoscale", "every", every, 1)
    this.#clock = clock ?? systemClock
    this.#cancel = this.#clock.after(0, () => void this.#run())
  }

  get running(): boolean {
    return !this.#stopped
  }

  stop(): void {
    this.#stopped = true
    this.#cancel?.()
  }

  /** One tick, and only then the next one: ticks never overlap, however slow a metric is. */
  async #run(): Promise<void> {
    const began = this.#clock.now()
    try {
      await this.#tick()
    } catch (error) {
      this.#holdFor(`${firstLine(error)}, so nothing changed.`)
    }
    if (this.#stopped) return
    const rest = Math.max(0, this.#every - (this.#clock.now() - began))
    this.#cancel = this.#clock.after(rest, () => void this.#run())
  }

  async #tick(): Promise<void> {
    const observed = await this.#observe()
    if (this.#stopped) return
    const now = this.#clock.now()
    const dryRun = this.#dryRuns.map(other => this.#ask(other, observed, now))
    const decision = this.#live.decide(observed, now)
    const changes = decision.to !== decision.from
    const holding = changes ? undefined : holdKey(decision, this.#live.policy)
    if (changes || (holding !== undefined && holding !== this.#holding)) {
      const entry = this.#record(decision, dryRun, now)
      if (changes) this.#carryOut(entry)
    }
    this.#holding = holding
  }

  async #observe(): Promise<Observed> {
    const names = new Set([this.#live, ...this.#dryRuns].flatMap(({ policy }) => policy.metrics))
    const published = await readPublished(names)
    const metrics = { ...(await this.#target.metrics()), ...published }
    const { desired, ready } = this.#target.count()
    return { replicas: desired, ready, metrics }
  }

  #ask(other: Running, observed: Observed, now: number): LiveDecision["dryRun"][number] {
    const decision = other.decide(observed, now)
    if (this.#dryRunSaid.get(other) !== decision.to)
      emitDecision(this.#target.name, other.policy, decision, now, true)
    this.#dryRunSaid.set(other, decision.to)
    return { policy: other.policy.title, to: decision.to, reason: decision.reason }
  }

  #record(decision: ExplainedDecision, dryRun: LiveDecision["dryRun"], now: number): LiveDecision {
    const { policy } = this.#live
    const { from, to, wanted, reason, inputs, steps } = decision
    const entry = { at: now, policy: policy.title, from, to, wanted, reason, inputs, steps, dryRun }
    this.decisions.push(entry)
    if (this.decisions.length > kept) this.decisions.shift()
    last = new Explanation(entry, policy.title, now)
    emitDecision(this.#target.name, policy, entry, now, false)
    return entry
  }

  /** Not awaited: while workers start, the policy goes on watching. */
  #carryOut(entry: LiveDecision): void {
    Promise.resolve()
      .then(() => this.#target.scaleTo(entry.to))
      .then(() => {
        entry.effectiveAt = this.#clock.now()
      })
      .catch(error => this.#holdFor(`Scaling to ${entry.to} failed: ${firstLine(error)}.`))
  }

  #holdFor(reason: string): void {
    if (this.#stopped || this.#holding === reason) return
    this.#holding = reason
    const { desired } = this.#target.count()
    const steps = [{ name: "Measured", rule: reason, out: "-", limited: true }] as const
    this.#record(
      { from: desired, to: desired, wanted: desired, reason, inputs: [], steps },
      [],
      this.#clock.now(),
    )
  }
}

/**
 * Names a hold that is worth a record: something kept the policy from what it wanted. Being at the floor with less work
 * than that is rest, not a decision. Figures are left out, so that a hold that lasts is one hold.
 */
function holdKey({ steps, to, wanted }: Decision, { bounds }: Policy): string | undefined {
  const limited = steps.filter(step => step.limited).map(step => step.name)
  const measured = !limited.includes("Measured")
  const resting = measured && to === bounds.min && wanted <= bounds.min
  return limited.length === 0 || resting ? undefined : `${to} ${limited.join()}`
}

function emitDecision(
  pool: string,
  policy: Policy,
  decision: ExplainedDecision,
  t: number,
  dryRun: boolean,
): void {
  const { from, to, wanted, inputs, steps, reason } = decision
  emit({
    kind: "policy.decision",
    t,
    pool,
    policy: policy.title,
    from,
    to,
    wanted,
    inputs,
    steps,
    reason,
    dryRun,
  })
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.split("\n", 1)[0]!.replace(/\.$/, "")
}
