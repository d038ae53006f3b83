import { expect, test } from "vitest"
import { initialKpa, type KpaSpec, kpa } from "../../kernel/src/scale/policies/knative/kpa.js"
import {
  average,
  emptyWindow,
  isEmpty,
  record,
  weightedAverage,
} from "../../kernel/src/scale/policies/knative/window.js"
import { vectors } from "./vectors.js"

type Spec = [string, number, number, number, number, number, number, number, number, boolean, number]
type Tick = [dt: number, ready: number, stable: number, panic: number, err: number, number, number, boolean]
type Case = [Spec, start: number, readyAtStart: number, Tick[]]

function specOf(raw: Spec): KpaSpec {
  const [
    ,
    target,
    total,
    burstCapacity,
    maxUp,
    maxDown,
    panicThreshold,
    window,
    delay,
    reachable,
    activation,
  ] = raw
  return {
    target,
    total,
    burstCapacity,
    maxUp,
    maxDown,
    panicThreshold,
    stableWindow: window * 1000,
    scaleDownDelay: delay * 1000,
    reachable,
    activationScale: activation,
  }
}

test("Knative's rule equals upstream's on every recorded tick", () => {
  let ticks = 0
  const wrong: unknown[] = []
  vectors<Case>("kpa_scale").forEach(([raw, start, readyAtStart, rows], sequence) => {
    const spec = specOf(raw)
    let now = start * 1000
    let state = initialKpa(readyAtStart, now)
    rows.forEach(([dt, ready, stable, panic, err, desired, excess, valid], tick) => {
      ticks++
      now += dt * 1000
      expect(valid).toBe(err === 0)
      if (err !== 0) return // no data: no decision is asked for, and state stays
      const answer = kpa(spec, state, { ready, stable, panic }, now)
      if (answer.desired !== desired || answer.excessBurst !== excess)
        wrong.push({ sequence, tick, spec, desired, excess, answer })
      state = answer.state
    })
  })
  expect(wrong.slice(0, 2)).toEqual([])
  expect(ticks).toBe(20_024)
})

test("window averages equal upstream's on every recorded sequence", () => {
  const cases =
    vectors<
      [number, [dt: number, recorded: number | null, plain: number, weighted: number, empty: boolean][]]
    >("kpa_windows")
  const near = (a: number, b: number) => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b))
  const wrong: unknown[] = []
  cases.forEach(([seconds, ops], sequence) => {
    let now = 1e12
    let window = emptyWindow(seconds * 1000)
    ops.forEach(([dt, recorded, plain, weighted, empty], op) => {
      now += dt
      if (recorded !== null) window = record(window, now, recorded)
      const got = [average(window, now), weightedAverage(window, now), isEmpty(window, now)] as const
      if (!near(got[0], plain) || !near(got[1], weighted) || got[2] !== empty)
        wrong.push({ sequence, op, seconds, expected: [plain, weighted, empty], got })
    })
  })
  expect(wrong.slice(0, 3)).toEqual([])
  expect(cases.length).toBe(249)
})
