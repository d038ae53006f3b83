// Two networks on the same labelled rows, in one pass and bounded memory.

import type { Rows, Session } from "../runtime/Session.js"
import type { Samples } from "../samples.js"
import type { Metric } from "./Metric.js"
import { type Drop, PairedDrop } from "./pairedDrop.js"

export interface Scores {
  readonly rows: number
  readonly before: number
  readonly after: number
  readonly drop: Drop
}

/** A network ready to run: one input, one output. */
export interface Network {
  readonly session: Session
  readonly input: string
  readonly output: string
}

const rowsABatch = 32

export async function runNetwork({ session, input, output }: Network, rows: Rows): Promise<Rows> {
  return (await session.run({ [input]: rows })).get(output)!
}

export async function compareScores(
  before: Network,
  after: Network,
  samples: Samples,
  metric: Metric,
  signal: AbortSignal,
): Promise<Scores> {
  const drop = new PairedDrop(metric.isBinary)
  const sums = { before: 0, after: 0 }
  let rows = 0
  for await (const { count, x, y } of samples.batches(rowsABatch)) {
    signal.throwIfAborted()
    const given = { shape: [count, ...samples.shape], data: x }
    const first = scoresOf(await runNetwork(before, given), y, count, metric)
    const second = scoresOf(await runNetwork(after, given), y, count, metric)
    for (let row = 0; row < count; row++) {
      sums.before += first[row]!
      sums.after += second[row]!
      drop.add(metric.better === "higher" ? first[row]! - second[row]! : second[row]! - first[row]!)
    }
    rows += count
  }
  return { rows, before: sums.before / rows, after: sums.after / rows, drop: drop.result() }
}

function scoresOf({ data }: Rows, y: Float32Array, count: number, metric: Metric): Float64Array {
  const [width, labels] = [data.length / count, y.length / count]
  return Float64Array.from({ length: count }, (_, row) =>
    metric.score(data.subarray(row * width, (row + 1) * width), y.subarray(row * labels, (row + 1) * labels)),
  )
}
