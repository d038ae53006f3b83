// Gives every expression its type against a schema, and refuses what cannot be, before anything runs. The result holds
// its types (`node.type`) and the casts that make operands meet, so an engine never guesses. Constants written in code
// take the type of the column they meet here. Not an optimiser; signatures are in functions/.

import { didYouMean, fail } from "../errors.js"
import { type CallNode, type ExprNode, exprText, hasAggregate, type LambdaNode } from "./ExprNode.js"
import { rowOf } from "./functions/catalog.js"
import type { FunctionRow } from "./functions/FunctionRow.js"
import { asDecimal, type RuleName, resultRules, widerDecimal } from "./functions/resultRules.js"
import type { Parameter, TypeClass, TypeSpec } from "./functions/signature.js"
import { settle } from "./literals.js"
import type { Schema } from "./Schema.js"
import { type DataType, isInteger, isNumeric, isTemporal, sameType, typeName, typeOf } from "./types.js"

export interface Typed {
  readonly node: ExprNode
  readonly type: DataType
  /** As in `Field`. */
  readonly nullable?: boolean | undefined
}

/** What an expression can name. */
interface Scope {
  readonly schema: Schema
  /** The right input of a join, whose columns say so. */
  readonly right?: Schema
  /** Parameters of the lambdas around. */
  readonly variables: ReadonlyMap<string, DataType>
  /** The word the user wrote ("filter"), for messages. */
  readonly operation: string
}

export function typed(node: ExprNode, schema: Schema, operation: string, right?: Schema): Typed {
  return resolve(node, { schema, operation, variables: new Map(), ...(right ? { right } : {}) })
}

/** Like `typed`, and the result has to be a Boolean. */
export function predicate(node: ExprNode, schema: Schema, operation: string, right?: Schema): ExprNode {
  if (hasAggregate(node))
    throw mismatch(operation, `${exprText(node)} is an aggregation`, "Filter after `agg`.")
  const result = typed(node, schema, operation, right)
  if (result.type.kind === "boolean") return result.node
  throw mismatch(
    operation,
    `${exprText(node)} is ${typeName(result.type)}, not Boolean`,
    "Compare it with something, as in f => f.delay.gt(15).",
  )
}

function resolve(node: ExprNode, scope: Scope): Typed {
  switch (node.op) {
    case "column": {
      const schema = node.side === "right" ? scope.right! : scope.schema
      const { type, nullable } = schema.field(node.name, scope.operation)
      return done(node, type, nullable)
    }
    case "variable":
      return done(node, scope.variables.get(node.name)!, undefined)
    case "literal":
      return { node, type: node.type, nullable: node.value === null }
    case "cast": {
      const input = resolve(node.input, scope)
      return done({ ...node, input: input.node }, node.to, node.try ? true : input.nullable)
    }
    case "fromJson": {
      const input = resolve(node.input, scope)
      if (input.type.kind === "utf8") return done({ ...node, input: input.node }, node.to, true)
      const problem = `\`fromJson\` needs JSON text, and ${exprText(node.input)} is ${typeName(input.type)}`
      throw mismatch(scope.operation, problem, "Give it a text column.")
    }
    case "alias":
    case "order": {
      const input = resolve(node.input, scope)
      return done({ ...node, input: input.node }, input.type, input.nullable)
    }
    case "case":
      return resolveCase(node, scope)
    case "field":
      return resolveField(node, scope)
    case "struct": {
      const fields = node.fields.map(({ name, expr }) => ({ name, ...resolve(expr, scope) }))
      const type: DataType = { kind: "struct", fields: fields.map(({ name, type }) => ({ name, type })) }
      return done({ ...node, fields: fields.map(f => ({ name: f.name, expr: f.node })) }, type, false)
    }
    case "window":
      return resolveWindow(node, scope)
    case "lambda":
      throw mismatch(scope.operation, "a function stands where a value is expected", "Call it on a list.")
    case "aggregate":
      if (node.args.some(hasAggregate))
        throw mismatch(
          scope.operation,
          `${exprText(node)} aggregates an aggregation`,
          "Aggregate twice instead.",
        )
      return resolveCall(node, scope)
    case "ranking":
      throw mismatch(
        scope.operation,
        `${exprText(node)} needs an order`,
        'Write .over({ orderBy: ["column"] }) behind it.',
      )
    case "call":
      return resolveCall(node, scope)
  }
  node satisfies never
}

