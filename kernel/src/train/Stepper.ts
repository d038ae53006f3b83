// Capture and replay of a model's training step. tfjs spends 2 ms and more of JavaScript on a step that XLA runs in 2 ms;
// so once two steps in a row gave the same program, each of its parameters is bound to a role (part of the batch, a
// variable, a seed, a constant) and each result to a variable or a log, and from then on the program is run directly.
// The learning rate is a role of its own once it was seen to change, so a schedule replays every step.
// Guarded: any other change of shapes, optimizer settings, losses or variables goes back to recording. What it cannot see are
// plain fields of layers (a dropout rate changed between two batches): compile the model again after such a change. Arrays that
// a layer writes in its `call` (a mask) are constants when two steps wrote the same.

import type { Device, DeviceBuffer } from "../device/Device.js"
import type { Node } from "../ir/node.js"
import { programKey, reachable } from "../ir/program.js"
import type { Run } from "./Cutter.js"
import type { Tf } from "./tf.js"
import { Leaf, leafOf, type Value } from "./Value.js"
import type { TensorInfo, XlaBackend } from "./XlaBackend.js"

type Tensor = import("@tensorflow/tfjs").Tensor
type Variable = import("@tensorflow/tfjs").Variable
/** Inputs, targets, then sample weights, which are null as a rule. */
export type StepData = (Tensor | null)[]
export type TrainFunction = (data: StepData) => Tensor[]

/** The parts of a LayersModel that a step depends on. */
export interface TrainedModel {
  readonly optimizer_: object
  readonly lossFunctions: unknown
  readonly metricsTensors: unknown
  readonly collectedTrainableWeights: readonly unknown[]
}

/** What a step reads beside its batch: when any of it changes, a captured step no longer holds. */
interface Guard {
  readonly optimizer: object
  /** Without the learning rate. */
  readonly settings: string
  readonly rate: number
  readonly parts: readonly unknown[]
}

type Role =
  | { readonly kind: "batch"; readonly index: number }
  | { readonly kind: "variable"; readonly variable: Variable }
  | { readonly kind: "constant"; readonly leaf: Leaf }
  | { readonly kind: "pack"; readonly parameter: number }

/** A scalar of a step that is the learning rate, or its negative. */
interface RateSlot {
  readonly parameter: number
  readonly slot: number
  readonly sign: 1 | -1
}

interface Captured {
  readonly run: Run
  /** Undefined while the rate was never seen to change: then it is one of the step's constants. */
  readonly rates: readonly RateSlot[] | undefined
  readonly guard: Guard
  readonly roles: readonly Role[]
  /** The variable that each result goes to, or the place of a log. */
  readonly targets: readonly (Variable | number)[]
  readonly variables: readonly Variable[]
  readonly logs: number
  readonly iterations: number
}

interface Batch {
  readonly key: string
  readonly leaves: readonly Leaf[]
}

export class Stepper {
  readonly counts = { recorded: 0, replayed: 0 }
  private readonly captured = new Map<string, Captured>()
  /** The last recorded step of each kind of batch, to compare with the next. */
  private readonly before = new Map<string, { run: Run; guard: Guard }>()

  private device: Device | undefined

  constructor(
    private readonly tf: Tf,
    private readonly model: TrainedModel,
  ) {}

  step(backend: XlaBackend, data: StepData, record: TrainFunction): Tensor[] {
    const tensors = data.filter(tensor => tensor !== null && tensor !== undefined)
    for (const tensor of tensors) backend.own(tensor.dataId)
    if (this.device !== backend.device) this.forgetSteps(backend.device)
    backend.cutter.layout?.enter(this.model, tensors)
    const batch = batchOf(backend, tensors)
    const inputs = pendingOf(backend, tensors)
    if (!backend.cutter.isIdle(inputs)) backend.cut(inputs)
    const captured = batch === undefined ? undefined : this.captured.get(batch.key)
    if (captured !== undefined && this.holds(captured, backend)) return this.replay(backend, captured, batch!)
    if (batch !== undefined) this.captured.delete(batch.key)
    return this.record(backend, data, inputs, batch, record)
  }

  /** Programs belong to the device that they were compiled for. */
  private forgetSteps(device: Device): void {
    this.device = device
    this.captured.clear()
    this.before.clear()
  }

  private record(
    backend: XlaBackend,
    data: StepData,
    inputs: ReadonlySet<Value>,
    batch: Batch | undefined,
    record: TrainFunction,
  ): Tensor[] {
    this.counts.recorded++
    const guard = this.guard()
    const owners = variableLeaves(this.tf, backend)
    const iterations = iterationsOf(this.model.optimizer_)
    backend.stepInputs = inputs
    backend.cutter.isScratch = leaf => !owners.has(leaf) && batch?.leaves.includes(leaf) === false
    try {
      const outs = record(data)
      const run = backend.cutter.last
      if (batch === undefined || run === undefined) return outs
      const earlier = this.before.get(batch.key)
      this.before.set(batch.key, { run, guard: this.guard() })
      if (earlier === undefined || !sameGuard(earlier.guard, guard) || earlier.run.key !== run.key)
        return outs
      const rates = ratesOf(earlier, { run, guard })
      if (rates === "other scalars" || !sameScratch(earlier.run, run)) return outs
      const step = this.capture(backend, run, batch, owners, outs)
      const made = iterationsOf(this.model.optimizer_) - iterations
      if (step !== undefined) this.captured.set(batch.key, { ...step, rates, guard, iterations: made })
      return outs
    } finally {
      backend.cutter.isScratch = undefined
      backend.stepInputs = new Set()
    }
  }

