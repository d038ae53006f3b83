// A value out of two, and what becomes of a value that is asked to be a number.

import type { ExprNode } from "../ExprNode.js"
import { typeOf } from "../types.js"
import { arithmetic, article, truthy } from "./arithmetic.js"
import {
  asNumber,
  bool,
  constant,
  float,
  type JsValue,
  kindOf,
  nodeOfValue,
  number,
  type PlainValue,
} from "./JsValue.js"
import { refuse } from "./refuse.js"
import { and, call, cast, isNotNull, isNull, no, when, yes } from "./sql.js"

/** `condition ? a : b`, for values of one kind. */
export function choose(condition: ExprNode, a: JsValue, b: JsValue): JsValue {
  if (condition === yes) return a
  if (condition === no) return b
  const [kindA, kindB] = [kindOf(a), kindOf(b)]
  if (kindA === "null" && kindB === "null") return a
  const kind = kindA === "null" ? kindB : kindA
  if (kindB !== "null" && kindB !== kind) throw refuse(`it gives ${article(kindA)} or ${article(kindB)}`)
  const nullable = [a, b].some(value => (value.kind === "constant" ? value.value == null : value.nullable))
  if (kind === "number") {
    const [x, y] = [a, b].map(value => (kindOf(value) === "null" ? undefined : asNumber(value)))
    const node = when(condition, x?.node ?? nothing, y?.node ?? nothing)
    const known = [x, y].filter(value => value !== undefined)
    return number(node, {
      bound: Math.max(...known.map(value => value.bound)),
      whole: known.every(value => value.whole),
      nan: known.some(value => value.nan),
      zero: known.every(value => value.zero === "plus")
        ? "plus"
        : known.some(value => value.zero === "lost")
          ? "lost"
          : "same",
      nullable,
    })
  }
  const typed = [a, b].find(value => value.kind !== "constant") as PlainValue | undefined
  const type = typed?.type ?? typeOf(constantTypes[kind as keyof typeof constantTypes])
  if (kind === "date" && type.kind !== "timestamp") throw refuse("it chooses between days and moments")
  if ([a, b].some(value => value.kind !== "constant" && value.type.kind !== type.kind))
    throw refuse("it chooses between columns of two types")
  const branch = (value: JsValue): ExprNode =>
    kindOf(value) === "null" ? { op: "literal", type, value: null } : nodeOfValue(value)
  return { kind: kind as PlainValue["kind"], node: when(condition, branch(a), branch(b)), type, nullable }
}

export function toNumber(value: JsValue): JsValue {
  if (value.kind === "constant") return constant(Number(value.value))
  switch (value.kind) {
    case "number":
      return arithmetic("*", value, constant(1))
    case "boolean":
      return number(when(truthy(value), float(1), float(0)), { bound: 1, whole: true, zero: "plus" })
    case "bigint": {
      const node = cast(value.node, typeOf("float64"))
      return number(value.nullable ? when(isNull(value.node), float(0), node) : node, {
        bound: 2 ** 64,
        whole: true,
        zero: "plus",
      })
    }
    default:
      throw refuse(`it makes a number of ${article(value.kind)}`)
  }
}

export function isNan(value: JsValue | undefined): JsValue {
  if (value?.kind !== "number") throw refuse("it asks `isNaN` of what is no number")
  if (!value.nan) return bool(no)
  const test = call("gt", asNumber(value).node, float(Infinity))
  return bool(value.nullable ? and(isNotNull(value.node), test) : test)
}

const constantTypes = {
  text: "utf8",
  boolean: "boolean",
  bigint: "int64",
  date: "timestamp",
  opaque: "binary",
} as const
const nothing: ExprNode = { op: "literal", type: typeOf("float64"), value: null }