function done(node: ExprNode, type: DataType, nullable: boolean | undefined): Typed {
  return { node: { ...node, type } as ExprNode, type, nullable }
}

function resolveWindow(node: Extract<ExprNode, { op: "window" }>, scope: Scope): Typed {
  const { input } = node
  if (input.op !== "aggregate" && input.op !== "ranking")
    throw mismatch(
      scope.operation,
      `${exprText(input)} has nothing to do over a window`,
      "Use an aggregation or fn.rowNumber().",
    )
  if (input.op === "ranking" && node.orderBy.length === 0)
    throw mismatch(scope.operation, `${exprText(input)} needs an order`, 'Give it { orderBy: ["column"] }.')
  if (node.frame?.unit === "range" && node.orderBy.length !== 1 && (node.frame.start || node.frame.end))
    throw mismatch(
      scope.operation,
      "a range needs exactly one order key",
      "Give one `orderBy`, or use `rows`.",
    )
  const call = resolveCall(input, scope)
  const partitionBy = node.partitionBy.map(key => resolve(key, scope).node)
  const orderBy = node.orderBy.map(order => ({ ...order, input: resolve(order.input, scope).node }))
  return done({ ...node, input: call.node, partitionBy, orderBy }, call.type, call.nullable)
}

function resolveField(node: Extract<ExprNode, { op: "field" }>, scope: Scope): Typed {
  const input = resolve(node.input, scope)
  if (input.type.kind !== "struct")
    throw mismatch(
      scope.operation,
      `${exprText(node.input)} is ${typeName(input.type)}, not a struct`,
      "Only structs have fields.",
    )
  const field = input.type.fields.find(({ name }) => name === node.name)
  if (field !== undefined) return done({ ...node, input: input.node }, field.type, input.nullable)
  const names = input.type.fields.map(({ name }) => name)
  throw fail("UNKNOWN_COLUMN", {
    operation: `${scope.operation}, ${exprText(node.input)}`,
    name: node.name,
    nearest: didYouMean(node.name, names),
    columns: names.join(", "),
  })
}

function resolveCase(node: Extract<ExprNode, { op: "case" }>, scope: Scope): Typed {
  const whens = node.branches.map(branch => {
    const { node: when, type } = resolve(branch.when, scope)
    if (type.kind === "boolean") return when
    throw mismatch(
      scope.operation,
      `${exprText(branch.when)} is ${typeName(type)}, not Boolean`,
      "Compare it with something.",
    )
  })
  const raw = node.branches.map(branch => branch.value).concat(node.otherwise ? [node.otherwise] : [])
  const values = settle(raw.map(value => resolve(value, scope)))
  const type = values.map(value => value.type).reduce((a, b) => commonType(a, b, scope.operation))
  const cast = values.map(value => castTo(value, type))
  const branches = whens.map((when, index) => ({ when, value: cast[index]! }))
  const otherwise = node.otherwise ? { otherwise: cast.at(-1)! } : {}
  const nullable = node.otherwise ? anyNullable(values) : true
  return done({ op: "case", branches, ...otherwise }, type, nullable)
}

function resolveCall(node: CallNode, scope: Scope): Typed {
  const row = rowOf(node)
  const call = new Call(node, row, scope)
  const args = call.arguments()
  const { type, operands } = call.result(args)
  const nodes = args.map((arg, index) => (operands?.[index] ? castTo(arg, operands[index]) : arg.node))
  return done({ ...node, args: nodes } as ExprNode, type, resultNullable(row, args))
}

function resultNullable(row: FunctionRow, args: readonly Typed[]): boolean | undefined {
  if (row.signature.nullable) return true
  if (row.nulls === "never") return false
  return row.nulls === "own" ? undefined : anyNullable(args)
}

function anyNullable(args: readonly Typed[]): boolean | undefined {
  if (args.some(arg => arg.nullable === true)) return true
  return args.every(arg => arg.nullable === false) ? false : undefined
}

