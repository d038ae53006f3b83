// Capture and replay of a training step. tfjs spends 2 ms and more of JavaScript on a step that XLA runs in 2 ms; so once
// two steps in a row gave the same program (capture.ts), the program is run directly on the memory of its variables.
// A captured step holds for batches of the same shapes and types, while its optimizers are set as they were, its variables
// are there and its constants alive; a learning rate that was seen to change is data. Anything else goes back to recording.
// What it cannot see is JavaScript: code of the step runs while it is recorded, and not when it is replayed.

import type { Device, DeviceBuffer } from "../../device/Device.js"
import type { Tf } from "../tf.js"
import type { Leaf, Value } from "../Value.js"
import type { TensorInfo, XlaBackend } from "../XlaBackend.js"
import { type Batch, batchOf, pendingOf } from "./batch.js"
import { type Captured, capture, type Ends, endsOf, type Recorded, sameList } from "./capture.js"
import { AppliedOptimizers, countSteps, isAsApplied, rateOf } from "./optimizers.js"
import { Pick, type Picked } from "./pick.js"
import { StepQueue } from "./StepQueue.js"
import { VariableUndo } from "./VariableUndo.js"
import { variableLeaves } from "./variables.js"

type Tensor = import("@tensorflow/tfjs").Tensor

/** What a step returns: its tensors, and whatever else it returned when it was recorded. */
export interface StepResult<R> {
  readonly tensors: readonly Tensor[]
  readonly rest: R
}

/** One call of a step. */
export interface StepCall<R> {
  /** Whose step it is: on a mesh, its variables have places. */
  readonly model: object
  /** What is data of the step. */
  readonly tensors: readonly Tensor[]
  /** What else makes it another step, as a key. */
  readonly key: string
  record(): StepResult<R>
  /** True when the caller awaits `backend.stepCompiled()` before it looks at the results. */
  readonly waits: boolean
}

const nothing: ReadonlySet<Value> = new Set()

/** Kinds of batches that are kept; the oldest goes first. */
const kindLimit = 64

export class Stepper<R = undefined> {
  readonly counts = { recorded: 0, replayed: 0 }
  /** Why the last step was recorded and not replayed; undefined when it was replayed. */
  why: string | undefined
  private device: Device | undefined
  private readonly captured = new Map<string, Captured & { readonly rest: R }>()
  /** Values that were part of a batch before they were computed. */
  private readonly seen = new WeakSet<Value>()
  /** The last recorded step of each kind of batch, to compare with the next. */
  private readonly before = new Map<string, Recorded>()

  constructor(
    private readonly tf: Tf,
    /** What the step reads beside its batch: a captured one holds while these are the same things. */
    private readonly parts: () => readonly unknown[],
  ) {}

  /** Replays that become one execution; 1: each by itself. */
  stepsPerExecution = 1
  private queue: { readonly queue: StepQueue; readonly step: Captured } | undefined

  /** Of the batch that `step` gets next, where it is rows of whole tensors: then `again` takes other rows of them. */
  picked: Picked | undefined
  /** By number of rows. */
  private readonly picks = new Map<number, Pick>()

  /** The step on other rows of the same tensors, when it is captured; undefined when `step` has to look at it. */
  again(backend: XlaBackend, whole: readonly Tensor[], rows: Int32Array): StepResult<R> | undefined {
    const pick = this.picks.get(rows.length)
    const captured = pick && this.captured.get(pick.kind)
    if (captured === undefined || this.device !== backend.device || backend.cutter.layout !== undefined)
      return undefined
    backend.beginStep(nothing)
    if (!pick!.holds(backend, whole) || this.broken(captured, backend) !== undefined) return undefined
    this.why = undefined
    const batch = pick!.batch(rows)
    try {
      return { tensors: this.replay(backend, captured, batch), rest: captured.rest }
    } finally {
      backend.releaseLeaf(batch.rows)
    }
  }

