// Moving averages of a model's weights, made in the graph of each step (Polyak and Juditsky 1992): beside the weights while
// it trains, in their place while it is evaluated and when the training is over. Kept as slots of the optimizer, under
// `averages`, so that checkpoints hold them and a captured step finds them.

import { fail } from "../../errors.js"
import type { Tf } from "../tf.js"

type Variable = import("@tensorflow/tfjs").Variable
type LayersModel = import("@tensorflow/tfjs").LayersModel

interface AverageSlot {
  readonly originalName: string
  readonly variable: Variable
}
/** An optimizer with averages; `emaDecay` is a setting that a captured step was made with. */
interface Averaged {
  averages?: (AverageSlot | undefined)[]
  emaDecay?: number
}
interface Evaluated {
  evaluate?: unknown
  evaluateDataset?: unknown
}

/** @throws BAD_VALUE */
export function checkDecay(ema: number): void {
  if (ema > 0 && ema < 1) return
  const fix = "Give the share of the average that stays at each step, between 0 and 1, such as 0.999."
  throw fail("BAD_VALUE", { where: "train", name: "ema", value: ema, fix })
}

export class WeightAverages {
  readonly #optimizer: Averaged
  /** What trains: a Sequential has a LayersModel inside. */
  readonly #inner: LayersModel

  /** Makes room for the averages of a checkpoint. */
  constructor(
    private readonly tf: Tf,
    model: LayersModel,
    private readonly decay: number,
  ) {
    this.#inner = (model as { model?: LayersModel }).model ?? model
    this.#optimizer = model.optimizer as unknown as Averaged
    Object.assign(this.#optimizer, { averages: [], emaDecay: decay })
  }

  /** Averages that no checkpoint brought begin as the weights are. Evaluations take the averages from here on. */
  begin(): void {
    const { tf } = this
    const slots = this.#optimizer.averages!
    for (const [i, { originalName, weight }] of this.#weights().entries())
      slots[i] ??= { originalName, variable: tf.tidy(() => tf.variable(copyOf(tf, weight), false)) }
    const inner = this.#inner as unknown as Record<"evaluate" | "evaluateDataset", (...a: never[]) => unknown>
    const { evaluate, evaluateDataset } = inner
    inner.evaluate = (...values) => {
      this.#swap()
      try {
        return evaluate.apply(inner, values)
      } finally {
        this.#swap()
      }
    }
    inner.evaluateDataset = async (...values) => {
      this.#swap()
      try {
        return await evaluateDataset.apply(inner, values)
      } finally {
        this.#swap()
      }
    }
  }

  /** Recorded after the optimizer's own update, as part of the step. */
  update(): void {
    const { tf, decay } = this
    const slots = this.#optimizer.averages!
    tf.tidy(() => {
      for (const [i, { weight }] of this.#weights().entries()) {
        const { variable } = slots[i]!
        variable.assign(tf.add(tf.mul(variable, decay), tf.mul(weight, 1 - decay)))
      }
    })
  }

  /** The averages become the weights. */
  adopt(): void {
    this.#swap()
  }

  close(): void {
    const inner = this.#inner as Evaluated
    delete inner.evaluate
    delete inner.evaluateDataset
    for (const slot of this.#optimizer.averages ?? []) slot?.variable.dispose()
    delete this.#optimizer.averages
    delete this.#optimizer.emaDecay
  }

  /** Exchanges memory, not values: each stays the only owner of its own, as a captured step wants it. */
  #swap(): void {
    const slots = this.#optimizer.averages!
    for (const [i, { weight }] of this.#weights().entries()) {
      const average = slots[i]!.variable
      const kept = weight.dataId
      weight.dataId = average.dataId
      average.dataId = kept
    }
  }

  #weights(): { originalName: string; weight: Variable }[] {
    const { collectedTrainableWeights } = this.#inner as unknown as {
      collectedTrainableWeights: { originalName: string; read(): unknown }[]
    }
    return collectedTrainableWeights.map(one => ({
      originalName: one.originalName,
      weight: one.read() as Variable,
    }))
  }
}

/** Over the host, so that the two share no memory: the first step would be another program than the second. */
function copyOf(tf: Tf, weight: Variable) {
  return tf.tensor(weight.dataSync().slice(), weight.shape, weight.dtype)
}