/** One use of a function: its arguments meet its parameters, and the type variables get their types. */
class Call {
  readonly #bound = new Map<string, DataType>()

  constructor(
    private readonly node: CallNode,
    private readonly row: FunctionRow,
    private readonly scope: Scope,
  ) {}

  arguments(): Typed[] {
    const required = this.row.signature.parameters.filter(parameter => !parameter.optional).length
    if (this.node.args.length < required)
      throw this.#problem(`takes ${required} arguments, not ${this.node.args.length}`)
    const parameters = this.node.args.map((_, index) => this.#parameter(index))
    const plain = this.node.args.map((arg, index) =>
      parameters[index]!.type.is === "lambda" ? undefined : resolve(arg, this.scope),
    )
    const settled = this.#settle(plain, parameters)
    for (const [index, arg] of settled.entries()) if (arg) this.#bind(parameters[index]!.type, arg.type, arg)
    return this.node.args.map((arg, index) => {
      const parameter = parameters[index]!
      const value = settled[index]
      if (value) return this.#fit(value, parameter)
      return this.#lambda(arg, parameter)
    })
  }

  result(args: readonly Typed[]): { type: DataType; operands?: readonly DataType[] } {
    const { result } = this.row.signature
    if (result.is !== "rule") return { type: this.#fill(result) }
    return resultRules[result.name as RuleName](args.map(arg => arg.type))
  }

  #parameter(index: number): Parameter {
    const { parameters } = this.row.signature
    const last = parameters.at(-1)
    const found = parameters[index] ?? (last?.rest ? last : undefined)
    if (found !== undefined) return found
    throw this.#problem(`takes ${parameters.length} arguments, not ${this.node.args.length}`)
  }

  /** Constants take the type of the other arguments with the same variable. */
  #settle(args: readonly (Typed | undefined)[], parameters: readonly Parameter[]): (Typed | undefined)[] {
    const made = [...args]
    const groups = new Map<string, number[]>()
    parameters.forEach(({ type }, index) => {
      const key = type.is === "variable" ? type.name : type.is === "type" ? `\0${index}` : ""
      if (key !== "") groups.set(key, [...(groups.get(key) ?? []), index])
    })
    for (const group of groups.values()) {
      const { type } = parameters[group[0]!]!
      if (type.is === "type") {
        made[group[0]!] = settle([made[group[0]!]!], type.type)[0]!
        continue
      }
      settle(group.map(index => made[index]!)).forEach((arg, i) => {
        made[group[i]!] = arg
      })
    }
    return made
  }

