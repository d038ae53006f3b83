// When a call to a server is tried again, as data. Not the trying itself beyond `retrying`, and not what a failure means
// to the user (failure.ts).

import type { ServerFailure } from "./failure.js"

/** What the call was for decides how long it is worth waiting. */
export type RetryPhase = "connect" | "call" | "operation"

export interface RetryPolicy {
  readonly phase: RetryPhase
  /** gRPC status names, or error classes of Spark. */
  readonly on: readonly string[]
  readonly tries: number
  readonly firstMs: number
  readonly factor: number
  readonly mostMs: number
  /** Added at random to delays of two seconds and more, so that many clients do not come back at once. */
  readonly jitterMs: number
}

/**
 * One row a phase. `connect`: nobody is there yet, and a wrong address should be said within seconds. `call`: short
 * requests, all safe to repeat. `operation`: a query runs on the server while the line is down, so minutes are worth it.
 * Spark itself gives an abandoned operation five minutes (spark.connect.execute.manager.detachedTimeout).
 */
export const retryPolicies: readonly RetryPolicy[] = [
  { phase: "connect", on: ["UNAVAILABLE"], tries: 4, firstMs: 50, factor: 4, mostMs: 2_000, jitterMs: 0 },
  {
    phase: "call",
    on: ["UNAVAILABLE", "INVALID_CURSOR.DISCONNECTED"],
    tries: 20,
    firstMs: 50,
    factor: 3,
    mostMs: 5_000,
    jitterMs: 500,
  },
  {
    phase: "operation",
    on: ["UNAVAILABLE", "INVALID_CURSOR.DISCONNECTED"],
    tries: 65,
    firstMs: 50,
    factor: 3,
    mostMs: 5_000,
    jitterMs: 500,
  },
]

/** Milliseconds to wait before try number `tried + 1`, or undefined when it should fail now. */
export function retryDelay(
  phase: RetryPhase,
  failure: Pick<ServerFailure, "status" | "errorClass" | "retryDelayMs">,
  tried: number,
  random: () => number = Math.random,
): number | undefined {
  const policy = retryPolicies.find(
    row =>
      row.phase === phase && (row.on.includes(failure.status) || row.on.includes(failure.errorClass ?? "")),
  )
  const asked = failure.retryDelayMs
  if (policy === undefined) return asked !== undefined && tried < 3 ? asked : undefined
  if (tried >= policy.tries) return undefined
  const delay = Math.min(policy.firstMs * policy.factor ** (tried - 1), policy.mostMs)
  const jitter = delay >= 2_000 ? random() * policy.jitterMs : 0
  return Math.max(delay + jitter, asked ?? 0)
}

/** Waits, or ends at once when the signal is given. True when it waited to the end. */
export function pause(ms: number, signal?: AbortSignal): Promise<boolean> {
  if (signal?.aborted === true) return Promise.resolve(false)
  return new Promise(resolve => {
    const done = (whole: boolean) => {
      clearTimeout(timer)
      signal?.removeEventListener("abort", stop)
      resolve(whole)
    }
    const stop = () => done(false)
    const timer = setTimeout(() => done(true), ms)
    signal?.addEventListener("abort", stop)
  })
}
