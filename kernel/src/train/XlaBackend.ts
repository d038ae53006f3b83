// The tfjs backend `xla`: kernels append graph nodes, nothing runs until a step ends or a value is read. This class keeps
// the values behind tfjs data ids with exact reference counts; `Cutter` turns what is pending into a program and runs it.
// Structurally a tfjs KernelBackend; it loads nothing of tfjs itself.

import type { Device, DeviceBuffer, HostArray } from "../device/Device.js"
import type { Sharding } from "../device/sharding.js"
import { constant, reshape, shard } from "../ir/build.js"
import type { Node } from "../ir/node.js"
import { type DType, elements, type Shape, sameShape } from "../ir/types.js"
import { Cutter } from "./Cutter.js"
import type { Layout } from "./parallel/Layout.js"
import { collectGarbage, type Living } from "./room.js"
import { ScalarPack } from "./ScalarPack.js"
import type { AppliedOptimizers } from "./step/optimizers.js"
import { Leaf, leafOf, type TfDType, toTfDType, type Value } from "./Value.js"

export interface TensorInfo {
  dataId: object
  shape: number[]
  dtype: TfDType
}

const dtypes: Readonly<Partial<Record<TfDType, DType>>> = { float32: "f32", int32: "i32", bool: "i1" }
/** Host arrays of one repeated 0 or 1 up to this size become constants of the program. */
const splatLimit = 65_536
const nothing: ReadonlySet<Value> = new Set()
/** A custom loop that never reads a value is cut here, so that the graph stays bounded. */
const pendingLimit = 20_000

export class XlaBackend {
  readonly cutter: Cutter
  private readonly values = new Map<object, Value>()
  private readonly packs = { f32: [new ScalarPack("f32")], i32: [new ScalarPack("i32")] }
  private recorded = 0
  private deaths = 0

  constructor(public device: Device) {
    this.cutter = new Cutter(device)
    this.cutter.room = { free: () => this.freeDead(), living: () => this.living() }
  }

  /** Everything runs on `device` from here on; what lives elsewhere follows when it is used. */
  moveTo(device: Device, layout?: Layout): void {
    this.cut()
    this.device = device
    this.cutter.moveTo(device, layout)
  }

  /** Frees what still lives on another device; its elements wait on the host. */
  leaveOthers(): void {
    for (const { node } of this.values.values()) {
      const leaf = node === undefined ? undefined : leafOf(node)
      if (leaf?.buffer !== undefined && !this.device.owns(leaf.buffer)) leaf.toHost()
    }
  }

  /** Cuts a value over the devices of a mesh: its memory when it has any, else the graph says so where it is made. */
  spread(dataId: object, sharding: Sharding): void {
    const value = this.value(dataId)
    const { node } = value
    if (node === undefined || !sharding.fits(node.type.shape)) return
    const leaf = leafOf(node)
    if (leaf !== undefined) leaf.sharding = sharding
    else if (node.op !== "shard") value.node = shard(node, sharding.text(node.type.shape.length))
  }

  // --- what kernels use

  /** The graph node of a tfjs tensor, in the tensor's own shape. */
  nodeOf(info: { dataId: object; shape: readonly number[] }): Node {
    const value = this.value(info.dataId)
    if (value.failure !== undefined) throw value.failure
    if (value.node === undefined) throw new TypeError(`${value.tfDType} tensors do not run on xla`)
    // Complex numbers have one axis more, of the two parts.
    const shape = value.tfDType === "complex64" ? [...info.shape, 2] : info.shape
    return sameShape(value.node.type.shape, shape) ? value.node : reshape(value.node, [...shape])
  }

  /** A new tfjs value for the result of a kernel. */
  record(node: Node, dtype: TfDType | undefined = toTfDType[node.type.dtype]): TensorInfo {
    if (dtype === undefined) throw new TypeError(`tfjs has no ${node.type.dtype}`)
    if (++this.recorded > pendingLimit) this.cut()
    const shape = node.type.shape.slice(0, dtype === "complex64" ? -1 : undefined)
    return { dataId: this.adopt(node, undefined, dtype), shape, dtype }
  }

  /** The elements of a value when the host has them anyway. */
  hostOf(dataId: object): HostArray | undefined {
    const value = this.value(dataId)
    return value.node === undefined ? undefined : (value.host as HostArray | undefined)
  }

