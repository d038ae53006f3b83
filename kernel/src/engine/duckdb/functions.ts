// How DuckDB computes each function of frame/functions.ts, with Spark's ANSI semantics where DuckDB differs: dividing by
// zero is an error, a logarithm of zero NULL, a root of a negative NaN, Sunday is day 1, counts and sums are 64 bit.
// Not the same as Spark, and known: text of floats and timestamps ("1.0E10"), `substring` from position 0, decimals in
// arithmetic (Float64 here), case mapping of some letters.

import type { AggregateName, FunctionName } from "../../frame/functions.js"

type Lowering = (...args: string[]) => string

const infix =
  (operator: string): Lowering =>
  (a, b) =>
    `(${a} ${operator} ${b})`
const call =
  (name: string): Lowering =>
  (...args) =>
    `${name}(${args.join(", ")})`
const int32 =
  (name: string): Lowering =>
  a =>
    `CAST(${name}(${a}) AS INTEGER)`
/** The divisor, or an error in its place. */
const nonZero = (b: string) => `CASE WHEN ${b} = 0 THEN error('DIVIDE_BY_ZERO') ELSE ${b} END`
const double = (a: string) => `CAST(${a} AS DOUBLE)`

export const scalarSql: Record<FunctionName, Lowering> = {
  eq: infix("="),
  ne: infix("<>"),
  lt: infix("<"),
  lte: infix("<="),
  gt: infix(">"),
  gte: infix(">="),
  between: (a, low, high) => `(${a} BETWEEN ${low} AND ${high})`,
  isIn: (a, ...values) => `(${a} IN (${values.join(", ")}))`,
  isNull: a => `(${a} IS NULL)`,
  isNotNull: a => `(${a} IS NOT NULL)`,
  and: infix("AND"),
  or: infix("OR"),
  not: a => `(NOT ${a})`,
  add: infix("+"),
  sub: infix("-"),
  mul: infix("*"),
  div: (a, b) => `(${double(a)} / CAST(${nonZero(b)} AS DOUBLE))`,
  mod: (a, b) => `(${a} % ${nonZero(b)})`,
  neg: a => `(- ${a})`,
  abs: call("abs"),
  round: call("round"),
  floor: a => `CAST(floor(${a}) AS BIGINT)`,
  ceil: a => `CAST(ceil(${a}) AS BIGINT)`,
  sqrt: a => `CASE WHEN ${a} < 0 THEN CAST('NaN' AS DOUBLE) ELSE sqrt(${double(a)}) END`,
  log: a => `CASE WHEN ${a} > 0 THEN ln(${double(a)}) END`,
  exp: a => `exp(${double(a)})`,
  lower: call("lower"),
  upper: call("upper"),
  contains: call("contains"),
  startsWith: call("starts_with"),
  length: int32("length"),
  substring: call("substring"),
  year: int32("year"),
  month: int32("month"),
  day: int32("day"),
  hour: int32("hour"),
  dayofweek: a => `CAST(dayofweek(${a}) + 1 AS INTEGER)`,
}

/** The last argument is the SQL type of the result, for aggregations that DuckDB makes wider. */
export const aggregateSql: Record<AggregateName, (args: readonly string[], type: string) => string> = {
  count: ([a]) => (a === undefined ? "count(*)" : `count(${a})`),
  countDistinct: ([a]) => `count(DISTINCT ${a})`,
  sum: ([a], type) => `CAST(sum(${a}) AS ${type})`,
  mean: ([a]) => `avg(${a})`,
  min: ([a]) => `min(${a})`,
  max: ([a]) => `max(${a})`,
  quantile: ([a, share]) => double(`quantile_cont(${a}, ${share})`),
  stddev: ([a]) => `stddev_samp(${a})`,
  first: ([a]) => `first(${a})`,
}
