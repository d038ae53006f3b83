// Both networks opened together: how long each takes, and how right each is, on the same rows.

import { openSession, type Rows } from "../runtime/Session.js"
import type { Samples } from "../samples.js"
import { compareScores, type Network, type Scores } from "./compareScores.js"
import { type Latency, measureLatency } from "./latency.js"
import type { Metric } from "./Metric.js"

export interface Measurement {
  /** Their input and output. */
  readonly input: string
  readonly output: string
  /** Any rows of the right kind, to time runs with. */
  readonly typical: Samples
  /** Labelled rows and what to make of them, where accuracy is wanted. */
  readonly evaluation: { readonly samples: Samples; readonly metric: Metric } | undefined
  readonly threads: number
  readonly seconds: number
  readonly signal: AbortSignal
}

export interface Measured {
  readonly before: readonly Latency[]
  readonly after: readonly Latency[]
  readonly scores: Scores | undefined
}

export async function measureBoth(
  before: Uint8Array,
  after: Uint8Array,
  measurement: Measurement,
): Promise<Measured> {
  const { input, output, typical, evaluation, threads, signal } = measurement
  const open: Network[] = []
  try {
    for (const file of [before, after])
      open.push({ session: await openSession(file, { threads }), input, output })
    const [first, second] = open as [Network, Network]
    const [slow, fast] = await measureLatency(open, await firstRows(typical), measurement)
    const scores =
      evaluation && (await compareScores(first, second, evaluation.samples, evaluation.metric, signal))
    return { before: slow!, after: fast!, scores }
  } finally {
    for (const { session } of open) await session.close()
  }
}

async function firstRows({ batches, shape }: Samples): Promise<Rows> {
  for await (const { count, x } of batches(64)) return { shape: [count, ...shape], data: x.slice() }
  return { shape: [0, ...shape], data: new Float32Array(0) }
}
