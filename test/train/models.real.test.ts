// The six networks that training is judged by (models.mjs), small: twenty steps on xla give what tfjs's own cpu backend gives,
// every step after the second is replayed, and a step that is replayed gives what a recorded one gives, bit for bit.
import { beforeAll, describe, expect, test } from "vitest"
import { stepCounts } from "../../kernel/src/train/patches/loops.js"
import type { Tf } from "../../kernel/src/train/tf.js"
import { networks } from "./models.mjs"
import { difference, xla } from "./onXla.js"

let tf: Tf
beforeAll(async () => {
  tf = await xla()
})

interface Outcome {
  readonly losses: number[]
  readonly weights: number[][]
  readonly counts: { recorded: number; replayed: number }
}

async function trained(backend: string, key: string, freshEachEpoch = false): Promise<Outcome> {
  tf.setBackend(backend)
  try {
    const { make, sizes } = networks[key]!
    const { model, loss, batch, data } = make(tf, sizes.small)
    const optimizer = tf.train.adam(0.005)
    const compile = () => model.compile({ optimizer, loss, metrics: [(_, made) => tf.mean(made)] })
    compile()
    const { x, y } = data(batch * 4)
    const losses: number[] = []
    for (let epoch = 0; epoch < 5; epoch++) {
      // With a metric that was never seen the step is recorded anew.
      if (freshEachEpoch) compile()
      const { history } = await model.fit(x, y, { epochs: 1, batchSize: batch, shuffle: false, verbose: 0 })
      losses.push(...(history.loss as number[]))
    }
    return {
      losses,
      weights: model.getWeights().map(weight => Array.from(weight.dataSync())),
      counts: { ...stepCounts(model) },
    }
  } finally {
    tf.setBackend("xla")
  }
}

describe.each(Object.keys(networks))("%s", key => {
  test("20 steps equal tfjs's cpu backend, and are replayed", async () => {
    const [wanted, found] = [await trained("cpu", key), await trained("xla", key)]
    expect(difference(wanted.losses, found.losses)).toBeLessThan(1e-5)
    for (const [i, weights] of wanted.weights.entries())
      expect(difference(weights, found.weights[i]!), `weight ${i}`).toBeLessThan(1e-5)
    expect(found.losses.at(-1)!).toBeLessThan(found.losses[0]!)
    expect(found.counts.replayed).toBeGreaterThanOrEqual(16)
  })

  test("recorded and replayed steps are equal to the bit", async () => {
    const [replayed, recorded] = [await trained("xla", key), await trained("xla", key, true)]
    expect(recorded.losses).toEqual(replayed.losses)
    expect(recorded.weights).toEqual(replayed.weights)
    expect(recorded.counts.replayed).toBeLessThan(replayed.counts.replayed)
  })
})