  step(backend: XlaBackend, call: StepCall<R>): StepResult<R> {
    const { picked } = this
    this.picked = undefined
    for (const tensor of call.tensors) backend.own(tensor.dataId)
    if (this.device !== backend.device) this.forgetSteps(backend.device)
    backend.cutter.layout?.enter(call.model, call.tensors)
    const inputs = this.batchInputs(backend, call.tensors)
    backend.beginStep(inputs)
    const batch = batchOf(backend, call.tensors)
    if (batch === undefined) return this.record(backend, call, inputs, batch)
    const kind = call.key + batch.key
    const captured = this.captured.get(kind)
    this.why = undefined
    if (captured !== undefined) {
      this.why = this.broken(captured, backend)
      if (this.why === undefined) {
        const pick = picked && Pick.of(backend, picked, { ...batch, key: kind })
        if (pick !== undefined) this.picks.set(picked!.rows.size, pick)
        return { tensors: this.replay(backend, captured, batch), rest: captured.rest }
      }
      this.captured.delete(kind)
    }
    return this.record(backend, call, inputs, { ...batch, key: kind })
  }

  /** Programs belong to the device that they were compiled for. */
  private forgetSteps(device: Device): void {
    this.device = device
    this.captured.clear()
    this.before.clear()
    this.picks.clear()
  }

  /** Pending values that become part of the step; those that come a second time are better computed once. */
  private batchInputs(backend: XlaBackend, tensors: readonly Tensor[]): ReadonlySet<Value> {
    const inputs = pendingOf(backend, tensors)
    if (inputs.size === 0) return inputs
    const isNew = [...inputs].every(value => !this.seen.has(value))
    for (const value of inputs) this.seen.add(value)
    if (isNew) return inputs
    backend.cut()
    return pendingOf(backend, tensors)
  }

  private record(
    backend: XlaBackend,
    call: StepCall<R>,
    inputs: ReadonlySet<Value>,
    batch: Batch | undefined,
  ): StepResult<R> {
    this.counts.recorded++
    const owners = variableLeaves(this.tf, backend)
    const undo = new VariableUndo(this.tf, backend)
    const applied = new AppliedOptimizers()
    const { runs } = backend.cutter.counts
    backend.recording = applied
    let made: StepResult<R>
    try {
      made = call.record()
    } finally {
      backend.recording = undefined
    }
    const isWhole = backend.cutter.counts.runs === runs
    const ends = endsOf(backend, owners, made.tensors)
    const parts = this.parts()
    // Arrays that the step itself wrote (a mask): replays need them again.
    const isScratch = (leaf: Leaf) =>
      !leaf.ofVariable && !owners.has(leaf) && batch?.leaves.includes(leaf) === false
    const finish = () => {
      try {
        backend.cutter.withScratch(isScratch, () => backend.cut(inputs))
      } catch (error) {
        undo.putBack()
        for (const one of applied.list) countSteps(one, -1)
        throw error
      }
      const run = isWhole ? backend.cutter.last : undefined
      if (run === undefined) this.why = "it reads a value while it runs, or computes nothing"
      else if (batch !== undefined) this.learn(batch, { run, applied: applied.list, parts }, ends, made.rest)
    }
    const prepare = () => backend.cutter.withScratch(isScratch, () => backend.prepare(inputs))
    const compiling = call.waits && batch !== undefined ? prepare() : undefined
    if (compiling === undefined) finish()
    else finishLater(backend, batch!, compiling, finish)
    return made
  }

  /** Captures a step when the one before was the same. */
  private learn(batch: Batch, now: Recorded, ends: Ends, rest: R): void {
    const earlier = this.before.get(batch.key)
    this.before.delete(batch.key)
    this.before.set(batch.key, now)
    if (this.before.size > kindLimit) this.forget()
    const found = earlier === undefined ? undefined : capture(earlier, now, batch, ends)
    if (typeof found === "object") this.captured.set(batch.key, { ...found, rest })
    this.why ??= typeof found === "string" ? found : "a step is recorded twice before it is replayed"
  }

