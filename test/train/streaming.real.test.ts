// Rows that are read anew each epoch: the same rows as on the device, an order of their own each epoch that repeats with the
// seed and on resume, sources that are closed when a training ends early.
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { displaySymbol } from "../../kernel/src/display.js"
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
/** In small parts, so that there are several; says when it was closed. */
function parts() {
  const closed = { times: 0, opened: 0 }
  const source: BatchSource = {
    async *batches() {
      closed.opened++
      try {
        yield* fromColumns(columns).batches(64)
      } finally {
        closed.times++
      }
    },
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
  expect(run[displaySymbol]()["text/plain"]).toMatch(/input: streamed, \d+ % of the training/)
  expect(stepCounts(streamed).replayed).toBeGreaterThan(30)
})

test("the order repeats with the seed, differs from another's, and goes on within an epoch after a resume", async () => {
  const once = async (more: Partial<TrainOptions>) => {
    const made = model()
    const run = await train(made, options(more))
    return { weights: weightsOf(made), history: run.history, resumedAt: run.resumedAt }
  }
  const first = await once({ seed: 1 })
  expect(await once({ seed: 1 })).toEqual(first)
  expect((await once({ seed: 2 })).weights).not.toEqual(first.weights)
  const checkpoint = { folder: join(folder, "resume"), every: 7 }
  await once({ seed: 1, checkpoint, epochs: undefined, steps: 25 })
  const resumed = await once({ seed: 1, checkpoint, resume: true })
  expect(resumed.resumedAt).toBe(25)
  expect(resumed.weights).toEqual(first.weights)
  expect(resumed.history).toEqual(first.history)
})

test("every opened reading of the source is closed, also when the training ends early", async () => {
  const { source, closed } = parts()
  await train(model(), options({ data: source, epochs: undefined, steps: 3 }))
  expect(closed.times).toBe(closed.opened)
  const { source: second, closed: again } = parts()
  const wild = model()
  wild.compile({ optimizer: tf.train.sgd(1e30), loss: "meanSquaredError" })
  await expect(train(wild, options({ data: second }))).rejects.toMatchObject({ code: "LOSS_NOT_FINITE" })
  expect(again.times).toBe(again.opened)
})