  /** Binds every parameter and result of a step to its role; undefined when one has none that we know. */
  private capture(
    backend: XlaBackend,
    run: Run,
    batch: Batch,
    owners: ReadonlyMap<Leaf, Variable>,
    outs: readonly Tensor[],
  ): Omit<Captured, "guard" | "iterations" | "rates"> | undefined {
    const targetOf = new Map<Value, Variable | number>()
    for (const variable of new Set(owners.values())) targetOf.set(backend.value(variable.dataId), variable)
    for (const [i, out] of outs.entries()) targetOf.set(backend.value(out.dataId), i)
    const targets: (Variable | number)[] = []
    for (const values of run.results) {
      const live = values.filter(value => value.node !== undefined)
      const target = live.length === 1 ? targetOf.get(live[0]!) : undefined
      if (target === undefined) return undefined
      targets.push(target)
    }
    if (new Set(targets).size !== targets.length || outs.some((_, i) => !targets.includes(i)))
      return undefined

    const roles: Role[] = []
    for (const [i, source] of run.parameters.entries()) {
      if (!(source instanceof Leaf)) roles.push({ kind: "pack", parameter: i })
      else {
        const [index, variable] = [batch.leaves.indexOf(source), owners.get(source)]
        if (index >= 0) roles.push({ kind: "batch", index })
        else if (variable !== undefined) roles.push({ kind: "variable", variable })
        else {
          const leaf = source.owners > 0 ? source : scratchLeaf(run, source)
          if (leaf === undefined) return undefined
          roles.push({ kind: "constant", leaf })
        }
      }
    }
    const variables = new Set(targets.filter(target => typeof target !== "number"))
    for (const role of roles) if (role.kind === "variable") variables.add(role.variable)
    return { run, roles, targets, variables: [...variables], logs: outs.length }
  }

  private holds(step: Captured, backend: XlaBackend): boolean {
    const guard = this.guard()
    if (!sameGuard(step.guard, guard)) return false
    if (step.rates === undefined && step.guard.rate !== guard.rate) return false
    const freed = step.roles.some(role => role.kind === "constant" && role.leaf.owners <= 0)
    return !freed && step.variables.every(variable => ownLeaf(backend, variable) !== undefined)
  }

  private replay(backend: XlaBackend, step: Captured, batch: Batch): Tensor[] {
    this.counts.replayed++
    const { cutter } = backend
    for (const { parameter, slot, sign } of step.rates ?? []) {
      const source = step.run.parameters[parameter]!
      if (!(source instanceof Leaf)) source.values[slot] = sign * rateOf(this.model.optimizer_)
    }
    const inputs = step.roles.map((role): DeviceBuffer => {
      switch (role.kind) {
        case "batch":
          return cutter.bufferOf(batch.leaves[role.index]!)
        case "variable":
          return cutter.bufferOf(ownLeaf(backend, role.variable)!)
        case "constant":
          return cutter.bufferOf(role.leaf)
        case "pack":
          return cutter.packBuffer(step.run.parameters[role.parameter]!)
        default:
          return role satisfies never
      }
    })
    const logs = new Array<TensorInfo>(step.logs)
    cutter.rerun(step.run, inputs, (buffer, i) => {
      const target = step.targets[i]!
      if (typeof target === "number") logs[target] = backend.adoptBuffer(buffer)
      else replaceMemory(backend, target, buffer)
    })
    const optimizer = this.model.optimizer_ as { iterations_?: number }
    if (step.iterations > 0) optimizer.iterations_ = iterationsOf(optimizer) + step.iterations
    const engine = this.tf.engine()
    return logs.map(info => engine.makeTensorFromTensorInfo(info))
  }

  private guard(): Guard {
    const { optimizer_: optimizer, lossFunctions, metricsTensors, collectedTrainableWeights } = this.model
    return {
      optimizer,
      settings: settingsOf(optimizer),
      rate: rateOf(optimizer),
      parts: [lossFunctions, metricsTensors, collectedTrainableWeights],
    }
  }
}

function rateOf(optimizer: object): number {
  return (optimizer as { learningRate?: number }).learningRate ?? Number.NaN
}

/** Momentum and the like; neither the step count, which changes by itself, nor the learning rate. */
function settingsOf(optimizer: object): string {
  let text = ""
  for (const [name, value] of Object.entries(optimizer)) {
    if (
      name !== "iterations_" &&
      name !== "learningRate" &&
      (typeof value === "number" || typeof value === "boolean")
    )
      text += `${name}=${value};`
  }
  return text
}