  private forget(): void {
    const [oldest] = this.before.keys()
    this.before.delete(oldest!)
    this.captured.delete(oldest!)
  }

  /** What a captured step relied on and is no longer so. */
  private broken(step: Captured, backend: XlaBackend): string | undefined {
    for (const one of step.applied) {
      if (!isAsApplied(one)) return "a setting of its optimizer was changed"
      if (rateOf(one.optimizer) !== one.rate && !step.rated.has(one.optimizer))
        return "the learning rate was changed"
    }
    if (!sameList(step.parts, this.parts())) return "the model was compiled again, or variables were made"
    for (const leaf of step.constants) if (leaf.owners <= 0) return "a tensor that it reads was disposed of"
    for (const [i, memory] of step.variables.entries()) {
      if (!memory.find(this.tf, backend)) return `the variable ${memory.variable.name} was disposed of`
      if (memory.variable.trainable !== step.trainable[i]) return "a variable was frozen, or made trainable"
    }
    return undefined
  }

  private replay(backend: XlaBackend, step: Captured, batch: Batch): Tensor[] {
    this.counts.replayed++
    for (const { optimizer, parameter, slot, sign } of step.rates) {
      const role = step.roles[parameter]!
      if (role.kind === "pack") role.source.values[slot] = sign * rateOf(optimizer)
    }
    if (this.stepsPerExecution > 1) return this.enqueue(backend, step, batch)
    const inputs = inputsOf(backend, step, batch)
    const made = new Array<DeviceBuffer | undefined>(step.targets.length)
    const place = (buffer: DeviceBuffer, i: number) => {
      const target = step.targets[i]
      if (target === undefined) made[i] = buffer
      else target.replace(buffer)
    }
    backend.cutter.rerun(step.run, inputs, place, step.renewed)
    for (const one of step.applied) countSteps(one)
    return this.returned(backend, step, made)
  }

  private enqueue(backend: XlaBackend, step: Captured, batch: Batch): Tensor[] {
    if (this.queue?.step !== step) {
      this.queue?.queue.flush()
      this.queue = { queue: new StepQueue(backend, step, this.stepsPerExecution), step }
    }
    const made = this.queue.queue.add(batch)
    for (const one of step.applied) countSteps(one)
    const tensors = this.returned(backend, step, made)
    this.queue.queue.flushWhenFull()
    return tensors
  }

  private returned(
    backend: XlaBackend,
    step: Captured,
    made: readonly (DeviceBuffer | Leaf | undefined)[],
  ): Tensor[] {
    const engine = this.tf.engine()
    const known = new Map<number, TensorInfo>()
    return step.outs.map(out => {
      if ("variable" in out) return out.variable
      const { result, shape, dtype } = out
      let info = known.get(result)
      if (info !== undefined) backend.incRef(info.dataId)
      else info = backend.adoptMemory(made[result]!, dtype)
      known.set(result, info)
      return engine.makeTensorFromTensorInfo({ dataId: info.dataId, shape: [...shape], dtype })
    })
  }
}

function inputsOf(backend: XlaBackend, { roles }: Captured, batch: Batch): DeviceBuffer[] {
  const { cutter } = backend
  return roles.map((role): DeviceBuffer => {
    switch (role.kind) {
      case "variable":
        return cutter.bufferOf(role.memory.leaf)
      case "batch":
        return cutter.bufferOf(batch.leaves[role.index]!)
      case "constant":
        return cutter.bufferOf(role.leaf)
      case "pack":
        return cutter.packBuffer(role.source)
      default:
        return role satisfies never
    }
  })
}

/** Leaves a step open until its program is compiled. Its batch may be disposed of meanwhile, and must not be used up. */
function finishLater(
  backend: XlaBackend,
  { leaves }: Batch,
  compiling: Promise<void>,
  finish: () => void,
): void {
  for (const leaf of leaves) leaf.owners++
  backend.leaveOpen(compiling, () => {
    try {
      finish()
    } finally {
      for (const leaf of leaves) backend.releaseLeaf(leaf)
    }
  })
}
