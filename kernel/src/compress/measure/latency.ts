// How long networks take for one row and for many, measured side by side: one run of each in turn, so that whatever else
// the machine does meets all of them alike. Figures of one process at one time; their ratio is what carries over.

import type { Rows } from "../runtime/Session.js"
import { type Network, runNetwork } from "./compareScores.js"

export interface Latency {
  /** Rows a run. */
  readonly batch: number
  /** Milliseconds of half the runs, and of all but the slowest twentieth. */
  readonly p50: number
  readonly p95: number
}

export interface LatencyOptions {
  /** For everything together. */
  readonly seconds: number
  readonly signal: AbortSignal
}

const batches = [1, 64]
const warmUps = 3
/** Even when that takes longer: fewer have no median worth the name. */
const fewestRounds = 5

/** For each network its latencies at each batch size. `rows` are repeated as often as a batch needs. */
export async function measureLatency(
  networks: readonly Network[],
  rows: Rows,
  { seconds, signal }: LatencyOptions,
): Promise<Latency[][]> {
  const results = networks.map((): Latency[] => [])
  for (const batch of batches) {
    const times = await sideBySide(networks, tiled(rows, batch), (seconds * 1000) / batches.length, signal)
    for (const [i, taken] of times.entries()) results[i]!.push({ batch, ...percentiles(taken) })
  }
  return results
}

async function sideBySide(networks: readonly Network[], rows: Rows, budgetMs: number, signal: AbortSignal) {
  for (const network of networks) for (let i = 0; i < warmUps; i++) await runNetwork(network, rows)
  const times = networks.map((): number[] => [])
  const end = performance.now() + budgetMs
  for (let round = 0; round < fewestRounds || performance.now() < end; round++) {
    signal.throwIfAborted()
    for (let i = 0; i < networks.length; i++) {
      // The first of a round finds the caches as the last one left them: each has its turn.
      const at = (i + round) % networks.length
      const started = performance.now()
      await runNetwork(networks[at]!, rows)
      times[at]!.push(performance.now() - started)
    }
  }
  return times
}

function tiled({ shape, data }: Rows, batch: number): Rows {
  const [count, ...row] = shape as [number, ...number[]]
  const width = data.length / count
  const wanted = new Float32Array(batch * width)
  for (let at = 0; at < batch; at++) {
    const from = (at % count) * width
    wanted.set(data.subarray(from, from + width), at * width)
  }
  return { shape: [batch, ...row], data: wanted }
}

export function percentiles(times: readonly number[]): { p50: number; p95: number } {
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.min(Math.ceil(share * sorted.length), sorted.length) - 1]!
  return { p50: at(0.5), p95: at(0.95) }
}