function iterationsOf(optimizer: object): number {
  return (optimizer as { iterations_?: number }).iterations_ ?? 0
}

function sameGuard(a: Guard, b: Guard): boolean {
  return (
    a.optimizer === b.optimizer &&
    a.settings === b.settings &&
    a.parts.every((part, i) => sameList(part, b.parts[i]))
  )
}

/** The same thing, or lists of the same things: tfjs makes the list of trainable weights anew each time it is asked. */
function sameList(a: unknown, b: unknown): boolean {
  if (a === b) return true
  return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, i) => item === b[i])
}

interface Recorded {
  readonly run: Run
  readonly guard: Guard
}

/**
 * Two runs of one program, compared by the scalars that they were fed: only equal ones are constants of the step. Those
 * that went from one learning rate to the other are the rate; none when it stayed.
 */
function ratesOf(a: Recorded, b: Recorded): readonly RateSlot[] | undefined | "other scalars" {
  const rates: RateSlot[] = []
  for (const [parameter, source] of a.run.parameters.entries()) {
    const other = b.run.parameters[parameter]!
    if (source instanceof Leaf !== other instanceof Leaf) return "other scalars"
    if (source instanceof Leaf || other instanceof Leaf) continue
    for (const [slot, value] of source.values.entries()) {
      const now = other.values[slot]!
      if (Object.is(value, now) || source.seeds.includes(slot)) continue
      const sign = ([1, -1] as const).find(
        one => isRate(value, one * a.guard.rate) && isRate(now, one * b.guard.rate),
      )
      if (sign === undefined) return "other scalars"
      rates.push({ parameter, slot, sign })
    }
  }
  return a.guard.rate === b.guard.rate ? undefined : rates
}

/** Whether two runs of one program wrote the same arrays: only then are those constants of the step. */
function sameScratch(a: Run, b: Run): boolean {
  return a.parameters.every((source, i) => {
    const other = b.parameters[i]!
    if (!(source instanceof Leaf) || !(other instanceof Leaf)) return true
    const [content, now] = [a.scratch.get(source), b.scratch.get(other)]
    return (
      content?.length === now?.length && content?.every((value, j) => Object.is(value, now![j])) !== false
    )
  })
}

/** An array that the step wrote as memory of the captured step's own. */
function scratchLeaf(run: Run, source: Leaf): Leaf | undefined {
  const host = run.scratch.get(source)
  if (host === undefined) return undefined
  const leaf = new Leaf(source.node.type, { host })
  leaf.owners = 1
  return leaf
}

/** Scalars are kept as 32-bit floats. */
const isRate = (value: number, rate: number) => Object.is(value, Math.fround(rate))

/** The graph that makes a batch (rows gathered by index, as a rule) as a key, and the memory that it reads. */
function batchOf(backend: XlaBackend, data: readonly Tensor[]): Batch | undefined {
  const outputs = data.map(tensor => backend.nodeOf(tensor))
  const order = reachable(outputs)
  const parameters = new Set<Node>()
  for (const node of order)
    for (const input of [...node.inputs, node]) if (input.op === "parameter") parameters.add(input)
  const leaves = [...parameters].map(leafOf)
  if (leaves.some(leaf => leaf === undefined)) return undefined
  const key = programKey({ parameters: [...parameters], outputs, aliases: new Map() }, order)
  return { key, leaves: leaves as Leaf[] }
}

/** Pending values that belong to the batch: the batch itself and what lies on the way to it. */
function pendingOf(backend: XlaBackend, data: readonly Tensor[]): ReadonlySet<Value> {
  const nodes = new Set(reachable(data.map(tensor => backend.nodeOf(tensor))))
  return new Set([...backend.cutter.pending].filter(value => nodes.has(value.node!)))
}

/** The memory of each registered variable: weights, moving averages, optimizer slots. */
function variableLeaves(tf: Tf, backend: XlaBackend): Map<Leaf, Variable> {
  const leaves = new Map<Leaf, Variable>()
  for (const variable of Object.values(tf.engine().registeredVariables)) {
    const leaf = ownLeaf(backend, variable)
    if (leaf !== undefined) leaves.set(leaf, variable)
  }
  return leaves
}

/** A variable's memory when nothing else shares it, so that a step may take it over. */
function ownLeaf(backend: XlaBackend, variable: Variable): Leaf | undefined {
  if (variable.isDisposed || backend.refCount(variable.dataId) === 0) return undefined
  const value = backend.value(variable.dataId)
  const leaf = value.node === undefined ? undefined : leafOf(value.node)
  return leaf !== undefined && leaf.owners === 1 ? leaf : undefined
}

function replaceMemory(backend: XlaBackend, variable: Variable, buffer: DeviceBuffer): void {
  const value = backend.value(variable.dataId)
  const leaf = leafOf(value.node!)!
  if (leaf.buffer === buffer) return
  const old = leaf.buffer
  leaf.buffer = buffer
  leaf.host = undefined
  value.host = undefined
  old?.free()
}