  /** An i32 scalar that is a fresh random number each time the step runs. */
  seed(): Node {
    return this.pack("i32").putSeed(this.cutter.nextSeed())
  }

  /** An i32 scalar whose value may differ from step to step without making another program. */
  scalar(value: number): Node {
    return this.pack("i32").put(value)
  }

  /** Gives a value that came from the host memory of its own, so that it is a parameter and never part of the text. */
  own(dataId: object): void {
    const value = this.value(dataId)
    if (value.host === undefined || value.node === undefined || value.node.op === "parameter") return
    this.cutter.forget(value)
    value.node = this.leaf(value.node.type.dtype, value.node.type.shape, value.host as HostArray).node
  }

  /** The same for numbers that are others at the next step: no kernel may take them from the host and into the program. */
  ownNumbers(dataId: object): void {
    this.own(dataId)
    this.value(dataId).host = undefined
  }

  /** The same for a value that a variable was just made of, whatever it is. */
  ownVariable(dataId: object, name: string): void {
    const value = this.value(dataId)
    if (value.host === undefined && value.node?.op === "constant")
      value.host = filledArray((value.node as Node<"constant">).attrs)
    this.own(dataId)
    const leaf = value.node === undefined ? undefined : leafOf(value.node)
    if (leaf === undefined) return
    leaf.ofVariable = true
    this.firstMemory.set(name, leaf)
  }

  /** Of the variables that were made since the last step began, by name. */
  readonly firstMemory = new Map<string, Leaf>()

  /** Runs what is pending. Values in `except` stay pending: they are cheap, and the caller drops them. */
  cut(except: ReadonlySet<Value> = nothing): void {
    this.finishOpenStep()
    this.cutter.run([...this.packs.f32, ...this.packs.i32], except)
    this.recorded = 0
  }

  /** Compiles what `cut` would have to, off the thread; undefined when it would not. */
  prepare(except: ReadonlySet<Value> = nothing): Promise<void> | undefined {
    return this.cutter.prepare([...this.packs.f32, ...this.packs.i32], except)
  }

  /** Runs what came before a step, all but its batch, and has the step's scalars begin at the first slot. */
  beginStep(inputs: ReadonlySet<Value>): void {
    const isClean = this.packs.f32.every(pack => pack.empty) && this.packs.i32.every(pack => pack.empty)
    if (!isClean || !this.cutter.isIdle(inputs)) this.cut(inputs)
  }

  /** Takes note of the optimizers that a step applies while one is recorded. */
  recording: AppliedOptimizers | undefined

  private openStep: { readonly compiling: Promise<void>; finish(): void } | undefined

  /** A step that is recorded and not yet run, because its program is being compiled; whoever needs its results finishes it. */
  leaveOpen(compiling: Promise<void>, finish: () => void): void {
    this.openStep = { compiling, finish }
  }

  /** Waits until the step that was left open has its program, and runs it. */
  async stepCompiled(): Promise<void> {
    await this.openStep?.compiling
    this.finishOpenStep()
  }

  private finishOpenStep(): void {
    const open = this.openStep
    this.openStep = undefined
    open?.finish()
  }

  /** A new tfjs value for memory that a program just made. */
  adoptBuffer(buffer: DeviceBuffer, dtype: TfDType = toTfDType[buffer.dtype]!): TensorInfo {
    const leaf = new Leaf({ dtype: buffer.dtype, shape: buffer.shape }, { buffer })
    return { dataId: this.adopt(leaf.node, undefined, dtype), shape: [...buffer.shape], dtype }
  }

  /** The same, also for memory that is still to be made. */
  adoptMemory(made: DeviceBuffer | Leaf, dtype: TfDType): TensorInfo {
    if (!(made instanceof Leaf)) return this.adoptBuffer(made, dtype)
    return { dataId: this.adopt(made.node, undefined, dtype), shape: [...made.node.type.shape], dtype }
  }

  /** Keeps the memory of a settled value beyond its tensor; whoever holds it lets it go with `releaseLeaf`. */
  hold(dataId: object): Leaf | undefined {
    const { node } = this.value(dataId)
    const leaf = node === undefined ? undefined : leafOf(node)
    if (leaf !== undefined) leaf.owners++
    return leaf
  }

