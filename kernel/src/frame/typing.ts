// Gives every expression its type against a schema, and refuses what cannot be, before anything runs. Literals written
// in code take the type of the column they meet here, so an engine never has to guess. Not an optimiser.

import { fail } from "../errors.js"
import { type ExprNode, exprText, hasAggregate, type Literal } from "./ExprNode.js"
import {
  type AggregateName,
  aggregates,
  argumentProblem,
  comparable,
  type FunctionSpec,
  functions,
} from "./functions.js"
import type { Schema } from "./Schema.js"
import { type DataType, isInteger, isNumeric, sameType, typeName, typeOf } from "./types.js"

export interface Typed {
  readonly node: ExprNode
  readonly type: DataType
}

/** `operation` is the word the user wrote ("filter"), for messages. */
export function typed(node: ExprNode, schema: Schema, operation: string): Typed {
  switch (node.op) {
    case "column":
      return { node, type: schema.type(node.name, operation) }
    case "literal":
      return { node, type: node.type }
    case "cast":
      return { node: { ...node, input: typed(node.input, schema, operation).node }, type: node.to }
    case "alias":
    case "order": {
      const input = typed(node.input, schema, operation)
      return { node: { ...node, input: input.node }, type: input.type }
    }
    case "case":
      return typedCase(node, schema, operation)
    case "aggregate":
      if (node.args.some(hasAggregate))
        throw mismatch(operation, `${exprText(node)} aggregates an aggregation`, "Aggregate twice instead.")
      return typedCall(node, aggregates[node.name as AggregateName], schema, operation)
    case "call":
      return typedCall(node, functions[node.name], schema, operation)
  }
  node satisfies never
}

/** Like `typed`, and the result has to be a Boolean. */
export function predicate(node: ExprNode, schema: Schema, operation: string): ExprNode {
  if (hasAggregate(node))
    throw mismatch(operation, `${exprText(node)} is an aggregation`, "Filter after `agg`.")
  const result = typed(node, schema, operation)
  if (result.type.kind === "boolean") return result.node
  throw mismatch(
    operation,
    `${exprText(node)} is ${typeName(result.type)}, not Boolean`,
    "Compare it with something, as in f => f.delay.gt(15).",
  )
}

type CallNode = Extract<ExprNode, { op: "call" | "aggregate" }>

function typedCall(node: CallNode, spec: FunctionSpec, schema: Schema, operation: string): Typed {
  const kindOf = (index: number) => spec.args[Math.min(index, spec.args.length - 1)]!
  const args = settle(
    node.args.map(arg => typed(arg, schema, operation)),
    index => kindOf(index) !== "integer",
  )
  args.forEach(({ node: arg, type }, index) => {
    const kind = kindOf(index)
    const wanted = argumentProblem(kind, type, args[0]!.type)
    if (wanted === undefined) return
    const need =
      kind === "same"
        ? `${typeName(args[0]!.type)} with ${typeName(type)}`
        : `${wanted}, not ${typeName(type)}`
    const problem =
      kind === "same" ? `\`${node.name}\` cannot compare ${need}` : `\`${node.name}\` needs ${need}`
    throw mismatch(
      operation,
      `${problem} (${exprText(arg)})`,
      'Convert it with `cast`, as in f.x.cast("float64").',
    )
  })
  const result = { ...node, args: args.map(arg => arg.node) }
  return { node: result, type: spec.result(args.map(arg => arg.type)) }
}

function typedCase(node: Extract<ExprNode, { op: "case" }>, schema: Schema, operation: string): Typed {
  const whens = node.branches.map(branch => predicate(branch.when, schema, operation))
  const raw = node.branches.map(branch => branch.value).concat(node.otherwise ? [node.otherwise] : [])
  const values = settle(raw.map(value => typed(value, schema, operation)))
  const type = values.map(value => value.type).reduce((a, b) => commonType(a, b, operation))
  const cast = values.map(value => (sameType(value.type, type) ? value.node : castTo(value.node, type)))
  const branches = whens.map((when, index) => ({ when, value: cast[index]! }))
  const otherwise = node.otherwise ? { otherwise: cast.at(-1)! } : {}
  return { node: { op: "case", branches, ...otherwise }, type }
}

/** Gives open literals the type of their first typed neighbour, when they fit it without loss. */
function settle(
  args: readonly Typed[],
  takesPart: (index: number) => boolean = () => true,
): readonly Typed[] {
  const model = args.find((arg, index) => takesPart(index) && !(arg.node.op === "literal" && arg.node.open))
  if (model === undefined) return args
  return args.map((arg, index) =>
    takesPart(index) && arg.node.op === "literal" ? retype(arg.node, model.type) : arg,
  )
}

const ranges: Partial<Record<DataType["kind"], readonly [bigint, bigint]>> = {
  int8: [-128n, 127n],
  int16: [-32768n, 32767n],
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint8: [0n, 255n],
  uint16: [0n, 65535n],
  uint32: [0n, 2n ** 32n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
}

function retype(node: Literal, to: DataType): Typed {
  if (node.value === null) return { node: { ...node, type: to }, type: to }
  if (to.kind === "date" && node.type.kind === "timestamp") return { node, type: node.type }
  if (!node.open)
    return to.kind === "float32" && node.type.kind === "float64"
      ? literalAs(node, to)
      : { node, type: node.type }
  if (to.kind === "float32" || to.kind === "float64")
    return literalAs({ ...node, value: Number(node.value) }, to)
  const range = ranges[to.kind]
  const value = BigInt(node.value as string | number)
  if (range === undefined || value < range[0] || value > range[1]) return { node, type: node.type }
  const wide = to.kind === "int64" || to.kind === "uint64"
  return literalAs({ ...node, value: wide ? String(value) : Number(value) }, to)
}

function literalAs(node: Literal, type: DataType): Typed {
  return { node: { ...node, type }, type }
}

function castTo(node: ExprNode, to: DataType): ExprNode {
  return { op: "cast", input: node, to }
}

/** The type both can become without an error: equal types, or numbers by the rule of arithmetic. */
export function commonType(a: DataType, b: DataType, operation: string): DataType {
  if (sameType(a, b)) return a
  if (isNumeric(a) && isNumeric(b)) return isInteger(a) && isInteger(b) ? typeOf("int64") : typeOf("float64")
  if (comparable(a, b)) return typeOf("timestamp")
  throw mismatch(
    operation,
    `${typeName(a)} and ${typeName(b)} have no common type`,
    "Convert one with `cast`.",
  )
}

export function mismatch(operation: string, problem: string, fix: string): Error {
  return fail("TYPE_MISMATCH", { operation, problem, fix })
}
