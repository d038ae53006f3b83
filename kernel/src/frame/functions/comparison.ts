// Comparison, logic, NULL and the choice between values. Three-valued logic: NULL with anything is NULL, but
// `false and NULL` is false and `true or NULL` is true.

import { fn } from "./FunctionRow.js"

export const comparison = {
  eq: fn("(T, other: T) -> boolean", "Equal. NaN equals NaN.", ["fn.eq(2, 2)", true], {
    duckdb: "($1 = $2)",
    spark: "==",
  }),
  ne: fn("(T, other: T) -> boolean", "Not equal.", ["fn.ne(2, 3)", true], {
    duckdb: "($1 <> $2)",
    spark: "not(==($1, $2))",
  }),
  lt: fn("(T, other: T) -> boolean", "Less than; text by code points.", ["fn.lt('a', 'b')", true], {
    duckdb: "($1 < $2)",
    spark: "<",
  }),
  lte: fn("(T, other: T) -> boolean", "Less than or equal.", ["fn.lte(2, 2)", true], {
    duckdb: "($1 <= $2)",
    spark: "<=",
  }),
  gt: fn("(T, other: T) -> boolean", "Greater than.", ["fn.gt(2.5, 2)", true], {
    duckdb: "($1 > $2)",
    spark: ">",
  }),
  gte: fn("(T, other: T) -> boolean", "Greater than or equal.", ["fn.gte(1, 2)", false], {
    duckdb: "($1 >= $2)",
    spark: ">=",
  }),
  between: fn("(T, low: T, high: T) -> boolean", "Both ends included.", ["fn.between(2, 1, 2)", true], {
    duckdb: "($1 BETWEEN $2 AND $3)",
    spark: "and(>=($1, $2), <=($1, $3))",
  }),
  isIn: fn("(T, ...values: T) -> boolean", "Equal to one of the values.", ["fn.isIn(2, 1, 2)", true], {
    duckdb: "($1 IN ($2*))",
    spark: "in",
  }),
  eqNullSafe: fn(
    "(T, other: T) -> boolean",
    "Equal, where NULL equals NULL.",
    ["fn.eqNullSafe(lit(null), lit(null))", true],
    {
      nulls: "never",
      duckdb: "($1 IS NOT DISTINCT FROM $2)",
      spark: "<=>",
    },
  ),
  isNull: fn("(any) -> boolean", "Is it NULL?", ["fn.isNull(lit(null))", true], {
    nulls: "never",
    duckdb: "($1 IS NULL)",
    spark: "isnull",
  }),
  isNotNull: fn("(any) -> boolean", "Is it a value?", ["fn.isNotNull(1)", true], {
    nulls: "never",
    duckdb: "($1 IS NOT NULL)",
    spark: "isnotnull",
  }),
  isNaN: fn("(number) -> boolean", "Is it NaN? False for NULL.", ["fn.isNaN(NaN)", true], {
    nulls: "never",
    duckdb: "coalesce(isnan(CAST($1 AS DOUBLE)), false)",
    spark: "isnan(cast($1, double))",
  }),
  and: fn("(boolean, other: boolean) -> boolean", "Both.", ["fn.and(true, false)", false], {
    nulls: "own",
    duckdb: "($1 AND $2)",
    spark: "and",
  }),
  or: fn(
    "(boolean, other: boolean) -> boolean",
    "One or both.",
    ["fn.or(true, lit(null).cast('boolean'))", true],
    {
      nulls: "own",
      duckdb: "($1 OR $2)",
      spark: "or",
    },
  ),
  not: fn("(boolean) -> boolean", "The opposite.", ["fn.not(true)", false], {
    duckdb: "(NOT $1)",
    spark: "not",
  }),
  xor: fn("(boolean, other: boolean) -> boolean", "One but not both.", ["fn.xor(true, false)", true], {
    duckdb: "($1 <> $2)",
    spark: "not(==($1, $2))",
  }),
  coalesce: fn("(T, ...others: T) -> T", "The first that is not NULL.", ["fn.coalesce(lit(null), 3)", 3], {
    nulls: "own",
  }),
  ifNull: fn("(T, other: T) -> T", "`other` in place of NULL.", ["fn.ifNull(lit(null), 3)", 3], {
    nulls: "own",
    duckdb: "coalesce",
    spark: "ifnull",
  }),
  nvl2: fn(
    "(any, present: T, absent: T) -> T",
    "`present` unless the value is NULL.",
    ["fn.nvl2(1, 'some', 'none')", "some"],
    {
      nulls: "own",
      duckdb: "(CASE WHEN $1 IS NOT NULL THEN $2 ELSE $3 END)",
    },
  ),
  nullIf: fn("(T, other: T) -> T?", "NULL in place of values equal to `other`.", ["fn.nullIf(3, 3)", null], {
    duckdb: "nullif",
    spark: "nullif",
  }),
  nullIfZero: fn("(N) -> N?", "NULL in place of zero.", ["fn.nullIfZero(0)", null], {
    duckdb: "nullif($1, 0)",
    spark: "nullifzero",
  }),
  zeroIfNull: fn("(N) -> N", "Zero in place of NULL.", ["fn.zeroIfNull(7)", 7], {
    nulls: "never",
    duckdb: "coalesce($1, 0)",
    spark: "zeroifnull",
  }),
  nanvl: fn("(float64, other: float64) -> float64", "`other` in place of NaN.", ["fn.nanvl(NaN, 1.5)", 1.5], {
    duckdb: "(CASE WHEN isnan($1) THEN $2 ELSE $1 END)",
  }),
  greatest: fn("(T, ...others: T) -> T", "The largest; NULLs are skipped.", ["fn.greatest(1, 3, 2)", 3], {
    nulls: "own",
  }),
  least: fn("(T, ...others: T) -> T", "The smallest; NULLs are skipped.", ["fn.least(2, 1, 3)", 1], {
    nulls: "own",
  }),
} as const
