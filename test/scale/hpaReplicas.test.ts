import { expect, test } from "vitest"
import type { Pod, StandingPod } from "../../kernel/src/scale/policies/hpa/pods.js"
import {
  fromPodValues,
  fromTotal,
  fromUtilization,
  fromValue,
  type Replicas,
  type ReplicasError,
} from "../../kernel/src/scale/policies/hpa/replicas.js"
import { vectors } from "./vectors.js"

type PodRow = [phase: "R" | "P" | "F", deleting: 0 | 1, ready: 1 | 0 | -1, ...rest: (number | null)[]]
type Case = [
  fn: "util" | "raw" | "pods" | "object" | "objectAvg" | "external" | "externalAvg",
  resource: string,
  current: number,
  target: number,
  down: number,
  up: number,
  cpuInitialization: number,
  readinessDelay: number,
  pods: PodRow[],
  signal: number | number[] | null,
  out: [number, number, number] | ReplicasError,
]

const phases = { R: "Running", P: "Pending", F: "Failed" } as const

function standing([phase, deleting, ready]: PodRow): StandingPod {
  return {
    phase: phases[phase],
    deleting: deleting === 1,
    ready: ready === -1 ? undefined : ready === 1,
  }
}

function pod(row: PodRow): Pod {
  const [, , , age, readyAge, request, value, sampleAge, window] = row as number[]
  return {
    ...standing(row),
    age: age === -1 ? undefined : age,
    readyAge,
    request: request === -1 ? undefined : request,
    sample: row[6] === null ? undefined : { value, age: sampleAge, window },
  }
}

function answer(c: Case): Replicas | ReplicasError {
  const [fn, resource, current, target, down, up, cpuInitialization, readinessDelay, rows, signal] = c
  const tolerance = { up, down }
  if (fn === "util" || fn === "raw" || fn === "pods") {
    const cpu = fn !== "pods" && resource === "cpu"
    const question = {
      current,
      target,
      tolerance,
      pods: rows.map(pod),
      cpu,
      cpuInitialization,
      readinessDelay,
    }
    return fn === "util" ? fromUtilization(question) : fromPodValues(question)
  }
  const values = [signal ?? []].flat()
  const question = { current, target, tolerance, values }
  return fn === "object" || fn === "external" ? fromValue(question, rows.map(standing)) : fromTotal(question)
}

test("replicas equal upstream's on every recorded case", () => {
  const cases = vectors<Case>("hpa_replicas")
  const wrong = cases.filter(c => {
    const got = answer(c)
    const flat = typeof got === "string" ? got : [got.replicas, got.usage, got.raw]
    return JSON.stringify(flat) !== JSON.stringify(c[10])
  })
  expect(cases.length).toBe(10_000)
  expect(wrong.slice(0, 3).map(c => ({ case: JSON.stringify(c), got: answer(c) }))).toEqual([])
  expect(wrong.length).toBe(0)
})
