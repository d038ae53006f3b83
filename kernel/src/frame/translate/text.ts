// JavaScript's text by the engine's: what becomes text and how, and the methods whose answer is the same everywhere.
// Positions and lengths are not: JavaScript counts UTF-16 units and engines count characters.

import type { ExprNode } from "../ExprNode.js"
import { literal } from "../ExprNode.js"
import { typeOf } from "../types.js"
import { article } from "./arithmetic.js"
import { bool, type JsValue, kindOf, nodeOfValue, type PlainValue, text } from "./JsValue.js"
import { refuse } from "./refuse.js"
import { call, cast, isNull, when } from "./sql.js"

/** `String(x)`, and what `${x}` and `+` make of it. */
export function toText(value: JsValue): JsValue {
  if (value.kind === "constant") return text(literal(String(value.value)))
  return text(orNull(textNode(value), value))
}

function textNode(value: Exclude<JsValue, { kind: "constant" }>): ExprNode {
  const utf8 = (node: ExprNode) => cast(node, typeOf("utf8"))
  switch (value.kind) {
    case "text":
      return value.node
    case "bigint":
      return utf8(value.node)
    case "boolean":
      return when(value.node, literal("true"), literal("false"))
    case "number":
      if (!value.whole || value.nan || value.bound > Number.MAX_SAFE_INTEGER)
        throw refuse("engines print numbers with fractions otherwise than JavaScript")
      return utf8(value.type.kind === "float64" ? cast(value.node, typeOf("int64")) : value.node)
    case "date":
      throw refuse("how a Date prints depends on the machine")
    case "opaque":
      throw refuse(`it makes text of ${article(value.kind)}`)
  }
}

function orNull(node: ExprNode, value: { nullable: boolean; node: ExprNode }): ExprNode {
  return value.nullable ? when(isNull(value.node), literal("null"), node) : node
}

export function concat(parts: readonly JsValue[]): JsValue {
  const nodes = parts.map(part => toText(part)).map(nodeOfValue)
  return nodes.length === 1 ? text(nodes[0]!) : text(call("concat", ...nodes))
}

type Method = (self: PlainValue, args: readonly JsValue[]) => JsValue

const change =
  (name: string): Method =>
  (self, args) => {
    wants(0, args)
    return text(call(name, self.node))
  }
const test =
  (name: string): Method =>
  (self, args) => {
    wants(1, args)
    const [part] = args
    if (kindOf(part!) !== "text") throw refuse(`it looks for ${article(kindOf(part!))} in text`)
    return bool(call(name, self.node, nodeOfValue(part!)))
  }

// What JavaScript trims: white space and line ends, as the language lists them.
const blank =
  "[\\t-\\r \\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}\\x{feff}]+"
const trim =
  (...patterns: readonly string[]): Method =>
  (self, args) => {
    wants(0, args)
    const node = patterns.reduce<ExprNode>(
      (input, pattern) => call("regexpReplace", input, literal(pattern), literal("")),
      self.node,
    )
    return text(node)
  }

/** A method of null throws in JavaScript; here it gives null. */
export const textMethods: Readonly<Record<string, Method>> = {
  toUpperCase: change("upper"),
  toLowerCase: change("lower"),
  includes: test("contains"),
  startsWith: test("startsWith"),
  endsWith: test("endsWith"),
  concat: (self, args) => concat([{ ...self, nullable: false }, ...args]),
  trim: trim(`^${blank}`, `${blank}\\z`),
  trimStart: trim(`^${blank}`),
  trimEnd: trim(`${blank}\\z`),
  toString: (self: PlainValue): JsValue => ({ ...self, nullable: false }),
}

const counted = [
  "length",
  "slice",
  "substring",
  "substr",
  "charAt",
  "at",
  "indexOf",
  "padStart",
  "padEnd",
  "split",
]

export function textMember(name: string): Error {
  if (counted.includes(name))
    return refuse(`\`.${name}\` counts UTF-16 units in JavaScript and characters in an engine`)
  return refuse(`\`.${name}\` of text has no equal among the functions of columns`)
}

export function wants(count: number, args: readonly JsValue[]): void {
  if (args.length !== count) throw refuse(`a method has ${args.length} arguments`)
}
