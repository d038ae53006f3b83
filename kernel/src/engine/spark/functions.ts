// How Spark computes each function of frame/functions.ts: its name, or an expression made of its arguments. Semantics are
// Spark's own in ANSI mode, so most rows are a name.

import type { MessageInitShape } from "@bufbuild/protobuf"
import type { AggregateName, FunctionName } from "../../frame/functions.js"
import type { ExpressionSchema } from "./gen/spark/connect/expressions_pb.js"

export type SparkExpr = MessageInitShape<typeof ExpressionSchema>
type Make = (...args: SparkExpr[]) => SparkExpr

export function call(name: string, args: readonly SparkExpr[], isDistinct = false): SparkExpr {
  return {
    exprType: { case: "unresolvedFunction", value: { functionName: name, arguments: [...args], isDistinct } },
  }
}

export function castTo(expr: SparkExpr, sqlType: string): SparkExpr {
  return { exprType: { case: "cast", value: { expr, castToType: { case: "typeStr", value: sqlType } } } }
}

const double = (expr: SparkExpr) => castTo(expr, "DOUBLE")

const scalar: Record<FunctionName, string | Make> = {
  eq: "==",
  ne: (a, b) => call("not", [call("==", [a, b])]),
  lt: "<",
  lte: "<=",
  gt: ">",
  gte: ">=",
  between: (a, low, high) => call("and", [call(">=", [a, low]), call("<=", [a, high])]),
  isIn: "in",
  isNull: "isnull",
  isNotNull: "isnotnull",
  and: "and",
  or: "or",
  not: "not",
  add: "+",
  sub: "-",
  mul: "*",
  div: (a, b) => call("/", [double(a), double(b)]),
  mod: "%",
  neg: "negative",
  abs: "abs",
  round: "round",
  floor: a => castTo(call("floor", [a]), "BIGINT"),
  ceil: a => castTo(call("ceil", [a]), "BIGINT"),
  sqrt: "sqrt",
  log: "ln",
  exp: "exp",
  lower: "lower",
  upper: "upper",
  contains: "contains",
  startsWith: "startswith",
  length: "char_length",
  substring: "substring",
  year: "year",
  month: "month",
  day: "day",
  hour: "hour",
  dayofweek: "dayofweek",
}

const aggregate: Record<AggregateName, string | Make> = {
  count: (...args) => call("count", args.length === 0 ? [one] : args),
  countDistinct: (...args) => call("count", args, true),
  sum: "sum",
  mean: a => call("avg", [double(a)]),
  min: "min",
  max: "max",
  quantile: "percentile",
  stddev: a => call("stddev_samp", [double(a)]),
  first: "first",
}

const one: SparkExpr = {
  exprType: { case: "literal", value: { literalType: { case: "integer", value: 1 } } },
}

export function functionExpr(name: FunctionName, args: readonly SparkExpr[]): SparkExpr {
  return made(scalar[name], args)
}

export function aggregateExpr(name: AggregateName, args: readonly SparkExpr[]): SparkExpr {
  return made(aggregate[name], args)
}

function made(row: string | Make, args: readonly SparkExpr[]): SparkExpr {
  return typeof row === "string" ? call(row, args) : row(...args)
}
