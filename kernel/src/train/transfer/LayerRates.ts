// Learning rates by layer, as shares of the optimizer's own. An optimizer knows one rate, so its update is made and a share of
// it kept: w + share * (w' - w). For every optimizer whose update is the rate times something that is a rate of its own. Part
// of the graph of the step, so the step is captured with it.

import { didYouMean, fail } from "../../errors.js"
import type { Tf } from "../tf.js"

type LayersModel = import("@tensorflow/tfjs").LayersModel
type Variable = import("@tensorflow/tfjs").Variable

/** By layer name; a name that ends in `*` is all that begin so. The last one that fits counts. */
export type LayerRateShares = Readonly<Record<string, number>>

/** @throws BAD_VALUE */
export function checkLayerRates(shares: LayerRateShares): void {
  for (const [name, share] of Object.entries(shares)) {
    if (typeof share === "number" && share >= 0 && Number.isFinite(share)) continue
    const fix = "Give a share of the learning rate from 0 on, such as 0.1."
    throw fail("BAD_VALUE", { where: "train", name: `layerRates: ${name}`, value: share, fix })
  }
}

export class LayerRates {
  readonly #shares: ReadonlyMap<Variable, number>
  /** For the guard of a captured step: other shares are another number. */
  readonly mark: number

  constructor(
    private readonly tf: Tf,
    model: LayersModel,
    shares: LayerRateShares,
  ) {
    const found = new Map<Variable, number>()
    const names = model.layers.map(layer => layer.name)
    for (const [pattern, share] of Object.entries(shares)) {
      const fitting = model.layers.filter(({ name }) => fits(name, pattern))
      if (fitting.length === 0) throw noLayer(pattern, names)
      for (const layer of fitting)
        for (const weight of layer.trainableWeights) found.set(weight.read() as unknown as Variable, share)
    }
    this.#shares = found
    this.mark = [...found.values()].reduce((sum, share, i) => sum + (i + 1) * (share + 1), found.size)
  }

  /** Makes an update, and of what it changed keeps each variable's share. */
  during(update: () => void): void {
    const { tf } = this
    const before = [...this.#shares]
      .filter(([, share]) => share !== 1)
      .map(([variable, share]) => ({ variable, share, old: tf.clone(variable as never) }))
    update()
    for (const { variable, share, old } of before) {
      tf.tidy(() => {
        variable.assign(tf.add(old as never, tf.mul(tf.sub(variable as never, old as never), share)))
      })
      tf.dispose(old)
    }
  }
}

const fits = (name: string, pattern: string) =>
  pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern

function noLayer(pattern: string, names: readonly string[]): Error {
  const fix = `Layers:${didYouMean(pattern, names)} ${names.slice(0, 12).join(", ")}${names.length > 12 ? " ..." : ""}.`
  return fail("BAD_VALUE", {
    where: "train",
    name: "layerRates",
    value: `\`${pattern}\`, which no layer is named`,
    fix,
  })
}
