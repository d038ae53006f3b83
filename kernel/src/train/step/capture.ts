// From two equal recordings of a step to one that is replayed: each parameter of its program is bound to a role (part of
// the batch, a variable, a constant, the scalars), each result to a variable or to what the step returns. Whatever has no
// role that we know makes the step one that is recorded each time, and says why. Not the running: see Stepper.

import type { PackSource, Run } from "../Cutter.js"
import type { TfDType, Value } from "../Value.js"
import { Leaf } from "../Value.js"
import type { XlaBackend } from "../XlaBackend.js"
import type { Batch } from "./batch.js"
import { type Applied, sameApplied } from "./optimizers.js"
import { type Variable, VariableMemory } from "./variables.js"

type Tensor = import("@tensorflow/tfjs").Tensor

/** One recording of a step: its program as it ran and what stood around it. */
export interface Recorded {
  readonly run: Run
  readonly applied: readonly Applied[]
  /** Things that the step reads beside its batch: it holds while they are the same. */
  readonly parts: readonly unknown[]
}

export type Role =
  | { readonly kind: "batch"; readonly index: number }
  | { readonly kind: "variable"; readonly memory: VariableMemory }
  | { readonly kind: "constant"; readonly leaf: Leaf }
  | { readonly kind: "pack"; readonly source: PackSource }

/** A scalar of a step that is an optimizer's learning rate, or its negative. */
export interface RateSlot {
  readonly optimizer: object
  readonly parameter: number
  readonly slot: number
  readonly sign: 1 | -1
}

/** A tensor that the step returns: a result of the program, or a variable itself. */
export type Out =
  | { readonly result: number; readonly shape: number[]; readonly dtype: TfDType }
  | { readonly variable: Variable }

export interface Captured {
  readonly run: Run
  readonly applied: readonly Applied[]
  readonly parts: readonly unknown[]
  readonly roles: readonly Role[]
  /** Of the roles: what must stay alive. */
  readonly constants: readonly Leaf[]
  /** The variable that each result goes to; undefined for results that are only returned. */
  readonly targets: readonly (VariableMemory | undefined)[]
  /** By result: the parameter of the same variable, whose memory it takes over. */
  readonly renewed: readonly (number | undefined)[]
  readonly outs: readonly Out[]
  readonly variables: readonly VariableMemory[]
  /** By variable: one that was frozen since makes another step. */
  readonly trainable: readonly boolean[]
  readonly rates: readonly RateSlot[]
  /** Optimizers whose rate was seen to change; the others' is one of the step's constants. */
  readonly rated: ReadonlySet<object>
}

/** What a recorded step left: where its values go, seen before anything could happen to them. */
export interface Ends {
  readonly owners: ReadonlyMap<Leaf, Variable>
  readonly variableOf: ReadonlyMap<Value, Variable>
  /** By tensor that the step returns. */
  readonly outs: readonly { readonly tensor: Tensor; readonly value: Value }[]
}

export function endsOf(
  backend: XlaBackend,
  owners: ReadonlyMap<Leaf, Variable>,
  outs: readonly Tensor[],
): Ends {
  const variableOf = new Map<Value, Variable>()
  for (const variable of new Set(owners.values()))
    if (!variable.isDisposed) variableOf.set(backend.value(variable.dataId), variable)
  return { owners, variableOf, outs: outs.map(tensor => ({ tensor, value: backend.value(tensor.dataId) })) }
}

/** The captured step, or why there is none. */
export function capture(earlier: Recorded, now: Recorded, batch: Batch, ends: Ends): Captured | string {
  const { run, applied, parts } = now
  if (!sameApplied(earlier.applied, applied))
    return "its optimizers or their settings were not those of the step before"
  if (earlier.run.key !== run.key) return "its program was not that of the step before"
  const rates = ratesOf(earlier, now)
  if (typeof rates === "string") return rates
  const memories = new Map<Variable, VariableMemory>()
  const shardings = new Map([...ends.owners].map(([leaf, variable]) => [variable, leaf.sharding]))
  const memoryOf = (variable: Variable) => {
    const memory = memories.get(variable) ?? new VariableMemory(variable, shardings.get(variable))
    memories.set(variable, memory)
    return memory
  }
  if (!sameScratch(earlier.run, run)) return "it writes an array that is another one each time"
  const ended = endings(run, ends, memoryOf)
  if (typeof ended === "string") return ended
  const roles = rolesOf(earlier.run, run, batch, ends, memoryOf)
  if (typeof roles === "string") return roles
  const variables = [...memories.values()]
  const constants = roles.flatMap(role => (role.kind === "constant" ? [role.leaf] : []))
  const trainable = variables.map(({ variable }) => variable.trainable)
  const rated = new Set<object>(rates.map(({ optimizer }) => optimizer))
  for (const [i, one] of applied.entries())
    if (one.rate !== earlier.applied[i]!.rate) rated.add(one.optimizer)
  const renewed = renewedBy(run, roles, ended.targets)
  return { run, applied, parts, roles, constants, ...ended, renewed, variables, trainable, rates, rated }
}

