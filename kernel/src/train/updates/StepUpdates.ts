// What `train` adds to the update of each step: clipped gradients before the optimizer, averaged weights after it. Recorded
// where the optimizer records its own, so that the step stays one program and is captured as one.

import type { Tf } from "../tf.js"
import { type LayerRateShares, LayerRates } from "../transfer/LayerRates.js"
import { type Clip, clipped, type NamedGradient } from "./clipping.js"
import { WeightAverages } from "./WeightAverages.js"

type LayersModel = import("@tensorflow/tfjs").LayersModel
type Gradients = readonly NamedGradient[] | Readonly<Record<string, NamedGradient["tensor"]>>

interface UpdatedOptimizer {
  applyGradients?(gradients: Gradients): void
  /** Settings that a captured step was made with. */
  clipNorm?: number
  clipValue?: number
  layerRates?: number
}

export interface UpdateOptions {
  readonly clip?: Clip | undefined
  readonly ema?: number | undefined
  readonly layerRates?: LayerRateShares | undefined
}

export class StepUpdates {
  readonly #optimizer: UpdatedOptimizer
  readonly #averages: WeightAverages | undefined
  readonly #rates: LayerRates | undefined

  constructor(
    private readonly tf: Tf,
    model: LayersModel,
    private readonly options: UpdateOptions,
  ) {
    this.#optimizer = model.optimizer as unknown as UpdatedOptimizer
    const { clip, ema, layerRates } = options
    this.#rates = layerRates === undefined ? undefined : new LayerRates(tf, model, layerRates)
    if (this.#rates !== undefined) this.#optimizer.layerRates = this.#rates.mark
    this.#averages = ema === undefined ? undefined : new WeightAverages(tf, model, ema)
    if (clip !== undefined)
      Object.assign(this.#optimizer, "norm" in clip ? { clipNorm: clip.norm } : { clipValue: clip.value })
  }

  /** From here on, once a checkpoint was restored. */
  begin(): void {
    const { clip } = this.options
    this.#averages?.begin()
    const rates = this.#rates
    if (clip === undefined && this.#averages === undefined && rates === undefined) return
    const { tf } = this
    const apply = this.#optimizer.applyGradients!
    this.#optimizer.applyGradients = gradients => {
      tf.tidy(() => {
        const list = listed(gradients)
        const update = () => apply.call(this.#optimizer, clip === undefined ? list : clipped(tf, list, clip))
        if (rates === undefined) update()
        else rates.during(update)
      })
      this.#averages?.update()
    }
  }

  /** The training came to its end: the averages are what the model has learnt. */
  end(): void {
    this.#averages?.adopt()
  }

  close(): void {
    delete this.#optimizer.applyGradients
    delete this.#optimizer.clipNorm
    delete this.#optimizer.clipValue
    delete this.#optimizer.layerRates
    this.#averages?.close()
  }
}

function listed(gradients: Gradients): readonly NamedGradient[] {
  if (Array.isArray(gradients)) return gradients as readonly NamedGradient[]
  return Object.entries(gradients as Readonly<Record<string, NamedGradient["tensor"]>>).map(
    ([name, tensor]) => ({ name, tensor }),
  )
}
