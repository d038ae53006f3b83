// `===`, `<` and the others between any two values, as JavaScript defines them.

import { article, type Comparison, compareBigints, compareNumbers, equalNumbers } from "./arithmetic.js"
import { compareDate, compareDays } from "./dates.js"
import { compared } from "./folding.js"
import { bool, constant, type JsValue, kindOf, nodeOfValue, type PlainValue } from "./JsValue.js"
import { negated } from "./logic.js"
import { refuse } from "./refuse.js"
import { and, call, isNotNull, isNull, or } from "./sql.js"

export function equality(a: JsValue, b: JsValue): JsValue {
  if (a.kind === "constant" && b.kind === "constant") return constant(a.value === b.value)
  if (a.kind === "constant") return equality(b, a)
  const kind = kindOf(b)
  if (kind === "null") {
    if (b.kind === "constant" && b.value === undefined) return constant(false)
    return a.nullable ? bool(isNull(a.node)) : constant(false)
  }
  if (a.kind !== kind) throw refuse(`it compares ${article(a.kind)} with ${article(kind)}`)
  if (kind === "date" || kind === "opaque")
    throw refuse("`===` of objects asks whether they are one and the same")
  const test = kind === "number" ? equalNumbers(a, b) : call("eq", a.node, nodeOfValue(b))
  const nullableB = b.kind !== "constant" && b.nullable
  if (!a.nullable && !nullableB) return bool(test)
  const present = [
    a.nullable ? isNotNull(a.node) : undefined,
    nullableB ? isNotNull(nodeOfValue(b)) : undefined,
  ]
  const sure = present.filter(node => node !== undefined).reduceRight((rest, node) => and(node, rest), test)
  return bool(a.nullable && nullableB ? or(and(isNull(a.node), isNull(nodeOfValue(b))), sure) : sure)
}

export function inequality(equal: JsValue): JsValue {
  return equal.kind === "constant" ? constant(!equal.value) : bool(negated(equal.node))
}

export function order(operator: string, a: JsValue, b: JsValue): JsValue {
  const how = ({ "<": "lt", "<=": "lte", ">": "gt", ">=": "gte" } as const)[operator] as Comparison
  if (a.kind === "constant" && b.kind === "constant") return constant(compared(how, a.value, b.value))
  const kinds = [kindOf(a), kindOf(b)]
  const all = (...allowed: string[]) => kinds.every(kind => allowed.includes(kind))
  if (all("number", "null")) return compareNumbers(how, a, b)
  if (all("bigint", "number", "null")) return compareBigints(how, a, b)
  if (all("date")) return orderDates(how, a, b)
  if (all("text")) return orderText(how, a, b)
  throw refuse(`it compares ${article(kinds[0]!)} with ${article(kinds[1]!)}`)
}

function orderDates(how: Comparison, a: JsValue, b: JsValue): JsValue {
  if (a.kind === "constant") return orderDates(mirrored[how], b, a)
  if (b.kind === "constant") return compareDate(how, a as PlainValue, (b.value as Date).getTime())
  return compareDays(how, a as PlainValue, b as PlainValue)
}

/** With plain ASCII both orders agree; else JavaScript goes by UTF-16 units and an engine by characters. */
function orderText(how: Comparison, a: JsValue, b: JsValue): JsValue {
  if (a.kind === "constant") return orderText(mirrored[how], b, a)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII
  if (b.kind !== "constant" || !/^[\x00-\x7f]*$/.test(String(b.value)))
    throw refuse("text beyond ASCII is ordered otherwise in an engine")
  const test = call(how, a.node, nodeOfValue(b))
  if (!a.nullable) return bool(test)
  // JavaScript takes null for 0, and the text for a number if it is one.
  return bool(compared(how, null, b.value) ? or(isNull(a.node), test) : and(isNotNull(a.node), test))
}

const mirrored: Record<Comparison, Comparison> = { lt: "gt", lte: "gte", gt: "lt", gte: "lte" }
