// Aggregations: over the rows of a group, or over a window. They skip NULLs and give NULL when nothing is left, counts 0.

import { fn, type RowOptions } from "./FunctionRow.js"

/** NULL only where no value was left, which no plan can tell. */
const agg = (text: string, doc: string, example: readonly [string, unknown], options: RowOptions = {}) =>
  fn(text, doc, example, { nulls: "own", ...options })

const regression = (name: string, doc: string, value: unknown) =>
  agg("(y: float64, x: float64) -> float64", doc, [`fn.round(fn.${name}(f.x, f.i), 6)`, value])

export const aggregation = {
  count: agg(
    "(value?: any) -> int64",
    "Values that are not NULL; rows without an argument.",
    ["fn.count(f.i)", 5n],
    { nulls: "never" },
  ),
  countDistinct: agg("(any) -> int64", "Different values.", ["fn.countDistinct(f.i)", 4n], {
    nulls: "never",
    duckdb: "count(DISTINCT $1)$over",
    spark: "distinct count($1)",
  }),
  countIf: agg("(boolean) -> int64", "Rows for which it is true.", ["fn.countIf(f.b)", 3n], {
    nulls: "never",
    duckdb: "CAST(count_if($1)$over AS BIGINT)",
  }),
  approxCountDistinct: agg(
    "(any) -> int64",
    "Different values, by HyperLogLog.",
    ["fn.approxCountDistinct(f.i)", 4n],
    { nulls: "never" },
  ),
  sum: agg(
    "(N) -> =sum",
    "Int64 for integers (overflow is an error), Float64 for floats, ten more digits for decimals.",
    ["fn.sum(f.i)", 17n],
    {
      duckdb: "CAST(sum($1)$over AS $type)",
    },
  ),
  sumDistinct: agg("(N) -> =sum", "Sum of the different values.", ["fn.sumDistinct(f.i)", 15n], {
    duckdb: "CAST(sum(DISTINCT $1)$over AS $type)",
    spark: "distinct sum($1)",
  }),
  product: agg("(float64) -> float64", "Product of the values.", ["fn.product(f.i)", 140]),
  mean: agg("(float64) -> float64", "Arithmetic mean.", ["fn.mean(f.i)", 3.4], {
    duckdb: "@mean",
    spark: "avg",
  }),
  median: agg("(float64) -> float64", "The middle value, interpolated.", ["fn.median(f.i)", 2]),
  quantile: agg(
    "(float64, share: float64) -> float64",
    "Exact, interpolated; `share` is a constant from 0 to 1.",
    ["fn.quantile(f.i, 0.5)", 2],
    {
      duckdb: "quantile_cont($1, $!2)$over",
      spark: "percentile",
    },
  ),
  approxQuantile: agg(
    "(float64, share: float64) -> float64",
    "Approximate quantile, in little memory.",
    ["fn.approxQuantile(f.i, 1).gte(5)", true],
    {
      duckdb: "approx_quantile($1, $!2)$over",
      spark: "percentile_approx",
    },
  ),
  mode: agg("(T) -> T", "The value that is there most often.", ["fn.mode(f.i)", 2]),
  min: agg("(T) -> T", "The smallest.", ["fn.min(f.i)", 1]),
  max: agg("(T) -> T", "The largest.", ["fn.max(f.i)", 7]),
  minBy: agg(
    "(T, by: any) -> T",
    "The value in the row where `by` is smallest.",
    ["fn.minBy(f.t, f.i)", "b"],
    { duckdb: "min_by($1, $2)$over" },
  ),
  maxBy: agg(
    "(T, by: any) -> T",
    "The value in the row where `by` is largest.",
    ["fn.maxBy(f.t, f.i)", "a"],
    { duckdb: "max_by($1, $2)$over" },
  ),
  first: agg(
    "(T) -> T",
    "The value of any row of the group, NULL included; in a window the first.",
    ["fn.first(f.g)", "a"],
    { nulls: "own", duckdb: "@first" },
  ),
  last: agg(
    "(T) -> T",
    "The value of the last row; without an order which one is not defined.",
    ["fn.last(f.g)", "b"],
    { nulls: "own", duckdb: "@last" },
  ),
  anyValue: agg("(T) -> T", "Some value.", ["fn.anyValue(f.one)", 1], { spark: "any_value($1, true)" }),
  stddev: agg(
    "(float64) -> float64",
    "Of the sample (n - 1); NULL for one row.",
    ["fn.round(fn.stddev(f.i), 6)", 2.50998],
    { duckdb: "stddev_samp", spark: "stddev_samp" },
  ),
  stddevPop: agg("(float64) -> float64", "Of the population.", ["fn.round(fn.stddevPop(f.i), 6)", 2.244994]),
  variance: agg(
    "(float64) -> float64",
    "Of the sample (n - 1); NULL for one row.",
    ["fn.round(fn.variance(f.i), 6)", 6.3],
    { duckdb: "var_samp", spark: "var_samp" },
  ),
  varPop: agg("(float64) -> float64", "Of the population.", ["fn.round(fn.varPop(f.i), 6)", 5.04]),
  skewness: agg(
    "(float64) -> float64",
    "Of the population, as Spark.",
    ["fn.round(fn.skewness(f.i), 6)", 0.555734],
    {
      duckdb:
        "(CASE WHEN var_pop($1)$over > 0 THEN (avg($1 * $1 * $1)$over - 3 * avg($1)$over * var_pop($1)$over - pow(avg($1)$over, 3)) / pow(var_pop($1)$over, 1.5) END)",
    },
  ),
  kurtosis: agg(
    "(float64) -> float64",
    "Excess, of the population, as Spark.",
    ["fn.round(fn.kurtosis(f.i), 6)", -1.304233],
    { duckdb: "kurtosis_pop" },
  ),
  corr: agg("(float64, other: float64) -> float64", "Pearson's correlation.", [
    "fn.round(fn.corr(f.i, f.i), 6)",
    1,
  ]),
  covarSamp: agg("(float64, other: float64) -> float64", "Sample covariance.", [
    "fn.round(fn.covarSamp(f.i, f.i), 6)",
    6.3,
  ]),
  covarPop: agg("(float64, other: float64) -> float64", "Population covariance.", [
    "fn.round(fn.covarPop(f.i, f.i), 6)",
    5.04,
  ]),
  regrCount: agg(
    "(y: float64, x: float64) -> int64",
    "Rows with both values.",
    ["fn.regrCount(f.x, f.i)", 5n],
    { nulls: "never", duckdb: "CAST(regr_count($1, $2)$over AS BIGINT)" },
  ),
  regrSlope: regression("regrSlope", "Slope of the least squares line.", 0.519841),
  regrIntercept: regression("regrIntercept", "Intercept of the least squares line.", -0.56746),
  regrR2: regression("regrR2", "Share of the variance explained.", 0.352846),
  regrAvgx: regression("regrAvgx", "Mean of x where both are there.", 3.4),
  regrAvgy: regression("regrAvgy", "Mean of y where both are there.", 1.2),
  regrSxx: regression("regrSxx", "Sum of squares of x.", 25.2),
  regrSyy: regression("regrSyy", "Sum of squares of y.", 19.3),
  regrSxy: regression("regrSxy", "Sum of products.", 13.1),
  every: agg("(boolean) -> boolean", "True in all rows.", ["fn.every(f.b)", false], {
    duckdb: "bool_and",
    spark: "bool_and",
  }),
  some: agg("(boolean) -> boolean", "True in one row.", ["fn.some(f.b)", true], {
    duckdb: "bool_or",
    spark: "bool_or",
  }),
  bitAnd: agg("(I) -> I", "Bits that all have.", ["fn.bitAnd(f.i)", 0]),
  bitOr: agg("(I) -> I", "Bits that one has.", ["fn.bitOr(f.i)", 7]),
  bitXor: agg("(I) -> I", "Bits that an odd number has.", ["fn.bitXor(f.i)", 3]),
  collectList: agg(
    "(E) -> list<E>",
    "All values, NULLs left out; their order is that of the rows.",
    ["fn.arraySort(fn.collectList(f.i))", [1, 2, 2, 5, 7]],
    {
      nulls: "never",
      duckdb: "coalesce(list($1) FILTER ($1 IS NOT NULL)$over, [])",
    },
  ),
  collectSet: agg(
    "(E) -> list<E>",
    "Each value once, NULLs left out, in no order.",
    ["fn.arraySort(fn.collectSet(f.i))", [1, 2, 5, 7]],
    {
      nulls: "never",
      duckdb: "coalesce(list(DISTINCT $1) FILTER ($1 IS NOT NULL)$over, [])",
    },
  ),
  listagg: agg(
    "(text, separator: text) -> text",
    "Texts joined; NULLs are left out.",
    ["fn.length(fn.listagg(f.t, '-'))", 9],
    { duckdb: "string_agg($1, $!2)$over" },
  ),
  grouping: agg(
    "(any) -> int32",
    "1 where a `rollup` or `cube` has summed over the key, else 0.",
    ["fn.grouping(f.g)", 0],
    {
      nulls: "never",
      duckdb: "CAST(grouping($1) AS INTEGER)",
      spark: "cast(grouping($1), int)",
    },
  ),
} as const