  releaseLeaf(leaf: Leaf): void {
    if (--leaf.owners > 0) return
    leaf.awaits?.()
    leaf.died = ++this.deaths
    this.cutter.bury(leaf)
  }

  value(dataId: object): Value {
    const value = this.values.get(dataId) ?? this.fetched(dataId)
    if (value === undefined) throw new RangeError("this tensor was disposed")
    return value
  }

  // --- tfjs KernelBackend

  write(values: HostArray | readonly unknown[], shape: readonly number[], dtype: TfDType): object {
    if (dtype === "complex64") {
      const parts = hostArray(values as ArrayLike<number>, "f32")
      return this.adopt(this.leaf("f32", [...shape, 2], parts).node, parts, dtype)
    }
    const type = dtypes[dtype]
    if (type === undefined)
      return this.add({ node: undefined, host: values, tfDType: dtype, size: elements(shape), refs: 1 })
    const host = hostArray(values as ArrayLike<number>, type)
    return this.adopt(this.written(host, shape, type), host, dtype)
  }

  move(
    dataId: object,
    values: HostArray | readonly unknown[],
    shape: readonly number[],
    dtype: TfDType,
    refs: number,
  ): void {
    const written = this.write(values, shape, dtype)
    const value = this.value(written)
    value.refs = refs
    this.values.delete(written)
    this.values.set(dataId, value)
  }

  readSync(dataId: object): HostArray | readonly unknown[] {
    const value = this.value(dataId)
    if (value.host === undefined) {
      const leaf = this.settled(value)
      value.host = tfArray(leaf.host ?? leaf.buffer!.read(), value.tfDType)
    }
    return value.host
  }

  async read(dataId: object): Promise<HostArray | readonly unknown[]> {
    const value = this.value(dataId)
    const compiling =
      value.host === undefined && isPending(value) ? (this.openStep?.compiling ?? this.prepare()) : undefined
    if (compiling === undefined) return this.elementsOf(value)
    // The tensor may be disposed of while the event loop goes on.
    value.refs++
    try {
      await compiling
      return await this.elementsOf(value)
    } finally {
      this.disposeData(dataId)
    }
  }

  refCount(dataId: object): number {
    return this.values.get(dataId)?.refs ?? 0
  }

  incRef(dataId: object): void {
    this.value(dataId).refs++
  }

  decRef(dataId: object): void {
    const value = this.values.get(dataId)
    if (value !== undefined) value.refs--
  }

  disposeData(dataId: object, force = false): boolean {
    const value = this.values.get(dataId)
    if (value === undefined) return true
    value.refs--
    if (!force && value.refs > 0) return false
    this.values.delete(dataId)
    this.release(value)
    return true
  }

  numDataIds(): number {
    return this.values.size
  }

  memory(): { unreliable: boolean } {
    return { unreliable: false }
  }

  floatPrecision(): 32 {
    return 32
  }

  epsilon(): number {
    return 1e-7
  }

  timerAvailable(): boolean {
    return false
  }

  time(run: () => void): Promise<{ kernelMs: number }> {
    const start = performance.now()
    run()
    this.cut()
    return Promise.resolve({ kernelMs: performance.now() - start })
  }

  readToGPU(): never {
    throw new TypeError("xla tensors have no WebGL or WebGPU form")
  }

  createTensorFromGPUData(): never {
    throw new TypeError("xla tensors have no WebGL or WebGPU form")
  }

  /** Lets the values go. The device and the compiled programs outlive this: tfjs makes and disposes backends freely. */
  dispose(): void {
    for (const value of this.values.values()) this.release(value)
    this.values.clear()
  }

  /** The names of variables by data id, for errors; set by whoever knows tfjs. */
  namesOf: () => ReadonlyMap<object, string> = () => new Map()

  /** Gives a value whose program failed the memory that it was to replace. */
  restore(dataId: object, leaf: Leaf): void {
    const value = this.value(dataId)
    value.failure = undefined
    value.host = undefined
    value.node = leaf.node
    leaf.owners++
  }

  /** Has tfjs move a value of another of its backends here; set by whoever knows tfjs. */
  fetch: (dataId: object) => void = () => {}

  // --- inside