function renewedBy(
  { aliases }: Run,
  roles: readonly Role[],
  targets: Captured["targets"],
): readonly (number | undefined)[] {
  const renewed = new Array<number | undefined>(targets.length).fill(undefined)
  for (const [parameter, result] of aliases) {
    const role = roles[parameter]!
    if (role.kind === "variable" && role.memory === targets[result]) renewed[result] = parameter
  }
  return renewed
}

function endings(
  run: Run,
  { variableOf, outs }: Ends,
  memoryOf: (variable: Variable) => VariableMemory,
): Pick<Captured, "targets" | "outs"> | string {
  const resultOf = new Map<Value, number>()
  const targets: (VariableMemory | undefined)[] = []
  for (const [result, values] of run.results.entries()) {
    const live = values.filter(value => value.node !== undefined)
    for (const value of live) resultOf.set(value, result)
    const variables = live.map(value => variableOf.get(value))
    const returned = live.every(value => outs.some(out => out.value === value))
    if (live.length === 1 && variables[0] !== undefined) targets.push(memoryOf(variables[0]))
    else if (live.length > 0 && returned && variables.every(one => one === undefined)) targets.push(undefined)
    else return "it makes tensors that it neither returns nor gives to a variable"
  }
  const specs: Out[] = []
  for (const { tensor, value } of outs) {
    const variable = variableOf.get(value)
    const result = resultOf.get(value)
    const dtype = tensor.dtype as TfDType
    if (variable === tensor) specs.push({ variable })
    else if (variable !== undefined || result === undefined) return "it returns a tensor that it did not make"
    else if (dtype === "complex64" || dtype === "string") return `it returns a tensor of ${dtype}`
    else specs.push({ result, shape: tensor.shape, dtype })
  }
  return { targets, outs: specs }
}

function rolesOf(
  earlier: Run,
  run: Run,
  batch: Batch,
  { owners }: Ends,
  memoryOf: (variable: Variable) => VariableMemory,
): Role[] | string {
  const roles: Role[] = []
  for (const [i, source] of run.parameters.entries()) {
    if (!(source instanceof Leaf)) {
      // Of its own, since replaying writes to it.
      roles.push({ kind: "pack", source: { ...source, values: source.values.slice() } })
      continue
    }
    const [index, variable] = [batch.leaves.indexOf(source), owners.get(source)]
    if (variable !== undefined) roles.push({ kind: "variable", memory: memoryOf(variable) })
    else if (run.donated.includes(i)) return "it disposes of a tensor that it did not make"
    else if (index >= 0) roles.push({ kind: "batch", index })
    else {
      const leaf = scratchLeaf(run, source) ?? source
      if (leaf.owners <= 0 || (leaf === source && earlier.parameters[i] !== source))
        return "it reads a tensor that is another one each time: pass it as an argument"
      roles.push({ kind: "constant", leaf })
    }
  }
  return roles
}

/** The same things, or lists of the same things: tfjs makes the list of trainable weights anew each time it is asked. */
export function sameList(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false
  for (const [i, item] of a.entries()) {
    const other = b[i]
    if (item === other) continue
    if (!Array.isArray(item) || !Array.isArray(other) || !sameList(item, other)) return false
  }
  return true
}

/**
 * Two runs of one program, compared by the scalars that they were fed: only equal ones are constants of the step. Those
 * that went from one learning rate to the other are the rate.
 */
function ratesOf(a: Recorded, b: Recorded): readonly RateSlot[] | string {
  const rates: RateSlot[] = []
  for (const [parameter, source] of a.run.parameters.entries()) {
    const other = b.run.parameters[parameter]!
    if (source instanceof Leaf || other instanceof Leaf) {
      if (source instanceof Leaf && other instanceof Leaf) continue
      return "its program was not that of the step before"
    }
    for (const [slot, value] of source.values.entries()) {
      const now = other.values[slot]!
      if (Object.is(value, now) || source.seeds.includes(slot)) continue
      const rate = rateBehind(a, b, value, now)
      if (rate === undefined)
        return "it reads a number that is another one each time: pass it as a tensor, as an argument"
      rates.push({ ...rate, parameter, slot })
    }
  }
  return rates
}

function rateBehind(a: Recorded, b: Recorded, value: number, now: number) {
  for (const [i, { optimizer, rate }] of a.applied.entries())
    for (const sign of [1, -1] as const)
      if (isRate(value, sign * rate) && isRate(now, sign * b.applied[i]!.rate)) return { optimizer, sign }
  return undefined
}

/** Scalars are kept as 32-bit floats. */
const isRate = (value: number, rate: number) => Object.is(value, Math.fround(rate))

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
