// The one class behind every expression. The methods of the catalog's functions are put on it from the catalog, so a row
// there is all a new function needs; here stand only those that are no functions. Column.ts says which type has which, so
// a wrong call does not compile; typing.ts refuses it at run time. Not evaluated here.

import { didYouMean, fail } from "../errors.js"
import type { CastTarget, Column, Columns, TypedFunctions, WindowSpec } from "./Column.js"
import {
  type CallNode,
  type ExprNode,
  exprText,
  type LambdaNode,
  type LiteralValue,
  literal,
  type OrderNode,
  type WindowFrame,
} from "./ExprNode.js"
import { allFunctions } from "./functions/catalog.js"
import type { Parameter, Signature } from "./functions/signature.js"
import type { FunctionNamespace } from "./gen/methods.js"
import type { Schema } from "./Schema.js"
import { type DataType, type MapOf, type SchemaShape, simpleKinds, typeName, typeOf } from "./types.js"
import { dataType, decimalType, type TypeLike } from "./typeValues.js"

export class ExprImpl {
  constructor(readonly node: ExprNode) {}

  cast(to: CastTarget) {
    return new ExprImpl({ op: "cast", input: this.node, to: castTarget(to, "cast") })
  }
  tryCast(to: CastTarget) {
    return new ExprImpl({ op: "cast", input: this.node, to: castTarget(to, "tryCast"), try: true })
  }
  alias(name: string) {
    return new ExprImpl({ op: "alias", input: this.node, name })
  }
  asc(options: { nulls?: "first" | "last" } = {}) {
    return new ExprImpl({ op: "order", input: this.node, direction: "asc", ...options })
  }
  desc(options: { nulls?: "first" | "last" } = {}) {
    return new ExprImpl({ op: "order", input: this.node, direction: "desc", ...options })
  }
  field(name: string) {
    return new ExprImpl({ op: "field", input: this.node, name })
  }
  fromJson(type: TypeLike) {
    return new ExprImpl(fromJsonNode(this.node, type))
  }
  over(window: WindowSpec) {
    const frame = windowFrame(window)
    return new ExprImpl({
      op: "window",
      input: this.node,
      partitionBy: keys(window.partitionBy),
      orderBy: keys(window.orderBy).map(orderOf),
      ...(frame ? { frame } : {}),
    })
  }

  toString(): string {
    return exprText(this.node)
  }
}

/** `fn.upper(f.origin)`: every function of the catalog by name, and `fromJson`, whose type no signature could spell. */
export const fn = Object.create(null) as FunctionNamespace & TypedFunctions

Object.defineProperty(fn, "fromJson", {
  value: (text: unknown, type: TypeLike) => new ExprImpl(fromJsonNode(nodeOf(text), type)),
  enumerable: true,
})

for (const { op, name, row } of allFunctions()) {
  const make = (args: readonly unknown[]) =>
    new ExprImpl({ op, name, args: callArguments(name, row.signature, args) } as CallNode)
  Object.defineProperty(fn, name, { value: (...args: unknown[]) => make(args), enumerable: true })
  if (row.signature.parameters.length === 0) continue
  Object.defineProperty(ExprImpl.prototype, name, {
    value(this: ExprImpl, ...args: unknown[]) {
      return make([this, ...args])
    },
    configurable: true,
  })
}

function callArguments(name: string, { parameters }: Signature, given: readonly unknown[]): ExprNode[] {
  const args = given.map((value, index) => argument(name, value, parameters[index] ?? parameters.at(-1)))
  for (const parameter of parameters.slice(given.length)) {
    if (parameter.byDefault !== undefined) args.push(literal(parameter.byDefault))
  }
  return args
}

function argument(name: string, value: unknown, parameter: Parameter | undefined): ExprNode {
  if (parameter?.type.is !== "lambda" || typeof value !== "function") return nodeOf(value)
  return lambda(name, value as (...args: unknown[]) => unknown, parameter.type.params.length)
}

let variables = 0

/** Calls the user's function once, with variables in place of elements. */
function lambda(name: string, body: (...args: unknown[]) => unknown, arity: number): LambdaNode {
  const params = Array.from({ length: arity }, () => `x${++variables}`)
  const made = body(...params.map(param => new ExprImpl({ op: "variable", name: param })))
  if (made === undefined)
    throw fail("BAD_VALUE", {
      where: name,
      name: "function",
      value: "a function without a value",
      fix: "Return an expression: x => x.add(1).",
    })
  return { op: "lambda", params, body: nodeOf(made) }
}

