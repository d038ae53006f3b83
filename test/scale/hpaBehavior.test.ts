import { expect, test } from "vitest"
import {
  type Behavior,
  initialState,
  normalize,
  type ScalingRules,
} from "../../kernel/src/scale/policies/hpa/behavior.js"
import { vectors } from "./vectors.js"

type Rules = [
  window: number,
  select: ScalingRules["select"],
  policies: ["Pods" | "Percent", number, number][],
]
type Tick = [dt: number, want: number, got: number, able: string, limited: string, handSet?: number]
type Case = [min: number, max: number, start: number, downWindow: number, [Rules, Rules] | null, Tick[]]

function rules([window, select, policies]: Rules): ScalingRules {
  return {
    window: window * 1000,
    select,
    policies: policies.map(([type, value, period]) => ({ type, value, period: period * 1000 })),
  }
}

test("stabilisation, rates and bounds equal upstream's on every recorded tick", () => {
  let ticks = 0
  const wrong: unknown[] = []
  vectors<Case>("hpa_behavior").forEach(([min, max, start, downWindow, raw, rows], sequence) => {
    const behavior: Behavior | undefined = raw ? { up: rules(raw[0]), down: rules(raw[1]) } : undefined
    const limits = { min, max, behavior, downWindow: downWindow * 1000 }
    let current = start
    let now = 0
    let state: ReturnType<typeof initialState> | undefined
    rows.forEach(([dt, want, got, able, limited, handSet], tick) => {
      ticks++
      now += dt * 1000
      current = handSet ?? current
      state ??= initialState(current, now)
      const next = normalize(state, current, want, limits, now)
      if (next.replicas !== got || next.able !== able || next.limited !== limited)
        wrong.push({ sequence, tick, want, got, able, limited, ours: next })
      state = next.state
      current = got
    })
  })
  expect(wrong.slice(0, 3)).toEqual([])
  expect(ticks).toBe(24_006)
})
