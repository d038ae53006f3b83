// Every function and aggregation: one row with its argument kinds, its result type and what it makes of NULL. Not how
// an engine computes it: each engine has its own lowering table, and TypeScript makes it complete. Semantics are Spark's
// in ANSI mode. To add one: a row here, a row per engine, a method in Expr.ts and Column.ts, a golden.

import { type DataType, isInteger, isNumeric, isTemporal, sameType, typeOf } from "./types.js"

type ArgumentKind = "any" | "same" | "boolean" | "number" | "integer" | "text" | "time"

export interface FunctionSpec {
  /** One kind an argument; the last repeats when `variadic`. `same`: comparable with the first argument. */
  readonly args: readonly ArgumentKind[]
  readonly variadic?: boolean
  readonly result: (args: readonly DataType[]) => DataType
  /** `propagate`: NULL in, NULL out. `kleene`: three-valued logic. `never`: not NULL. `skip`: ignores NULLs. `own`: see lowering. */
  readonly nulls: "propagate" | "kleene" | "never" | "skip" | "own"
}

const boolean = () => typeOf("boolean")
const int32 = () => typeOf("int32")
const int64 = () => typeOf("int64")
const float64 = () => typeOf("float64")
const utf8 = () => typeOf("utf8")
const first = ([type]: readonly DataType[]) => type!
const compare = { args: ["any", "same"], result: boolean, nulls: "propagate" } as const
const arithmetic = { args: ["number", "number"], result: arithmeticType, nulls: "propagate" } as const
const toFloat = { args: ["number"], result: float64, nulls: "propagate" } as const
const datePart = { args: ["time"], result: int32, nulls: "propagate" } as const
const textTest = { args: ["text", "text"], result: boolean, nulls: "propagate" } as const

export const functions = {
  eq: compare,
  ne: compare,
  lt: compare,
  lte: compare,
  gt: compare,
  gte: compare,
  between: { args: ["any", "same", "same"], result: boolean, nulls: "propagate" },
  isIn: { args: ["any", "same"], variadic: true, result: boolean, nulls: "propagate" },
  isNull: { args: ["any"], result: boolean, nulls: "never" },
  isNotNull: { args: ["any"], result: boolean, nulls: "never" },
  and: { args: ["boolean", "boolean"], result: boolean, nulls: "kleene" },
  or: { args: ["boolean", "boolean"], result: boolean, nulls: "kleene" },
  not: { args: ["boolean"], result: boolean, nulls: "propagate" },
  add: arithmetic,
  sub: arithmetic,
  mul: arithmetic,
  /** Always Float64; dividing by zero is an error. */
  div: { args: ["number", "number"], result: float64, nulls: "propagate" },
  /** The sign of the dividend; by zero is an error. */
  mod: arithmetic,
  neg: { args: ["number"], result: first, nulls: "propagate" },
  abs: { args: ["number"], result: first, nulls: "propagate" },
  /** Half away from zero, to `digits` decimals. */
  round: { args: ["number", "integer"], result: first, nulls: "propagate" },
  floor: { args: ["number"], result: int64, nulls: "propagate" },
  ceil: { args: ["number"], result: int64, nulls: "propagate" },
  /** NaN for a negative number. */
  sqrt: toFloat,
  /** Natural logarithm; NULL for zero and below, as Spark. */
  log: { args: ["number"], result: float64, nulls: "own" },
  exp: toFloat,
  lower: { args: ["text"], result: utf8, nulls: "propagate" },
  upper: { args: ["text"], result: utf8, nulls: "propagate" },
  contains: textTest,
  startsWith: textTest,
  /** In characters (code points). */
  length: { args: ["text"], result: int32, nulls: "propagate" },
  /** From position 1, as in SQL. */
  substring: { args: ["text", "integer", "integer"], result: utf8, nulls: "propagate" },
  year: datePart,
  month: datePart,
  day: datePart,
  hour: datePart,
  /** 1 is Sunday. */
  dayofweek: datePart,
} as const satisfies Record<string, FunctionSpec>

export const aggregates = {
  /** Rows, or with an argument its non-NULL values. */
  count: { args: ["any"], result: int64, nulls: "skip" },
  countDistinct: { args: ["any"], result: int64, nulls: "skip" },
  /** Int64 for integers (overflow is an error), Float64 for floats, NULL without rows. */
  sum: { args: ["number"], result: sumType, nulls: "skip" },
  mean: { args: ["number"], result: float64, nulls: "skip" },
  min: { args: ["any"], result: first, nulls: "skip" },
  max: { args: ["any"], result: first, nulls: "skip" },
  /** Exact, interpolated; the second argument is between 0 and 1. */
  quantile: { args: ["number", "number"], result: float64, nulls: "skip" },
  /** Of the sample (n - 1). */
  stddev: { args: ["number"], result: float64, nulls: "skip" },
  /** Of any row of the group, NULL included; without a sort which one is not defined. */
  first: { args: ["any"], result: first, nulls: "own" },
} as const satisfies Record<string, FunctionSpec>

export type FunctionName = keyof typeof functions
export type AggregateName = keyof typeof aggregates

/** Equal types stay, two different integer types give Int64, everything else Float64 (decimals too, for now). */
export function arithmeticType([a, b]: readonly DataType[]): DataType {
  if (a!.kind === "decimal" || b!.kind === "decimal") return float64()
  if (sameType(a!, b!)) return a!
  return isInteger(a!) && isInteger(b!) ? int64() : float64()
}

function sumType([type]: readonly DataType[]): DataType {
  if (type!.kind === "decimal") return { kind: "decimal", precision: 38, scale: type!.scale }
  return isInteger(type!) ? int64() : float64()
}

/** What is wrong with an argument's type, or undefined. */
export function argumentProblem(kind: ArgumentKind, type: DataType, first: DataType): string | undefined {
  const fits: Record<ArgumentKind, boolean> = {
    any: true,
    same: comparable(first, type),
    boolean: type.kind === "boolean",
    number: isNumeric(type),
    integer: isInteger(type),
    text: type.kind === "utf8",
    time: isTemporal(type),
  }
  if (fits[kind]) return undefined
  return {
    any: "",
    same: "the type of what it is compared with",
    boolean: "Boolean",
    number: "a number",
    integer: "an integer",
    text: "Utf8",
    time: "Date or Timestamp",
  }[kind]
}

export function comparable(a: DataType, b: DataType): boolean {
  return sameType(a, b) || (isNumeric(a) && isNumeric(b)) || (isTemporal(a) && isTemporal(b))
}