/** Functions that need the order of a window. */
export const ranking = {
  rowNumber: fn(
    "() -> int32",
    "1 for the first row.",
    ["fn.rowNumber().over({ orderBy: ['id'] })", [1, 2, 3, 4, 5, 6]],
    { nulls: "never", duckdb: "CAST(row_number()$over AS INTEGER)" },
  ),
  rank: fn(
    "() -> int32",
    "Place, with gaps after ties.",
    ["fn.rank().over({ orderBy: ['g'] })", [1, 1, 1, 4, 4, 4]],
    { nulls: "never", duckdb: "CAST(rank()$over AS INTEGER)" },
  ),
  denseRank: fn(
    "() -> int32",
    "Place, without gaps.",
    ["fn.denseRank().over({ orderBy: ['g'] })", [1, 1, 1, 2, 2, 2]],
    { nulls: "never", duckdb: "CAST(dense_rank()$over AS INTEGER)" },
  ),
  percentRank: fn(
    "() -> float64",
    "Place from 0 to 1.",
    ["fn.percentRank().over({ orderBy: ['id'] })", [0, 0.2, 0.4, 0.6, 0.8, 1]],
    { nulls: "never" },
  ),
  cumeDist: fn(
    "() -> float64",
    "Share of rows up to this one.",
    ["fn.cumeDist().over({ orderBy: ['g'] })", [0.5, 0.5, 0.5, 1, 1, 1]],
    { nulls: "never" },
  ),
  ntile: fn(
    "(buckets: integer) -> int32",
    "Bucket from 1, of nearly equal sizes.",
    ["fn.ntile(3).over({ orderBy: ['id'] })", [1, 1, 2, 2, 3, 3]],
    {
      nulls: "never",
      duckdb: "CAST(ntile($!1)$over AS INTEGER)",
      spark: "ntile($1)",
    },
  ),
  lag: fn(
    "(T, offset: integer = 1) -> T?",
    "The value so many rows before.",
    ["fn.lag(f.id).over({ orderBy: ['id'] })", [null, 1, 2, 3, 4, 5]],
    { duckdb: "lag($1, $!2)$over" },
  ),
  lead: fn(
    "(T, offset: integer = 1) -> T?",
    "The value so many rows after.",
    ["fn.lead(f.id, 2).over({ orderBy: ['id'] })", [3, 4, 5, 6, null, null]],
    { duckdb: "lead($1, $!2)$over" },
  ),
  nthValue: fn(
    "(T, position: integer) -> T?",
    "The value in row `position` of the window's frame.",
    ["fn.nthValue(f.id, 2).over({ orderBy: ['id'] })", [null, 2, 2, 2, 2, 2]],
    {
      duckdb: "nth_value($1, $!2)$over",
      spark: "nth_value($1, $2)",
    },
  ),
} as const
