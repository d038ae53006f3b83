// Dates: the parts in UTC, and comparisons with a moment that is known. The other parts depend on the machine's time zone,
// and are translated only where that is UTC. JavaScript's Date has milliseconds and a timestamp microseconds, so a
// comparison takes the end of the millisecond where that matters.

import { type ExprNode, literal } from "../ExprNode.js"
import { typeOf } from "../types.js"
import type { Comparison } from "./arithmetic.js"
import { bool, float, type JsValue, type NumberValue, number, type PlainValue } from "./JsValue.js"
import { refuse } from "./refuse.js"
import { and, call, cast, hasFunction, isNotNull, isNull, or } from "./sql.js"

interface Part {
  readonly function: string
  readonly bound: number
  /** What JavaScript's number is ahead of the engine's. */
  readonly shift: number
}
const parts: Readonly<Record<string, Part>> = {
  FullYear: { function: "year", bound: 300_000, shift: 0 },
  Month: { function: "month", bound: 12, shift: -1 },
  Date: { function: "day", bound: 31, shift: 0 },
  Day: { function: "dayofweek", bound: 7, shift: -1 },
  Hours: { function: "hour", bound: 24, shift: 0 },
  Minutes: { function: "minute", bound: 60, shift: 0 },
}

export function dateMethod(self: PlainValue, name: string): JsValue {
  const [, utc, part = ""] = /^get(UTC)?([A-Z]\w*)$/.exec(name) ?? []
  const known = parts[part]
  if (name === "getTime" || name === "valueOf") return time(self)
  if (known === undefined) throw refuse(`\`.${name}\` of a Date has no equal among the functions of columns`)
  if (utc === undefined && !isUtc())
    throw refuse(`\`.${name}()\` depends on the machine's time zone (\`.getUTC${part}()\` does not)`)
  if (self.type.kind === "date" && (part === "Hours" || part === "Minutes"))
    return number(float(0), { bound: 0, whole: true, zero: "plus" })
  const value = cast(call(known.function, self.node), typeOf("float64"))
  const node = known.shift === 0 ? value : call("add", value, float(known.shift))
  return number(node, { bound: known.bound, whole: true, zero: "plus" })
}

function isUtc(): boolean {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions()
  return timeZone === "UTC" || timeZone === "Etc/UTC"
}

function time(self: PlainValue): NumberValue {
  if (self.type.kind === "date" && hasFunction("unixDate")) {
    const days = cast(call("unixDate", self.node), typeOf("float64"))
    return number(call("mul", days, float(86_400_000)), { bound: 8.64e15, whole: true, zero: "plus" })
  }
  if (self.type.kind === "date" || !hasFunction("unixMillis"))
    throw refuse("`.getTime()` has no equal among the functions of columns")
  const node = cast(call("unixMillis", self.node), typeOf("float64"))
  return number(node, { bound: 8.64e15, whole: true, zero: "plus" })
}

const day = 86_400_000
const toZero: Record<Comparison, (moment: number) => boolean> = {
  lt: moment => 0 < moment,
  lte: moment => 0 <= moment,
  gt: moment => 0 > moment,
  gte: moment => 0 >= moment,
}

/** A column of dates against a known moment; null is the epoch. */
export function compareDate(how: Comparison, self: PlainValue, moment: number): JsValue {
  if (Number.isNaN(moment)) throw refuse("it compares with an invalid Date")
  if (self.type.kind === "date" && moment % day !== 0) throw refuse("it compares a day with a time of day")
  const later = how === "gt" || how === "lte"
  const step = self.type.kind === "date" ? day : 1
  const edge = literal(new Date(later ? moment + step : moment))
  const test = call(later ? (how === "gt" ? "gte" : "lt") : how, self.node, edge)
  if (!self.nullable) return bool(test)
  return bool(toZero[how](moment) ? or(isNull(self.node), test) : and(isNotNull(self.node), test))
}

/** Two columns of days; finer ones would be compared in microseconds. */
export function compareDays(how: Comparison, a: PlainValue, b: PlainValue): JsValue {
  if (a.type.kind !== "date" || b.type.kind !== "date")
    throw refuse("JavaScript compares moments by the millisecond and an engine by the microsecond")
  return bool(call(how, orEpoch(a), orEpoch(b)))
}

function orEpoch({ node, nullable, type }: PlainValue): ExprNode {
  if (!nullable) return node
  const epoch: ExprNode = { op: "literal", type, value: "0" }
  return { op: "case", branches: [{ when: isNull(node), value: epoch }], otherwise: node }
}
