// A training step in two programs: gradients, for each part of the batch and added up, then one update of the weights. So a
// batch can be larger than what fits at once (accumulation), and processes can add their gradients up in between
// (Exchange). Each gradient counts as often as it has rows, which makes the sum that of the whole batch, however it was
// split. Both programs are captured and replayed by a Stepper of their own.

import { augmentationOf } from "../feed/augment.js"
import { applyScaled, scaledGradients } from "../LossScale.js"
import { Stepper } from "../step/Stepper.js"
import type { Tf } from "../tf.js"
import type { XlaBackend } from "../XlaBackend.js"

type Tensor = import("@tensorflow/tfjs").Tensor
type Variable = import("@tensorflow/tfjs").Variable
/** Inputs, targets, then sample weights, which are null as a rule. */
type StepData = (Tensor | null)[]
type TrainFunction = (data: StepData) => Tensor[]
type Gradients = Record<string, Tensor | null | undefined>

/** Adds up over all processes, in place. Every process calls it equally often, with vectors of one length. */
export interface Exchange {
  sum(values: Float32Array): void
}

export interface SplitOptions {
  /** Parts of a batch that are computed one after the other. */
  readonly accumulate: number
  /** The processes that train together; none when this one is alone. */
  readonly exchange?: Exchange | undefined
}

interface SplitOptimizer {
  minimize?: (cost: () => Tensor, returnCost?: boolean, variables?: Variable[]) => Tensor
  computeGradients(cost: () => Tensor, variables?: Variable[]): { value: Tensor; grads: Gradients }
  applyGradients(gradients: { name: string; tensor: Tensor | null | undefined }[]): void
}

/** The parts of a LayersModel that its step depends on. */
export interface SplitModel {
  readonly optimizer_: object
  readonly lossFunctions: unknown
  readonly metricsTensors: unknown
  readonly collectedTrainableWeights: readonly unknown[]
  readonly weights: readonly { read(): Tensor }[]
}

export class SplitStep {
  readonly #gradients: Stepper
  readonly #update: Stepper
  /** Gradients, logs and the count of rows, one after the other; zero between two steps. */
  #sum: Variable | undefined
  /** What layers learn beside the gradients (means of batch normalisation), times the rows that this process had. */
  #statistics: Variable | undefined
  /** Variables that the loss depends on. */
  #reached: ReadonlySet<string> = new Set()
  #logs = 0

  constructor(
    private readonly tf: Tf,
    private readonly model: SplitModel,
    private readonly options: SplitOptions,
  ) {
    const parts = () => {
      const { optimizer_, lossFunctions, metricsTensors, collectedTrainableWeights } = model
      return [optimizer_, lossFunctions, metricsTensors, collectedTrainableWeights, augmentationOf(model)]
    }
    this.#gradients = new Stepper(tf, parts)
    this.#update = new Stepper(tf, parts)
  }

  get counts(): { recorded: number; replayed: number } {
    const [a, b] = [this.#gradients.counts, this.#update.counts]
    return { recorded: a.recorded + b.recorded, replayed: a.replayed + b.replayed }
  }

  /** `record` is tfjs's own train function. */
  step(backend: XlaBackend | undefined, data: StepData, record: TrainFunction): Tensor[] {
    const { tf } = this
    const run = (stepper: Stepper, part: StepData, train: () => Tensor[]) => {
      if (backend === undefined) return train()
      const tensors = part.filter(tensor => tensor !== null && tensor !== undefined)
      const call = { model: this.model, tensors, key: "", waits: false }
      const record = () => ({ tensors: train(), rest: undefined })
      return stepper.step(backend, { ...call, record }).tensors as Tensor[]
    }
    const rows = data[0]!.shape[0]!
    for (const [from, to] of partsOf(rows, this.options.accumulate)) {
      const part = to - from === rows ? data : data.map(tensor => rowsOf(tf, tensor, from, to))
      run(this.#gradients, part, () => this.#collect(part, record))
      if (part !== data) for (const tensor of part) tensor?.dispose()
    }
    this.#meet(backend)
    return run(this.#update, [], () => this.#apply())
  }

  close(): void {
    this.#sum?.dispose()
    this.#statistics?.dispose()
    this.#sum = undefined
    this.#statistics = undefined
  }

  get #optimizer(): SplitOptimizer {
    return this.model.optimizer_ as SplitOptimizer
  }

  get #variables(): Variable[] {
    return (this.model.collectedTrainableWeights as { read(): Variable }[]).map(weight => weight.read())
  }

  /** Weights that no gradient moves, and that differ between processes that see other rows. */
  get #others(): Variable[] {
    if (this.options.exchange === undefined) return []
    const trained = new Set<Tensor>(this.#variables)
    return this.model.weights.map(weight => weight.read() as Variable).filter(one => !trained.has(one))
  }

  /** Has tfjs compute loss and gradients, and adds them to the sum instead of taking a step. */
  #collect(data: StepData, record: TrainFunction): Tensor[] {
    const { tf } = this
    const optimizer = this.#optimizer
    let found: Gradients = {}
    optimizer.minimize = (cost, _, variables) => {
      const { value, grads } = scaledGradients(tf, optimizer as never, cost as never, variables)
      found = grads
      return value
    }
    let outs: Tensor[]
    try {
      outs = record(data)
    } finally {
      // The one of its class again.
      delete optimizer.minimize
    }
    this.#logs = outs.length
    this.#reached = new Set(Object.keys(found).filter(name => found[name]))
    tf.tidy(() => {
      const rows = data[0]!.shape[0]!
      const flat = this.#variables.map(one => found[one.name]?.flatten() ?? tf.zeros([one.size]))
      const numbers = outs.map(out => tf.reshape(out, [1]))
      const own = tf.concat([...flat, ...numbers, tf.ones([1])] as import("@tensorflow/tfjs").Tensor1D[])
      this.#sum ??= tf.variable(tf.zeros(own.shape), false)
      this.#sum.assign(tf.add(this.#sum, tf.mul(own, rows)))
      this.#gatherStatistics()
    })
    tf.dispose(found as Record<string, Tensor>)
    tf.dispose(outs)
    return []
  }

