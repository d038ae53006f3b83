// Loss scaling for f16 (Micikevicius and others 2018): gradients too small for f16 are lifted by a factor on the loss, and
// taken down again before the optimizer sees them. A step whose gradients overflowed changes nothing at all, and halves the
// factor; a long run of good steps doubles it. All of it is part of the step's program, so captured steps replay it.

import { currentPrecision } from "./currentPrecision.js"
import type { Tf } from "./tf.js"

type Tensor = import("@tensorflow/tfjs").Tensor
type Scalar = import("@tensorflow/tfjs").Scalar
type Variable = import("@tensorflow/tfjs").Variable

const first = 65_536
/** Good steps in a row before the factor grows. */
const growthInterval = 2000
const [smallest, largest] = [1, 2 ** 24]

interface Gradients {
  readonly value: Scalar
  readonly grads: Record<string, Tensor>
}
type NamedGradient = { name: string; tensor: Tensor | null | undefined }

/** What is used of a tfjs optimizer. */
export interface ScaledOptimizer {
  computeGradients(cost: () => Scalar, variables?: Variable[]): Gradients
  applyGradients(gradients: NamedGradient[]): void
}

export interface LossScaleReport {
  /** The factor now. */
  readonly scale: number
  /** Steps that changed nothing, because a gradient was not finite. */
  readonly skipped: number
}

/** The factor of one optimizer, its run of good steps, and how many were skipped, as variables of the graph. */
export class LossScale {
  readonly #scale: Variable
  readonly #good: Variable
  readonly #skipped: Variable

  constructor(
    private readonly tf: Tf,
    /** The factor to begin with, and the good steps after which it grows. */
    start = first,
    private readonly interval = growthInterval,
  ) {
    const variable = (value: number) => tf.variable(tf.scalar(value), false)
    this.#scale = variable(start)
    this.#good = variable(0)
    this.#skipped = variable(0)
  }

  /** The loss as it is, and gradients that are lifted by the factor. */
  computeGradients(optimizer: ScaledOptimizer, cost: () => Scalar, variables?: Variable[]): Gradients {
    const { tf } = this
    const scale = this.#scale
    const { value, grads } = optimizer.computeGradients(() => tf.mul(cost(), scale), variables)
    const loss = tf.div(value, scale) as Scalar
    value.dispose()
    return { value: loss, grads }
  }

  /** Takes the factor out of the gradients and applies them; where one is not finite, nothing changes but the factor. */
  applyGradients(optimizer: ScaledOptimizer, gradients: readonly NamedGradient[]): void {
    const { tf } = this
    tf.tidy(() => {
      const finite = this.#allFinite(gradients)
      const before = this.#variables()
      optimizer.applyGradients(this.#unscaled(gradients, finite))
      for (const [variable, old] of before)
        if (variable.dataId !== old.dataId) variable.assign(tf.where(finite, variable, old))
      this.#adapt(finite)
    })
  }

  report(): LossScaleReport {
    return { scale: this.#scale.dataSync()[0]!, skipped: this.#skipped.dataSync()[0]! }
  }

  fields(): Record<"lossScale" | "goodSteps" | "skippedSteps", Variable> {
    return { lossScale: this.#scale, goodSteps: this.#good, skippedSteps: this.#skipped }
  }

  dispose(): void {
    for (const variable of [this.#scale, this.#good, this.#skipped]) variable.dispose()
  }

  #allFinite(gradients: readonly NamedGradient[]): Tensor {
    const { tf } = this
    return gradients
      .flatMap(({ tensor }) => (tensor ? [tf.all(tf.isFinite(tensor))] : []))
      .reduce((all, one) => tf.logicalAnd(all, one), tf.scalar(true, "bool") as Tensor)
  }

  /** Zeros in a step that is skipped: what an optimizer makes in its first step then starts as it would have. */
  #unscaled(gradients: readonly NamedGradient[], finite: Tensor): NamedGradient[] {
    const { tf } = this
    const one = (gradient: Tensor) => tf.where(finite, tf.div(gradient, this.#scale), tf.zerosLike(gradient))
    return gradients.map(({ name, tensor }) => ({ name, tensor: tensor ? one(tensor) : tensor }))
  }

  /** Every variable, with its value as a tensor of its own; those that the step leaves alone cost nothing. */
  #variables(): Map<Variable, Tensor> {
    const { tf } = this
    const own = new Set([this.#scale, this.#good, this.#skipped])
    const others = Object.values(tf.engine().registeredVariables).filter(
      variable => !variable.isDisposed && !own.has(variable),
    )
    return new Map(others.map(variable => [variable, tf.clone(variable)]))
  }

  #adapt(finite: Tensor): void {
    const { tf } = this
    const good = tf.where(finite, tf.add(this.#good, 1), 0)
    const grows = tf.greaterEqual(good, this.interval)
    const grown = tf.where(grows, tf.mul(this.#scale, 2), this.#scale)
    const scale = tf.clipByValue(tf.where(finite, grown, tf.div(this.#scale, 2)), smallest, largest)
    this.#skipped.assign(tf.add(this.#skipped, tf.where(finite, tf.scalar(0), tf.scalar(1))))
    this.#good.assign(tf.where(grows, tf.scalar(0), good))
    this.#scale.assign(scale)
  }
}

const scales = new WeakMap<object, LossScale>()

/** The optimizer's own, made at its first step in f16 and gone with it. */
export function lossScaleOf(tf: Tf, optimizer: object): LossScale {
  const known = scales.get(optimizer)
  if (known !== undefined) return known
  const made = new LossScale(tf)
  scales.set(optimizer, made)
  // Fields that are variables are part of a checkpoint.
  Object.assign(optimizer, made.fields())
  const owner = optimizer as { dispose(): void }
  const { dispose } = owner
  owner.dispose = function () {
    made.dispose()
    scales.delete(optimizer)
    dispose.call(this)
  }
  return made
}

/** `optimizer.computeGradients`, with the loss scaled where the precision asks for it. */
export function scaledGradients(
  tf: Tf,
  optimizer: ScaledOptimizer,
  cost: () => Scalar,
  variables?: Variable[],
): Gradients {
  if (currentPrecision() !== "f16") return optimizer.computeGradients(cost, variables)
  return lossScaleOf(tf, optimizer).computeGradients(optimizer, cost, variables)
}

/** `optimizer.applyGradients` of what `scaledGradients` gave, added up or not. */
export function applyScaled(tf: Tf, optimizer: ScaledOptimizer, gradients: NamedGradient[]): void {
  if (currentPrecision() !== "f16") optimizer.applyGradients(gradients)
  else lossScaleOf(tf, optimizer).applyGradients(optimizer, gradients)
}

/** Steps skipped so far, 0 for an optimizer that never took one in f16. */
export function skippedBy(optimizer: object): number {
  return scales.get(optimizer)?.report().skipped ?? 0
}
