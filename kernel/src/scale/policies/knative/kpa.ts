// Knative's pod autoscaler (KPA) rule: stable and panic wishes, rate limits, panic mode, delayed scale-down. Pure; the
// windows that feed it are in window.ts, and bounds are the policy's. Equal to upstream source of knative.dev/serving
// v0.51.0 (its metric client stubbed) on 20,024 recorded ticks (test/vectors/kpa_scale.json.gz).

export interface KpaSpec {
  /** Load one replica should carry, after the utilisation share. */
  readonly target: number
  /** Load one replica can carry. */
  readonly total: number
  /** Spare load to keep room for; 0 for none, negative for "always through the activator". */
  readonly burstCapacity: number
  /** Largest factor of growth, and of shrinking, in one tick. */
  readonly maxUp: number
  readonly maxDown: number
  /** Panic when the panic window wants this many times the ready replicas. */
  readonly panicThreshold: number
  /** ms */
  readonly stableWindow: number
  /** ms; 0 for none. Counted in buckets of two seconds, as upstream does. */
  readonly scaleDownDelay: number
  /** False for a revision that takes no traffic: it may shrink at once. */
  readonly reachable: boolean
  /** A wish above zero is at least this. */
  readonly activationScale: number
}

/** Plain data. `panicSince` is undefined outside panic; `recent` holds wishes by two-second bucket. */
export interface KpaState {
  readonly panicSince: number | undefined
  readonly maxPanic: number
  readonly recent: readonly { readonly bucket: number; readonly wish: number }[]
}

export interface KpaAnswer {
  readonly desired: number
  readonly excessBurst: number
  /** Wishes of the two windows before and after the rate limits. */
  readonly stable: { readonly raw: number; readonly limited: number }
  readonly panic: { readonly raw: number; readonly limited: number }
  readonly floor: number
  readonly ceiling: number
  /** Before the scale-down delay. */
  readonly undelayed: number
  readonly state: KpaState
}

const delayBucket = 2000

/** More than one replica at the start begins in panic, so that a restart of the autoscaler never shrinks a busy service. */
export function initialKpa(ready: number, now: number): KpaState {
  return { panicSince: ready > 1 ? now : undefined, maxPanic: ready, recent: [] }
}

/** One tick, from the window averages of the whole load (not per replica). */
export function kpa(
  spec: KpaSpec,
  state: KpaState,
  load: { readonly ready: number; readonly stable: number; readonly panic: number },
  now: number,
): KpaAnswer {
  const ready = Math.max(1, load.ready)
  const ceiling = Math.ceil(spec.maxUp * ready)
  const floor = spec.reachable ? Math.floor(ready / spec.maxDown) : 0
  const wish = (value: number) => {
    const raw = Math.ceil(value / spec.target)
    const clamped = Math.trunc(Math.min(Math.max(raw, floor), ceiling))
    return { raw, limited: raw > 0 ? Math.max(clamped, spec.activationScale) : clamped }
  }
  const stable = wish(load.stable)
  const panic = wish(load.panic)
  const { panicSince, maxPanic } = panicking(spec, state, panic.raw / ready, now)
  const top = Math.max(maxPanic, stable.limited, panic.limited)
  const undelayed = panicSince === undefined ? stable.limited : top
  const recent = delayed(spec, state, undelayed, now)
  return {
    desired: Math.max(undelayed, ...recent.map(entry => entry.wish)),
    excessBurst: excessBurst(spec, load),
    stable,
    panic,
    floor,
    ceiling,
    undelayed,
    state: { panicSince, maxPanic: panicSince === undefined ? maxPanic : top, recent },
  }
}

/** Entered or extended at the threshold, left a full stable window after the last time it was crossed. */
function panicking(spec: KpaSpec, state: KpaState, share: number, now: number) {
  const { panicSince, maxPanic } = state
  if (share >= spec.panicThreshold) return { panicSince: now, maxPanic }
  if (panicSince !== undefined && panicSince + spec.stableWindow < now) {
    return { panicSince: undefined, maxPanic: 0 }
  }
  return { panicSince, maxPanic }
}

/** Wishes of the last `scaleDownDelay`, this one included; the largest of them wins. Empty without a delay. */
function delayed(spec: KpaSpec, state: KpaState, wish: number, now: number): KpaState["recent"] {
  if (!spec.reachable || spec.scaleDownDelay <= 0) return state.recent.length === 0 ? state.recent : []
  const bucket = Math.floor(now / delayBucket)
  const kept = Math.ceil(spec.scaleDownDelay / delayBucket)
  return [...state.recent.filter(entry => entry.bucket > bucket - kept), { bucket, wish }]
}

function excessBurst(spec: KpaSpec, load: { ready: number; panic: number }): number {
  if (spec.burstCapacity === 0) return 0
  if (spec.burstCapacity < 0) return -1
  return Math.floor(load.ready * spec.total - spec.burstCapacity - load.panic)
}