  #bind(spec: TypeSpec, type: DataType, arg: Typed): void {
    switch (spec.is) {
      case "variable": {
        if (!inClass(type, spec.of)) throw this.#wrongType(classWords[spec.of], type, arg)
        const known = this.#bound.get(spec.name)
        if (known === undefined) this.#bound.set(spec.name, type)
        else if (this.row.signature.result.is !== "rule")
          this.#bound.set(spec.name, this.#common(known, type))
        return
      }
      case "list":
        if (type.kind !== "list") throw this.#wrongType("a list", type, arg)
        this.#bind(spec.item, type.item, arg)
        return
      case "map":
        if (type.kind !== "map") throw this.#wrongType("a map", type, arg)
        this.#bind(spec.key, type.key, arg)
        this.#bind(spec.value, type.value, arg)
        return
      case "struct":
        if (type.kind !== "struct") throw this.#wrongType("a struct", type, arg)
        return
      case "class":
        if (!inClass(type, spec.name)) throw this.#wrongType(classWords[spec.name], type, arg)
        return
      case "type":
        if (!becomes(type, spec.type)) throw this.#wrongType(typeName(spec.type), type, arg)
        return
      default:
        return
    }
  }

  #common(a: DataType, b: DataType): DataType {
    const common = meet(a, b)
    if (common !== undefined) return common
    throw this.#problem(`cannot compare ${typeName(a)} with ${typeName(b)} (${exprText(this.node)})`)
  }

  /** An argument in the type of its parameter. */
  #fit(arg: Typed, { type: spec }: Parameter): Typed {
    if (this.row.signature.result.is === "rule" && spec.is === "variable") return arg
    const wanted = spec.is === "class" || spec.is === "struct" ? arg.type : this.#fill(spec)
    return { ...arg, node: castTo(arg, wanted), type: wanted }
  }

  #lambda(arg: ExprNode, { type: spec, name }: Parameter): Typed {
    if (spec.is !== "lambda" || arg.op !== "lambda")
      throw this.#problem(`needs a function for \`${name}\`, as in x => x.add(1)`)
    const variables = new Map(this.scope.variables)
    arg.params.forEach((param, i) => {
      variables.set(param, this.#fill(spec.params[i]!))
    })
    const body = resolve(arg.body, { ...this.scope, variables })
    const wanted = spec.result
    if (wanted.is === "variable" && !this.#bound.has(wanted.name)) this.#bound.set(wanted.name, body.type)
    const type = this.#fill(wanted)
    if (meet(type, body.type) === undefined) throw this.#wrongType(typeName(type), body.type, body)
    const lambda: LambdaNode = { ...arg, body: castTo(body, type), type }
    return { node: lambda, type, nullable: undefined }
  }

  #fill(spec: TypeSpec): DataType {
    switch (spec.is) {
      case "type":
        return spec.type
      case "variable":
        return this.#bound.get(spec.name)!
      case "list":
        return { kind: "list", item: this.#fill(spec.item) }
      case "map":
        return { kind: "map", key: this.#fill(spec.key), value: this.#fill(spec.value) }
      default:
        throw new Error(`the signature ${this.row.text} has no type for ${spec.is}`)
    }
  }

  #wrongType(wanted: string, type: DataType, arg: Typed): Error {
    return this.#problem(`needs ${wanted}, not ${typeName(type)} (${exprText(arg.node)})`)
  }

  #problem(problem: string): Error {
    const fix = 'Convert it with `cast`, as in f.x.cast("float64").'
    return mismatch(this.scope.operation, `\`${this.node.name}\` ${problem}`, fix)
  }
}

const classWords: Record<TypeClass, string> = {
  any: "a value",
  number: "a number",
  integer: "an integer",
  temporal: "Date or Timestamp",
}

function inClass(type: DataType, name: TypeClass): boolean {
  if (name === "any") return true
  return { number: isNumeric, integer: isInteger, temporal: isTemporal }[name](type)
}

/** What an argument may be turned into without being asked: numbers to wider ones, dates and timestamps to each other. */
function becomes(from: DataType, to: DataType): boolean {
  if (sameType(from, to)) return true
  if (to.kind === "float64") return isNumeric(from)
  if (isInteger(to)) return isInteger(from)
  return isTemporal(from) && isTemporal(to)
}

export function castTo({ node, type }: Pick<Typed, "node" | "type">, to: DataType): ExprNode {
  return sameType(type, to) ? node : { op: "cast", input: node, to, type: to }
}

/** The type both become without loss of meaning, or undefined. */
export function meet(a: DataType, b: DataType): DataType | undefined {
  if (sameType(a, b)) return a
  if (isNumeric(a) && isNumeric(b)) return meetNumbers(a, b)
  if (isTemporal(a) && isTemporal(b)) {
    return typeOf(a.kind === "timestamptz" || b.kind === "timestamptz" ? "timestamptz" : "timestamp")
  }
  if (a.kind === "list" && b.kind === "list") {
    const item = meet(a.item, b.item)
    return item && { kind: "list", item }
  }
  return undefined
}

function meetNumbers(a: DataType, b: DataType): DataType {
  if (isInteger(a) && isInteger(b)) return typeOf("int64")
  const [x, y] = [asDecimal(a), asDecimal(b)]
  return x && y ? widerDecimal(x, y) : typeOf("float64")
}

/** `meet`, or an error. */
export function commonType(a: DataType, b: DataType, operation: string): DataType {
  const common = meet(a, b)
  if (common !== undefined) return common
  throw mismatch(
    operation,
    `${typeName(a)} and ${typeName(b)} have no common type`,
    "Convert one with `cast`.",
  )
}

export function mismatch(operation: string, problem: string, fix: string): Error {
  return fail("TYPE_MISMATCH", { operation, problem, fix })
}