  #gatherStatistics(): void {
    const { tf } = this
    const others = this.#others
    if (others.length === 0) return
    const flat = tf.concat(others.map(one => tf.cast(one, "float32").flatten()))
    this.#statistics ??= tf.variable(tf.zeros(flat.shape), false)
    this.#statistics.assign(tf.mul(flat, tf.slice(this.#sum!, [this.#sum!.size - 1], [1])))
  }

  /** Sums and statistics become those of all processes. */
  #meet(backend: XlaBackend | undefined): void {
    const { exchange } = this.options
    if (exchange === undefined) return
    for (const variable of [this.#sum, this.#statistics]) {
      if (variable === undefined) continue
      const values = (variable.dataSync() as Float32Array).slice()
      exchange.sum(values)
      const summed = this.tf.tensor(values, variable.shape, "float32")
      variable.assign(summed)
      summed.dispose()
      backend?.ownNumbers(variable.dataId)
    }
  }

  /** One update by the mean gradient; what it gives is the loss and the metrics of the whole batch. */
  #apply(): Tensor[] {
    const { tf } = this
    const sum = this.#sum!
    const logs = tf.tidy(() => {
      const rows = tf.slice(sum, [sum.size - 1], [1])
      const mean = tf.div(sum, rows)
      const parts = pieces(tf, mean, this.#variables)
      applyScaled(
        tf,
        this.#optimizer as never,
        this.#variables.map(({ name }, i) => ({
          name,
          tensor: this.#reached.has(name) ? parts[i]! : null,
        })),
      )
      if (this.#statistics !== undefined) {
        const others = this.#others
        const means = pieces(tf, tf.div(this.#statistics, rows), others)
        for (const [i, other] of others.entries()) other.assign(tf.cast(means[i]!, other.dtype))
      }
      const first = sum.size - 1 - this.#logs
      const values = Array.from({ length: this.#logs }, (_, i) =>
        tf.reshape(tf.slice(mean, [first + i], [1]), []),
      )
      sum.assign(tf.zerosLike(sum))
      return values
    })
    return logs
  }
}

/** A vector cut into tensors of the shapes of the variables, in order. */
function pieces(tf: Tf, vector: Tensor, variables: readonly Variable[]): Tensor[] {
  let at = 0
  return variables.map(({ size, shape }) => {
    const piece = tf.reshape(tf.slice(vector, [at], [size]), shape)
    at += size
    return piece
  })
}

/** From and to of each part; as equal as can be, and none empty. */
export function partsOf(rows: number, parts: number): [number, number][] {
  const count = Math.min(rows, parts)
  const bound = (i: number) => Math.floor((rows * i) / count)
  return Array.from({ length: count }, (_, i) => [bound(i), bound(i + 1)])
}

/** By index rather than as a slice, so that all parts are one program. */
function rowsOf(tf: Tf, tensor: Tensor | null, from: number, to: number): Tensor | null {
  if (tensor === null || tensor === undefined) return null
  const indices = Int32Array.from({ length: to - from }, (_, i) => from + i)
  return tf.tidy(() => tf.gather(tensor, tf.tensor1d(indices, "int32")))
}
