// The learning rate range test: a suggestion that trains well, and a model that is as it was.
import { beforeAll, expect, test } from "vitest"
import { displaySymbol } from "../../kernel/src/display.js"
import type { Tf } from "../../kernel/src/train/tf.js"
import { train } from "../../kernel/src/train/train.js"
import { LrCurve, smoothed } from "../../kernel/src/train/tune/LrCurve.js"
import { lrFind } from "../../kernel/src/train/tune/lrFind.js"
import { xla } from "./onXla.js"

let tf: Tf
beforeAll(async () => {
  tf = await xla()
})

function model(rate: number) {
  const glorot = (seed: number) => tf.initializers.glorotUniform({ seed })
  const made = tf.sequential({
    layers: [
      tf.layers.dense({ inputShape: [4], units: 16, activation: "relu", kernelInitializer: glorot(1) }),
      tf.layers.batchNormalization(),
      tf.layers.dense({ units: 1, kernelInitializer: glorot(2) }),
    ],
  })
  made.compile({ optimizer: tf.train.sgd(rate), loss: "meanSquaredError" })
  return made
}
const x = Array.from({ length: 256 }, (_, i) => [0, 1, 2, 3].map(k => Math.sin(i * (k + 1) * 0.37)))
const data = () => ({
  x: tf.tensor2d(x),
  y: tf.tensor2d(x.map(([a, b, c]) => [2 * a! - b! + a! * c!])),
})
const weightsOf = (made: ReturnType<typeof model>) => made.getWeights().map(weight => [...weight.dataSync()])

test("suggests a rate that learns, shows the curve, leaves model and optimizer as they were", async () => {
  const made = model(1e-5)
  const before = weightsOf(made)
  const optimizer = made.optimizer
  const found = await lrFind(made, { data: data(), batchSize: 32, from: 1e-5, to: 100, steps: 60 })
  expect(weightsOf(made)).toEqual(before)
  expect(made.optimizer).toBe(optimizer)
  expect((optimizer as unknown as { learningRate: number }).learningRate).toBe(1e-5)
  // It ends where the loss has run away, which is before the last rate.
  expect(found.points.length).toBeLessThan(60)
  expect(found.points[1]!.rate / found.points[0]!.rate).toBeCloseTo(1e7 ** (1 / 59), 6)
  expect(found.suggestion!).toBeLessThan(found.lowest!)
  const loss = async (rate: number) =>
    (await train(model(rate), { data: data(), batchSize: 32, epochs: 3 })).history.loss!.at(-1)!
  expect(await loss(found.suggestion!)).toBeLessThan(0.5 * (await loss(found.suggestion! / 100)))
  const bundle = found[displaySymbol]()
  expect(bundle["text/plain"]).toMatch(/^Suggested learning rate: 0\.\d+ \(the loss is lowest at/)
  expect(bundle["application/vnd.vegalite.v5+json"]).toMatchObject({
    layer: [{}, {}, { mark: { type: "rule" } }],
  })
  const tensors = tf.memory().numTensors
  await lrFind(made, { data: data(), batchSize: 32, steps: 12 })
  expect(tf.memory().numTensors).toBe(tensors + 2)
})

test("the steepest place of a curve that is known", () => {
  const points = Array.from({ length: 100 }, (_, i) => ({ rate: 10 ** (-6 + i * 0.06), loss: 0 }))
  // Falls around 1e-3, grows from 1e-1 on.
  const losses = points.map(
    ({ rate }) => 2 - Math.tanh(2 * (Math.log10(rate) + 3)) + Math.max(0, Math.log10(rate) + 1) * 9,
  )
  const curve = new LrCurve(points.map((point, i) => ({ ...point, loss: losses[i]!, smooth: losses[i]! })))
  expect(Math.log10(curve.suggestion!)).toBeCloseTo(-3, 0)
  expect(Math.log10(curve.lowest!)).toBeCloseTo(-1, 0)
  const rising = new LrCurve(points.map((point, i) => ({ ...point, loss: i, smooth: i })))
  expect(rising.suggestion).toBeUndefined()
  expect(rising[displaySymbol]()["text/plain"]).toContain("The loss never fell")
  expect(smoothed([{ loss: 3 }, { loss: 3 }])).toEqual([expect.closeTo(3), expect.closeTo(3)])
})

test.each([
  [{ from: 1, to: 0.1 }, /`from` is 1, and `to` is 0.1/],
  [{ steps: 3 }, /`steps` is 3.*from 10 on/],
  [{ step: 30 } as never, /no option `step`.*Did you mean `steps`/],
])("%j is refused", async (more, message) => {
  await expect(lrFind(model(0.1), { data: data(), ...(more as object) })).rejects.toThrow(message)
})
