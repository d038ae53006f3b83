// Steps that are run together: `stepsPerExecution` replays of one captured step become one execution. Their results exist at
// once as memory that is still to be made; whoever looks at any of it, or at a variable, has the steps that wait run before.

import type { DeviceBuffer, Executable } from "../../device/Device.js"
import { type Repetition, repeated } from "../../ir/repeat.js"
import { simplify } from "../../ir/simplify.js"
import { Leaf } from "../Value.js"
import type { XlaBackend } from "../XlaBackend.js"
import type { Batch } from "./batch.js"
import type { Captured } from "./capture.js"

interface Waiting {
  /** Held until the step has run. */
  readonly batch: readonly Leaf[]
  /** Scalars by parameter. */
  readonly scalars: ReadonlyMap<number, Float32Array | Int32Array>
  /** By result: the memory that is to become it. */
  readonly made: readonly (Leaf | undefined)[]
}

export class StepQueue {
  private waiting: Waiting[] = []
  /** The variables' memory as the first step that waits found it. */
  private state: readonly Leaf[] = []
  /** By which inputs are each step's own: the program, once it is compiled. */
  private readonly together = new Map<string, Together | undefined>()
  private readonly carried: ReadonlyMap<number, number>

  constructor(
    private readonly backend: XlaBackend,
    private readonly step: Captured,
    private readonly count: number,
  ) {
    this.carried = carriedBy(step)
  }

  /** The results of one more step, by result; those of variables are undefined. */
  add(batch: Batch): readonly (Leaf | undefined)[] {
    const { step, backend } = this
    const now = step.variables.map(({ leaf }) => leaf)
    if (this.waiting.length > 0 && now.some((leaf, i) => leaf !== this.state[i])) this.flush()
    const scalars = new Map<number, Float32Array | Int32Array>()
    for (const [i, role] of step.roles.entries())
      if (role.kind === "pack") scalars.set(i, backend.cutter.packValues(role.source))
    const flush = () => this.flush()
    if (this.waiting.length === 0) {
      this.state = now
      for (const leaf of now) backend.cutter.bufferOf(leaf)
      for (const memory of step.variables) memory.wait(flush)
    }
    for (const leaf of batch.leaves) leaf.owners++
    const made = step.targets.map((target, i) => {
      if (target !== undefined) return undefined
      const leaf = new Leaf(step.run.program.outputs[i]!.type, {})
      leaf.awaits = flush
      return leaf
    })
    this.waiting.push({ batch: batch.leaves, scalars, made })
    return made
  }

  /** Runs the steps that wait when they are enough; their results must have owners by then. */
  flushWhenFull(): void {
    if (this.waiting.length >= this.count) this.flush()
  }

  flush(): void {
    const { waiting, backend, step } = this
    this.waiting = []
    for (const memory of step.variables) memory.wait(undefined)
    for (const { made } of waiting) for (const leaf of made) if (leaf !== undefined) leaf.awaits = undefined
    try {
      const together = waiting.length === this.count ? this.togetherFor(waiting) : undefined
      if (together !== undefined) this.runTogether(waiting, together)
      else for (const one of waiting) this.runAlone(one)
    } finally {
      for (const { batch } of waiting) for (const leaf of batch) backend.releaseLeaf(leaf)
    }
  }

  private runAlone(one: Waiting): void {
    const { step, backend } = this
    const uploaded: DeviceBuffer[] = []
    const inputs = step.roles.map((_, i) => this.inputOf(one, i, uploaded))
    backend.cutter.rerun(step.run, inputs, (buffer, result) => this.place(one, result, buffer))
    for (const buffer of uploaded) buffer.free()
  }

  private runTogether(waiting: readonly Waiting[], { executable, repetition }: Together): void {
    const uploaded: DeviceBuffer[] = []
    const inputs = repetition.inputs.map(({ run, parameter }) =>
      this.inputOf(waiting[run ?? 0]!, parameter, uploaded),
    )
    this.backend.cutter.rerun({ executable, donated: repetition.donated }, inputs, (buffer, i) => {
      const { run, result } = repetition.results[i]!
      this.place(waiting[run]!, result, buffer)
    })
    for (const buffer of uploaded) buffer.free()
  }

  private place({ made }: Waiting, result: number, buffer: DeviceBuffer): void {
    const target = this.step.targets[result]
    const leaf = made[result]
    if (target !== undefined) target.replace(buffer)
    else if (leaf!.owners > 0) leaf!.buffer = buffer
    else buffer.free()
  }

  private inputOf(one: Waiting, parameter: number, uploaded: DeviceBuffer[]): DeviceBuffer {
    const { cutter, device } = this.backend
    const role = this.step.roles[parameter]!
    switch (role.kind) {
      case "variable":
        return cutter.bufferOf(role.memory.leaf)
      case "batch":
        return cutter.bufferOf(one.batch[role.index]!)
      case "constant":
        return cutter.bufferOf(role.leaf)
      case "pack": {
        const { dtype, shape } = role.source.pack.node.type
        const buffer = device.upload(one.scalars.get(parameter)!, dtype, shape)
        uploaded.push(buffer)
        return buffer
      }
      default:
        return role satisfies never
    }
  }

  /** Data that all steps read (a whole data set, of which each gathers rows) is given once. */
  private togetherFor(waiting: readonly Waiting[]): Together | undefined {
    const own = new Set<number>()
    for (const [i, role] of this.step.roles.entries()) {
      const isOwn =
        role.kind === "batch" && waiting.some(one => one.batch[role.index] !== waiting[0]!.batch[role.index])
      if (isOwn || role.kind === "pack") own.add(i)
    }
    const key = [...own].join()
    if (!this.together.has(key)) {
      this.together.set(key, undefined)
      void this.compile(key, own)
    }
    return this.together.get(key)
  }

  /** While it compiles, steps run one by one. A program that does not compile leaves it at that. */
  private async compile(key: string, own: ReadonlySet<number>): Promise<void> {
    const repetition = repeated(simplify(this.step.run.program), this.count, this.carried, own)
    try {
      const { device, cutter } = this.backend
      const whole = cutter.layout?.device.replicated
      // Each lies as the variable that it becomes.
      const lie =
        whole && repetition.results.map(({ result }) => this.step.targets[result]?.leaf.sharding ?? whole)
      const executable = await device.compileAsync(repetition.text, lie)
      this.together.set(key, { executable, repetition })
    } catch {
      // Each by itself is right, too.
    }
  }
}

interface Together {
  readonly executable: Executable
  readonly repetition: Repetition
}

/** By parameter of a variable: the result that becomes the variable's. */
function carriedBy({ roles, targets }: Captured): ReadonlyMap<number, number> {
  const carried = new Map<number, number>()
  for (const [parameter, role] of roles.entries()) {
    const result = role.kind === "variable" ? targets.indexOf(role.memory) : -1
    if (result >= 0) carried.set(parameter, result)
  }
  return carried
}