function castTarget(to: CastTarget, where: string): DataType {
  if (typeof to === "object" && Array.isArray(to.decimal)) {
    const [precision, scale] = to.decimal
    return decimalType(precision, scale, where)
  }
  if (typeof to === "string" && simpleKinds.includes(to)) return typeOf(to)
  const fix = `Kinds: ${simpleKinds.join(", ")}, or { decimal: [12, 2] }.${didYouMean(String(to), simpleKinds)}`
  throw fail("BAD_VALUE", { where, name: "kind", value: String(to), fix })
}

/** Spark reads no bare number, text or date as JSON, so neither do we. */
function fromJsonNode(input: ExprNode, like: TypeLike): ExprNode {
  const to = dataType(like, "fromJson")
  const wrong = (value: string, fix: string) =>
    fail("BAD_VALUE", { where: "fromJson", name: "type", value, fix })
  if (to.kind !== "struct" && to.kind !== "list" && to.kind !== "map")
    throw wrong(typeName(to), "Give a struct, list or map; a single value is read by cast or getJsonObject.")
  const map = mapIn(to).find(({ key }) => key.kind !== "utf8")
  if (map !== undefined) throw wrong(typeName(map), 'Keys of JSON are text: types.map("utf8", ...).')
  return { op: "fromJson", input, to }
}

/** The maps in a type. */
function mapIn(type: DataType): MapOf[] {
  switch (type.kind) {
    case "map":
      return [type, ...mapIn(type.value)]
    case "list":
      return mapIn(type.item)
    case "struct":
      return type.fields.flatMap(field => mapIn(field.type))
    default:
      return []
  }
}

type Key = string | { readonly node: ExprNode }

function keys(given: WindowSpec["orderBy"]): ExprNode[] {
  const list = (given === undefined ? [] : Array.isArray(given) ? given : [given]) as readonly Key[]
  return list.map(key => (typeof key === "string" ? { op: "column", name: key } : key.node))
}

/** A sort key of an expression: ascending unless it says otherwise. */
export function orderOf(node: ExprNode): OrderNode {
  return node.op === "order" ? node : { op: "order", input: node, direction: "asc" }
}

function windowFrame({ rows, range }: WindowSpec): WindowFrame | undefined {
  const given = rows ?? range
  if (given === undefined) return undefined
  const [start, end] = given.map(edge => (edge === "unbounded" ? null : edge)) as [
    number | null,
    number | null,
  ]
  const wrong =
    [start, end].some(edge => edge !== null && !Number.isFinite(edge)) ||
    (start !== null && end !== null && start > end)
  if (wrong)
    throw fail("BAD_VALUE", {
      where: "over",
      name: rows ? "rows" : "range",
      value: JSON.stringify(given),
      fix: 'Give [start, end], as in [-2, 0] or ["unbounded", 0].',
    })
  return { unit: rows ? "rows" : "range", start, end }
}

/** The node of an expression, or of a JavaScript value taken as a constant. */
export function nodeOf(value: unknown): ExprNode {
  if (value instanceof ExprImpl) return value.node
  const simple = value === null || ["string", "number", "bigint", "boolean"].includes(typeof value)
  if (simple || value instanceof Date || value instanceof Uint8Array) return literal(value as LiteralValue)
  const fix = "Use an expression (f.delay.gt(15), lit(1)) or a string, number, bigint, boolean, Date or null."
  throw fail("BAD_VALUE", { where: "expression", name: "value", value: describeValue(value), fix })
}

function describeValue(value: unknown): string {
  return value === undefined ? "undefined" : typeof value === "function" ? "a function" : `a ${typeof value}`
}

/** Types the class as what the compiler should see. */
export function column<T extends DataType>(node: ExprNode): Column<T> {
  return new ExprImpl(node) as unknown as Column<T>
}

/** The `f` of a lambda: one property a column; a name that is not there fails with the nearest one. */
export function columnsOf<S extends SchemaShape>(
  schema: Schema,
  operation: string,
  side?: "left" | "right",
): Columns<S> {
  const of = (name: string) => column({ op: "column", name, ...(side ? { side } : {}) })
  return new Proxy(Object.create(null) as Columns<S>, {
    get(_, name) {
      if (typeof name === "symbol") return undefined
      schema.type(name, operation)
      return of(name)
    },
    has: (_, name) => typeof name === "string" && schema.has(name),
    ownKeys: () => schema.names,
    getOwnPropertyDescriptor: (_, name) =>
      schema.has(String(name))
        ? { enumerable: true, configurable: true, writable: false, value: of(String(name)) }
        : undefined,
  })
}
