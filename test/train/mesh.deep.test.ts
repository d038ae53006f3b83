// All six networks that training is judged by, each on meshes of every form: equal to one device after 20 steps.
import { expect, test } from "vitest"
import { mesh } from "../../kernel/src/train/parallel/Mesh.js"
import { networks } from "./models.mjs"
import { difference, xla } from "./onXla.js"

type LayersModel = import("@tensorflow/tfjs").LayersModel
type Axes = Parameters<typeof mesh>[0]

const meshes: readonly Axes[] = [{ data: 2 }, { data: 4 }, { model: 2 }, { data: 2, model: 2 }]

test.each(Object.keys(networks))("%s", async name => {
  const tf = await xla()
  const fitted = async (axes?: Axes) => {
    const { sizes, make } = networks[name]!
    const { model, loss, batch, data } = make(tf, { ...sizes.small, vocabulary: 12 })
    // Plain descent: Adam makes whole steps of the rounding errors of gradients that are zero (a bias before a norm).
    model.compile({ optimizer: tf.train.sgd(0.05), loss })
    const { x, y } = data(2 * batch)
    const fit = async () => model.fit(x, y, { epochs: 10, batchSize: batch, shuffle: false, verbose: 0 })
    const history = axes === undefined ? await fit() : await mesh(axes).run(fit)
    const weights = (model as LayersModel).getWeights().flatMap(one => Array.from(one.dataSync()))
    return { losses: history.history.loss as number[], weights }
  }
  const one = await fitted()
  for (const axes of meshes) {
    const many = await fitted(axes)
    expect(difference(one.losses, many.losses), JSON.stringify(axes)).toBeLessThan(1e-5)
    expect(difference(one.weights, many.weights), JSON.stringify(axes)).toBeLessThan(1e-5)
  }
})
