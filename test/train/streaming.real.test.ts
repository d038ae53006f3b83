// Rows that are read anew each epoch: the same rows as on the device, an order of their own each epoch that repeats with the
// seed and on resume, sources that are closed when a training ends early.
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { displaySymbol } from "../../kernel/src/display.js"
import { duckdbEngine } from "../../kernel/src/engine/duckdb/DuckdbEngine.js"
import { createReader } from "../../kernel/src/frame/reader.js"
import { type BatchSource, fromColumns } from "../../kernel/src/train/feed/BatchSource.js"
import { stepCounts } from "../../kernel/src/train/patches/loops.js"
import type { Tf } from "../../kernel/src/train/tf.js"
import { train } from "../../kernel/src/train/train.js"
import type { TrainOptions } from "../../kernel/src/train/trainOptions.js"
import { difference, xla } from "./onXla.js"

let tf: Tf
const folder = mkdtempSync(join(tmpdir(), "shardlab-streaming-"))
beforeAll(async () => {
  tf = await xla()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function model() {
  const made = tf.sequential({
    layers: [tf.layers.dense({ inputShape: [2], units: 1, kernelInitializer: "ones" })],
  })
  made.compile({ optimizer: tf.train.adam(0.05), loss: "meanSquaredError" })
  return made
}
const rows = 300
const a = Float32Array.from({ length: rows }, (_, i) => Math.cos(i))
const columns = {
  a,
  b: a.map(value => value * value),
  w: a.map(value => 1 + value),
  y: a.map(value => 2 * value),
}
/** In small batches, so that there are several; says when it was closed. With `size`, in shards of so many rows too. */
function parts(size = 0) {
  const closed = { times: 0, opened: 0 }
  const watched = (all: Readonly<Record<string, Float32Array>>): BatchSource => ({
    async *batches() {
      closed.opened++
      try {
        yield* fromColumns(all).batches(64)
      } finally {
        closed.times++
      }
    },
  })
  const shard = (from: number) =>
    Object.fromEntries(
      Object.entries(columns).map(([name, column]) => [name, column.subarray(from, from + size)]),
    )
  const shards = size === 0 ? [] : Array.from({ length: Math.ceil(rows / size) }, (_, i) => shard(i * size))
  const source: BatchSource = {
    ...watched(columns),
    ...(size > 0 && { parts: async () => shards.map(watched) }),
  }
  return { source, closed }
}
const options = (more: Partial<TrainOptions> = {}): TrainOptions => ({
  data: parts().source,
  features: ["a", "b"],
  label: "y",
  sampleWeight: "w",
  normalise: "standard",
  batchSize: 32,
  epochs: 4,
  stream: true,
  ...more,
})
const weightsOf = (made: ReturnType<typeof model>) =>
  made.getWeights().flatMap(weight => [...weight.dataSync()])

test("in order, it is the training of rows on the device; the run says which of the two it was", async () => {
  const [streamed, resident] = [model(), model()]
  const run = await train(streamed, options({ shuffle: false }))
  const whole = await train(resident, options({ shuffle: false, stream: false }))
  expect(difference(weightsOf(resident), weightsOf(streamed))).toBeLessThan(1e-6)
  expect(run.samples).toBe(4 * rows)
  expect([run.feed.streamed, whole.feed.streamed]).toEqual([true, false])
  expect(run.feed.waitSeconds).toBeGreaterThan(0)
  expect(run[displaySymbol]()["text/plain"]).toMatch(/input: streamed from 1 shard, \d+ % of the training/)
  expect(stepCounts(streamed).replayed).toBeGreaterThan(30)
})

test("the order repeats with the seed, differs from another's, and goes on within an epoch after a resume", async () => {
  const once = async (more: Partial<TrainOptions>) => {
    const made = model()
    const run = await train(made, options(more))
    return { weights: weightsOf(made), history: run.history, resumedAt: run.resumedAt }
  }
  const sharded = (seed: number, size = 40): Partial<TrainOptions> => ({
    data: parts(size).source,
    seed,
    shuffle: { buffer: 50 },
  })
  const first = await once(sharded(1))
  expect(await once(sharded(1))).toEqual(first)
  expect((await once(sharded(2))).weights).not.toEqual(first.weights)
  const checkpoint = { folder: join(folder, "resume"), every: 7 }
  await once({ ...sharded(1), checkpoint, epochs: undefined, steps: 25 })
  const other = once({ ...sharded(1, 60), checkpoint, resume: true })
  await expect(other).rejects.toThrow(/stopped within an epoch with shards 8, and here it is 5/)
  const resumed = await once({ ...sharded(1), checkpoint, resume: true })
  expect(resumed.resumedAt).toBe(25)
  expect(resumed.weights).toEqual(first.weights)
  expect(resumed.history).toEqual(first.history)
})

test("Parquet files are read in another order each epoch, and every row of them is trained on", async () => {
  const engine = duckdbEngine({ threads: 1 })
  try {
    const read = createReader(engine)
    for (const file of [0, 1, 2, 3, 4, 5])
      await read
        .range(64)
        .with(f => ({ a: f.id.mul(0), file: f.id.mul(0).add(2 ** file) }))
        .write.parquet(join(folder, `file-${file}.parquet`))
    const files = await read.parquet(join(folder, "file-*.parquet"))
    // A model that gives 0 and learns nothing: a step's loss is the mean of its labels.
    const made = tf.sequential({
      layers: [tf.layers.dense({ inputShape: [1], units: 1, kernelInitializer: "zeros" })],
    })
    made.compile({ optimizer: tf.train.sgd(1e-12), loss: tf.metrics.meanAbsoluteError })
    const firsts: number[] = []
    const run = await train(made, {
      data: files,
      features: "a",
      label: "file",
      batchSize: 16,
      epochs: 8,
      stream: true,
      shuffle: { buffer: 16 },
      callbacks: {
        onBatchEnd: async (batch, logs) => {
          if (batch === 0) firsts.push(Number(logs?.loss))
        },
      },
    })
    expect(run.feed).toMatchObject({ streamed: true, shards: 6 })
    // Sixteen rows of one file: its number, not a mean of several.
    expect(
      firsts.every(loss => Math.abs(Math.log2(loss) % 1) < 1e-3),
      String(firsts),
    ).toBe(true)
    expect(new Set(firsts.map(loss => Math.round(loss))).size).toBeGreaterThan(2)
    for (const loss of run.history.loss!) expect(loss).toBeCloseTo((2 ** 6 - 1) / 6, 3)
  } finally {
    await engine.close()
  }
})

test("every opened reading of the source is closed, also when the training ends early", async () => {
  const { source, closed } = parts()
  await train(model(), options({ data: source, epochs: undefined, steps: 3 }))
  expect(closed.times).toBe(closed.opened)
  const { source: second, closed: again } = parts(40)
  const wild = model()
  wild.compile({ optimizer: tf.train.sgd(1e30), loss: "meanSquaredError" })
  await expect(train(wild, options({ data: second }))).rejects.toMatchObject({ code: "LOSS_NOT_FINITE" })
  expect(again.times).toBe(again.opened)
})
