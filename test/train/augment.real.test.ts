// Images changed at random in the step: only mirrored, shifted, brightened as asked, new each step, the same for the same
// seed, never in validation; part of the captured step.
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { type AugmentOptions, augmented } from "../../kernel/src/train/feed/augment.js"
import { activeXla } from "../../kernel/src/train/install.js"
import { stepCounts } from "../../kernel/src/train/patches/loops.js"
import type { Tf } from "../../kernel/src/train/tf.js"
import { train } from "../../kernel/src/train/train.js"
import type { TrainOptions } from "../../kernel/src/train/trainOptions.js"
import { xla } from "./onXla.js"

let tf: Tf
const folder = mkdtempSync(join(tmpdir(), "shardlab-augment-"))
beforeAll(async () => {
  tf = await xla()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const [rows, height, width, channels] = [40, 4, 5, 2]
const size = height * width * channels
const images = () =>
  tf.tensor4d(
    Array.from({ length: rows * size }, (_, i) => i + 1),
    [rows, height, width, channels],
  )

/** Each image of a batch as a function of place. */
function changed(options: AugmentOptions, seed: number): ((y: number, x: number, c: number) => number)[] {
  activeXla(tf)!.cutter.setSeed(seed)
  const x = images()
  const out = augmented(tf, x, options)
  const values = out.dataSync()
  x.dispose()
  out.dispose()
  return Array.from(
    { length: rows },
    (_, row) => (y, x, c) => values[row * size + (y * width + x) * channels + c]!,
  )
}
const original = (row: number, y: number, x: number, c: number) =>
  y < 0 || y >= height || x < 0 || x >= width ? 0 : row * size + (y * width + x) * channels + c + 1

/** Which change of a list each image shows; all of them have to be one. */
function found<T>(
  options: AugmentOptions,
  seed: number,
  list: T[],
  as: (change: T, row: number, y: number, x: number, c: number) => number,
): T[] {
  return changed(options, seed).map((image, row) => {
    const match = list.find(change => {
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++)
          for (let c = 0; c < channels; c++) if (image(y, x, c) !== as(change, row, y, x, c)) return false
      return true
    })
    expect(match).toBeDefined()
    return match!
  })
}

test("flip: about half of the images, whole", () => {
  const across = found({ flip: "horizontal" }, 1, [false, true], (flipped, row, y, x, c) =>
    original(row, y, flipped ? width - 1 - x : x, c),
  )
  const count = across.filter(Boolean).length
  expect(count).toBeGreaterThan(8)
  expect(count).toBeLessThan(32)
  const both = found({ flip: "both" }, 2, [0, 1, 2, 3], (way, row, y, x, c) =>
    original(row, way & 1 ? height - 1 - y : y, way & 2 ? width - 1 - x : x, c),
  )
  expect(new Set(both)).toEqual(new Set([0, 1, 2, 3]))
})

test("crop: whole pixels in both directions, nothing from outside", () => {
  const shifts = [-2, -1, 0, 1, 2].flatMap(dy => [-2, -1, 0, 1, 2].map(dx => [dy, dx] as const))
  const seen = found({ crop: 2 }, 3, shifts, ([dy, dx], row, y, x, c) => original(row, y + dy, x + dx, c))
  expect(new Set(seen.map(([dy]) => dy)).size).toBe(5)
  expect(new Set(seen.map(([, dx]) => dx)).size).toBe(5)
})

test("brightness: one factor an image", () => {
  const factors = changed({ brightness: 0.3 }, 4).map((image, row) => {
    const all = Array.from({ length: height }, (_, y) => image(y, 1, 0) / original(row, y, 1, 0))
    for (const one of all) expect(one).toBeCloseTo(all[0]!, 5)
    return all[0]!
  })
  expect(Math.min(...factors)).toBeGreaterThanOrEqual(0.7)
  expect(Math.max(...factors)).toBeLessThanOrEqual(1.3)
  expect(Math.max(...factors) - Math.min(...factors)).toBeGreaterThan(0.4)
})

function model(rate: number) {
  const made = tf.sequential({
    layers: [
      tf.layers.flatten({ inputShape: [height, width, channels] }),
      tf.layers.dense({ units: 1, kernelInitializer: tf.initializers.glorotUniform({ seed: 1 }) }),
    ],
  })
  made.compile({ optimizer: tf.train.sgd(rate), loss: "meanSquaredError" })
  return made
}
const options = (more: Partial<TrainOptions> = {}): TrainOptions => ({
  data: { x: tf.div(images(), rows * size), y: tf.ones([rows, 1]) },
  batchSize: rows,
  epochs: 8,
  augment: { flip: "both", crop: 2, brightness: 0.2 },
  ...more,
})

test("new each step, the same for the same seed, not in validation, one captured step", async () => {
  const { x, y } = options().data as {
    x: import("@tensorflow/tfjs").Tensor
    y: import("@tensorflow/tfjs").Tensor
  }
  const made = model(0)
  const run = await train(made, options({ validation: { x, y } }))
  expect(new Set(run.history.loss).size).toBe(8)
  expect(new Set(run.history.val_loss).size).toBe(1)
  expect(stepCounts(made)).toEqual({ recorded: 2, replayed: 6 })
  expect((await train(model(0), options())).history.loss).toEqual(run.history.loss)
  expect((await train(model(0), options({ seed: 1 }))).history.loss).not.toEqual(run.history.loss)
  // The next training of the same model is without.
  const plain = await train(made, options({ augment: undefined }))
  expect(new Set(plain.history.loss).size).toBe(1)
  const again = options({ data: { x, y } })
  const tensors = tf.memory().numTensors
  await train(made, again)
  expect(tf.memory().numTensors).toBe(tensors)
})

test("a resumed run draws what the unbroken one drew", async () => {
  const weights = (made: ReturnType<typeof model>) =>
    made.getWeights().flatMap(weight => [...weight.dataSync()])
  const whole = model(0.05)
  await train(whole, options())
  const checkpoint = join(folder, "resume")
  await train(model(0.05), options({ epochs: 3, checkpoint }))
  const resumed = model(0.05)
  const run = await train(resumed, options({ checkpoint, resume: true }))
  expect(run.resumedAt).toBe(3)
  expect(weights(resumed)).toEqual(weights(whole))
})

test.each([
  [{ flip: "sideways" }, /`augment.flip` is sideways/],
  [{ crop: 1.5 }, /`augment.crop` is 1.5/],
  [{ crop: 4 }, /a crop of 4 for images of 4 by 5/],
  [{ brightness: 2 }, /`augment.brightness` is 2/],
  [{ bright: 0.2 }, /no option `bright`.*Did you mean `brightness`|no option `bright`/],
])("%j is refused", async (augment, message) => {
  await expect(train(model(0), options({ augment: augment as never }))).rejects.toThrow(message)
})
