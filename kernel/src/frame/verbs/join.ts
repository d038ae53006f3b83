// From what a user gives for a join's `on` to keys and a condition.

import { didYouMean, fail } from "../../errors.js"
import { columnsOf, nodeOf } from "../Expr.js"
import { AsOfJoin } from "../nodes/AsOfJoin.js"
import { Join, type JoinKey, type JoinType, joinTypes } from "../nodes/Join.js"
import type { Plan } from "../nodes/plan.js"

interface Options {
  readonly on?: unknown
  readonly how?: JoinType
  readonly suffix?: string
}

export function join(left: Plan, right: Plan, { on, how = "inner", suffix = "_right" }: Options): Plan {
  if (!joinTypes.includes(how) || how === "cross") {
    const known = joinTypes.filter(type => type !== "cross")
    const fix = `Kinds: ${known.join(", ")}.${didYouMean(how, known)}`
    throw fail("BAD_VALUE", { where: "join", name: "how", value: how, fix })
  }
  if (typeof on !== "function") return new Join(left, right, joinKeys(on), how, suffix)
  const sides = [
    columnsOf(left.schema, "join (left side)", "left"),
    columnsOf(right.schema, "join (right side)", "right"),
  ]
  return new Join(left, right, [], how, suffix, nodeOf(on(...sides)))
}

interface AsOf extends Omit<Options, "how"> {
  readonly time: unknown
  readonly direction?: "backward" | "forward"
}

export function asOfJoin(left: Plan, right: Plan, options: AsOf): Plan {
  const { time, on, direction = "backward", suffix = "_right" } = options
  const [key, more] = joinKeys(time)
  if (key === undefined || more !== undefined)
    throw fail("BAD_VALUE", {
      where: "asOfJoin",
      name: "time",
      value: JSON.stringify(time),
      fix: 'Give one ordered column: "at", or ["left", "right"].',
    })
  if (direction !== "backward" && direction !== "forward")
    throw fail("BAD_VALUE", {
      where: "asOfJoin",
      name: "direction",
      value: direction,
      fix: 'Give "backward" or "forward".',
    })
  return new AsOfJoin(left, right, on === undefined ? [] : joinKeys(on), key, direction, suffix)
}

function joinKeys(on: unknown): JoinKey[] {
  if (typeof on === "string") return [{ left: on, right: on }]
  if (Array.isArray(on)) return on.length === 2 ? [{ left: String(on[0]), right: String(on[1]) }] : []
  return Object.entries((on ?? {}) as Record<string, string>).map(([left, right]) => ({ left, right }))
}
