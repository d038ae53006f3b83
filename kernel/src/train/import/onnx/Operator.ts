// One ONNX operator as a row of table.ts: what it computes, and what the importer may do instead while it reads a file. `run`
// is the meaning; `fold` does the arithmetic on shapes that files are full of; `build` gives the tf.layers layer that is the
// same, so that an imported network freezes, prunes and exports like one made here. Rows hold no state.

import type { Known, Live, Order, Value } from "./Value.js"

export type Tf = typeof import("@tensorflow/tfjs")
export type Tensor = import("@tensorflow/tfjs").Tensor
export type Layer = import("@tensorflow/tfjs").layers.Layer

/** What a node says beside its inputs. Tensors among them have become inputs or settings. */
export type Setting = number | string | readonly number[] | readonly string[]
export type Settings = Readonly<Record<string, Setting>>

export interface Operator {
  /**
   * In which order of axes `run` takes its live inputs and gives its outputs. `file`: ONNX's own. `last`: input 0 with its
   * channels last. `same`: element by element, so any. `together`: any, but all inputs in one. `axes`: any, but what the node
   * calls an axis goes through `call.axis`.
   */
  readonly order: Order | "same" | "together" | "axes"
  /** Inputs that must be known when the file is read: lengths, axes, windows. */
  readonly known?: readonly number[]
  /** The input whose type in the file becomes the setting `stored`: what the output saturates at. */
  readonly typedBy?: number
  /** On tensors. Never reads elements: a step is recorded before it runs. */
  run(call: Call): Tensor | Tensor[]
  /** On known whole numbers. Undefined: `run` does it. */
  fold?(call: Folding): Known | undefined
  /** With layers of TensorFlow.js's own; undefined where they would not be the same. */
  build?(call: Building): readonly Value[] | undefined
}

/** Reads a node's settings, each with the default that ONNX gives it. */
export class SettingReader {
  constructor(
    readonly settings: Settings,
    readonly operatorSet: number,
  ) {}

  number(name: string, otherwise: number): number {
    const value = this.settings[name]
    return typeof value === "number" ? value : otherwise
  }
  text(name: string, otherwise: string): string {
    const value = this.settings[name]
    return typeof value === "string" ? value : otherwise
  }
  list(name: string): readonly number[] | undefined {
    const value = this.settings[name]
    return Array.isArray(value) ? (value as readonly number[]) : undefined
  }
  has(name: string): boolean {
    return this.settings[name] !== undefined
  }
}

/** An operator on tensors. */
export class Call extends SettingReader {
  constructor(
    readonly tf: Tf,
    settings: Settings,
    operatorSet: number,
    readonly order: Order,
    readonly outputs: number,
    private readonly args: readonly (CallArgument | undefined)[],
    private readonly keep: (key: string, make: () => Tensor) => Tensor,
  ) {
    super(settings, operatorSet)
  }

  /** The first input. */
  get x(): Tensor {
    return this.tensor(0)
  }
  get count(): number {
    return this.args.length
  }
  given(i: number): boolean {
    return this.args[i] !== undefined
  }
  tensor(i: number): Tensor {
    const arg = this.args[i]
    if (arg === undefined) throw new TypeError(`input ${i} is not given`)
    if (arg.tensor !== undefined) return arg.tensor
    const { data, shape, type } = arg.known!
    return this.constant(data, shape, type)
  }
  /** Made once a layer: a tensor that a step makes anew would keep the step from being captured. */
  constant(data: readonly number[], shape: readonly number[], type: "float32" | "int32" | "bool"): Tensor {
    const { tf } = this
    if (shape.length === 0 && type !== "bool") return tf.scalar(data[0]!, type)
    return this.keep(`${type}[${shape}]${data}`, () => tf.tensor(data as number[], [...shape], type))
  }
  optional(i: number): Tensor | undefined {
    return this.given(i) ? this.tensor(i) : undefined
  }
  tensors(): Tensor[] {
    return this.args.flatMap((arg, i) => (arg === undefined ? [] : this.tensor(i)))
  }
  /** Of an input that was known when the file was read. */
  numbers(i: number): readonly number[] | undefined {
    return this.args[i]?.known?.data
  }
  /** A setting of older operator sets that newer ones made input `i`. */
  listOr(name: string, i: number): readonly number[] | undefined {
    return this.numbers(i) ?? this.list(name)
  }
  /** Where the axis that the node calls `axis` lies in `x`. */
  axis(axis: number, rank = this.x.rank): number {
    const positive = axis < 0 ? axis + rank : axis
    if (this.order === "file" || rank < 3 || positive === 0) return positive
    return positive === 1 ? rank - 1 : positive - 1
  }
}

export interface CallArgument {
  readonly tensor?: Tensor
  readonly known?: {
    readonly type: "float32" | "int32" | "bool"
    readonly shape: readonly number[]
    readonly data: readonly number[]
  }
}

/** An operator on what is known: all of its inputs, or as much of them as it asks for. */
export class Folding extends SettingReader {
  constructor(
    settings: Settings,
    operatorSet: number,
    readonly inputs: readonly (Value | undefined)[],
  ) {
    super(settings, operatorSet)
  }

  known(i: number): Known | undefined {
    const input = this.inputs[i]
    return input?.kind === "known" ? input : undefined
  }
  get x(): Known {
    return this.inputs[0] as Known
  }
  listOr(name: string, i: number): readonly number[] | undefined {
    const known = this.known(i)
    return known === undefined ? this.list(name) : Array.from(known.data)
  }
}

/** A node at its place in the file, for rows that make layers themselves. */
export interface Building {
  readonly tf: Tf
  /** Unique, good for a layer. */
  readonly name: string
  readonly node: SettingReader
  readonly inputs: readonly (Value | undefined)[]
  readonly outputs: number
  live(i: number): Live | undefined
  known(i: number): Known | undefined
  /** Applies a layer; its output is in `order`, of type float32. */
  layer(layer: Layer, inputs: readonly Live[], order: Order): Live
  /** A known vector of `units` weights that the next node, and only it, adds: it becomes part of this one. */
  biasAfter(units: number): Known | undefined
  /** The batch was written as 1 in the file, and is free here. */
  readonly batchWasOne: boolean
  /** The node as a layer that runs the row, on other inputs than its own. */
  operator(inputs: readonly (Value | undefined)[]): readonly Value[]
  /** The error of this node. */
  fault(problem: string, fix: string): Error
  /** The value in the order wanted, by a transpose where it must be. */
  put(value: Live, order: Order): Live
}