  private fetched(dataId: object): Value | undefined {
    this.fetch(dataId)
    return this.values.get(dataId)
  }

  private freeDead(): void {
    collectGarbage()
    this.device.sweep?.()
  }

  /** Each piece of device memory once, with its variable's name. */
  private living(): Living[] {
    const names = this.namesOf()
    const found = new Map<Leaf, Living>()
    for (const [dataId, { node }] of this.values) {
      const leaf = node === undefined ? undefined : leafOf(node)
      if (leaf?.buffer === undefined) continue
      const { dtype, shape, bytes } = leaf.buffer
      const name = names.get(dataId) ?? found.get(leaf)?.name
      found.set(leaf, { name, dtype, shape, bytes })
    }
    return [...found.values()]
  }

  private async elementsOf(value: Value): Promise<HostArray | readonly unknown[]> {
    if (value.host === undefined) {
      const leaf = this.settled(value)
      value.host = tfArray(leaf.host ?? (await leaf.buffer!.readAsync()), value.tfDType)
    }
    return value.host
  }

  private settled(value: Value): Leaf {
    if (isPending(value)) this.cut()
    if (value.failure !== undefined) throw value.failure
    return leafOf(value.node!)!
  }

  /** How a host array enters the graph: a constant, a slot of the scalar pack, or memory of its own. */
  private written(host: HostArray, shape: Shape, dtype: DType): Node {
    const first = Number(host[0])
    if ((first === 0 || first === 1) && !Object.is(first, -0) && isSplat(host))
      return constant(first, { dtype, shape: [...shape] })
    if (shape.length === 0 && (dtype === "f32" || dtype === "i32")) return this.pack(dtype).put(first)
    return this.leaf(dtype, shape, host).node
  }

  private leaf(dtype: DType, shape: Shape, host: HostArray): Leaf {
    const leaf = new Leaf({ dtype, shape: [...shape] }, { host })
    leaf.owners = 1
    return leaf
  }

  private pack(dtype: "f32" | "i32"): ScalarPack {
    const list = this.packs[dtype]
    const open = list.find(pack => !pack.full)
    if (open !== undefined) return open
    const pack = new ScalarPack(dtype)
    list.push(pack)
    return pack
  }

  private adopt(node: Node, host: HostArray | undefined, tfDType: TfDType): object {
    const leaf = leafOf(node)
    if (leaf !== undefined && host === undefined) leaf.owners++
    return this.add({ node, host, tfDType, size: elements(node.type.shape), refs: 1 })
  }

  private add(value: Value): object {
    const dataId = {}
    this.values.set(dataId, value)
    if (value.node !== undefined && leafOf(value.node) === undefined) this.cutter.remember(value)
    return dataId
  }

  private release(value: Value): void {
    const leaf = value.node === undefined ? undefined : leafOf(value.node)
    if (leaf === undefined) this.cutter.forget(value)
    else this.releaseLeaf(leaf)
    value.node = undefined
    value.host = undefined
  }
}

/** A graph node that nobody has run yet. */
function isPending({ node }: Value): boolean {
  return node !== undefined && leafOf(node) === undefined
}

function filledArray({ type, value }: Node<"constant">["attrs"]): HostArray {
  const size = elements(type.shape)
  if (type.dtype === "f32") return new Float32Array(size).fill(value)
  return type.dtype === "i32" ? new Int32Array(size).fill(value) : new Uint8Array(size).fill(value)
}

function isSplat(host: HostArray): boolean {
  if (host.length > splatLimit) return false
  const first = host[0]
  for (let i = 1; i < host.length; i++) if (host[i] !== first) return false
  return true
}

/** What the device takes for what tfjs allows: any array of numbers or booleans. */
function hostArray(values: ArrayLike<number>, dtype: DType): HostArray {
  if (dtype === "f32") return values instanceof Float32Array ? values : Float32Array.from(values)
  if (dtype === "i32") return values instanceof Int32Array ? values : Int32Array.from(values)
  return values instanceof Uint8Array ? values : Uint8Array.from(values, value => (value ? 1 : 0))
}

function tfArray(values: HostArray, dtype: TfDType): HostArray {
  return dtype === "bool" && !(values instanceof Uint8Array)
    ? Uint8Array.from(values as ArrayLike<number>)
    : values
}
