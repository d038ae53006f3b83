// Arithmetic and mathematics. ANSI: overflow and division by zero are errors; the `try` functions give NULL instead.

import { fn } from "./FunctionRow.js"

const zero = "CASE WHEN $2 = 0 THEN error('DIVIDE_BY_ZERO') ELSE $2 END"

export const math = {
  add: fn("(N, other: N) -> =add", "Sum of two.", ["fn.add(2, 3)", 5], {
    duckdb: "@add",
    spark: "+",
  }),
  sub: fn("(N, other: N) -> =add", "Difference.", ["fn.sub(2, 3)", -1], {
    duckdb: "@sub",
    spark: "-",
  }),
  mul: fn("(N, other: N) -> =multiply", "Product.", ["fn.mul(2, 3)", 6], {
    duckdb: "@mul",
    spark: "*",
  }),
  div: fn(
    "(float64, other: float64) -> float64",
    "Quotient, always Float64; by zero is an error.",
    ["fn.div(7, 2)", 3.5],
    {
      duckdb: `($1 / ${zero})`,
      spark: "/",
    },
  ),
  mod: fn(
    "(N, other: N) -> =remainder",
    "Remainder with the sign of the dividend; by zero is an error.",
    ["fn.mod(-7, 3)", -1],
    {
      duckdb: `CAST(($1 % ${zero}) AS $type)`,
      spark: "%",
    },
  ),
  pmod: fn(
    "(I, other: I) -> I",
    "Remainder that is never negative; by zero is an error.",
    ["fn.pmod(-7, 3)", 2],
    {
      duckdb: `((($1 % ${zero}) + $2) % $2)`,
    },
  ),
  intDiv: fn(
    "(int64, other: int64) -> int64",
    "Whole quotient, cut towards zero; by zero is an error.",
    ["fn.intDiv(-7, 2)", -3n],
    {
      duckdb: `CAST(trunc(CAST($1 AS DECIMAL(38, 0)) // ${zero}) AS BIGINT)`,
      spark: "div",
    },
  ),
  tryAdd: fn(
    "(N, other: N) -> =add?",
    "Sum, NULL on overflow.",
    ["fn.tryAdd(lit(2147483647).cast('int32'), 1)", null],
    { duckdb: "TRY(CAST(($1 + $2) AS $type))" },
  ),
  trySub: fn("(N, other: N) -> =add?", "Difference, NULL on overflow.", ["fn.trySub(5, 3)", 2], {
    duckdb: "TRY(CAST(($1 - $2) AS $type))",
    spark: "try_subtract",
  }),
  tryMul: fn("(N, other: N) -> =multiply?", "Product, NULL on overflow.", ["fn.tryMul(5, 3)", 15], {
    duckdb: "TRY(CAST(($1 * $2) AS $type))",
    spark: "try_multiply",
  }),
  tryDiv: fn(
    "(float64, other: float64) -> float64?",
    "Quotient, NULL when divided by zero.",
    ["fn.tryDiv(1, 0)", null],
    {
      duckdb: "(CASE WHEN $2 <> 0 THEN $1 / $2 END)",
      spark: "try_divide",
    },
  ),
  neg: fn("(N) -> N", "With the opposite sign.", ["fn.neg(7)", -7], { duckdb: "(- $1)", spark: "negative" }),
  abs: fn("(N) -> N", "Without the sign; overflow is an error.", ["fn.abs(-7)", 7]),
  signum: fn("(number) -> float64", "-1, 0 or 1.", ["fn.signum(-2.5)", -1], {
    duckdb: "CAST(sign($1) AS DOUBLE)",
    spark: "signum(cast($1, double))",
  }),
  round: fn(
    "(N, digits: integer = 0) -> N",
    "Half away from zero, to `digits` decimals.",
    ["fn.round(2.345, 2)", 2.35],
    {
      duckdb: "CAST(round($1, $!2) AS $type)",
      spark: "cast(round($1, $2), $type)",
    },
  ),
  bround: fn(
    "(N, digits: integer = 0) -> N",
    "Half to the even digit, to `digits` decimals.",
    ["fn.bround(2.5)", 2],
    {
      duckdb: "CAST(round_even($1, $!2) AS $type)",
      spark: "cast(bround($1, $2), $type)",
    },
  ),
  rint: fn("(float64) -> float64", "The nearest whole number, half to even.", ["fn.rint(2.5)", 2], {
    duckdb: "round_even($1, 0)",
  }),
  floor: fn("(N) -> =whole", "The next whole number below.", ["fn.floor(-2.5)", -3n], {
    duckdb: "CAST(floor($1) AS $type)",
    spark: "cast(floor($1), $type)",
  }),
  ceil: fn("(N) -> =whole", "The next whole number above.", ["fn.ceil(2.5)", 3n], {
    duckdb: "CAST(ceil($1) AS $type)",
    spark: "cast(ceil($1), $type)",
  }),
  sqrt: fn("(float64) -> float64", "Square root; NaN for a negative number.", ["fn.sqrt(9)", 3], {
    duckdb: "(CASE WHEN $1 < 0 THEN CAST('NaN' AS DOUBLE) ELSE sqrt($1) END)",
  }),
  cbrt: fn("(float64) -> float64", "Cube root.", ["fn.cbrt(27)", 3]),
  pow: fn("(float64, exponent: float64) -> float64", "To the power.", ["fn.pow(2, 10)", 1024], {
    spark: "power",
  }),
  exp: fn("(float64) -> float64", "e to the power.", ["fn.exp(0)", 1]),
  expm1: fn("(float64) -> float64", "exp(x) - 1.", ["fn.expm1(0)", 0], { duckdb: "(exp($1) - 1)" }),
  log: fn("(float64) -> float64?", "Natural logarithm; NULL for zero and below.", ["fn.log(1)", 0], {
    duckdb: "(CASE WHEN $1 > 0 THEN ln($1) END)",
    spark: "ln",
  }),
  log2: fn("(float64) -> float64?", "Logarithm to base 2; NULL for zero and below.", ["fn.log2(8)", 3], {
    duckdb: "(CASE WHEN $1 > 0 THEN log2($1) END)",
  }),
  log10: fn(
    "(float64) -> float64?",
    "Logarithm to base 10; NULL for zero and below.",
    ["fn.log10(1000)", 3],
    {
      duckdb: "(CASE WHEN $1 > 0 THEN log10($1) END)",
    },
  ),
  log1p: fn("(float64) -> float64?", "log(1 + x); NULL for -1 and below.", ["fn.log1p(0)", 0], {
    duckdb: "(CASE WHEN $1 > -1 THEN ln(1 + $1) END)",
  }),
  sin: fn("(float64) -> float64", "Sine of radians.", ["fn.sin(0)", 0]),
  cos: fn("(float64) -> float64", "Cosine of radians.", ["fn.cos(0)", 1]),
  tan: fn("(float64) -> float64", "Tangent of radians.", ["fn.tan(0)", 0]),
  cot: fn("(float64) -> float64", "Cotangent of radians.", ["fn.round(fn.cot(1), 6)", 0.642093]),
  sec: fn("(float64) -> float64", "1 / cosine.", ["fn.sec(0)", 1], { duckdb: "(1 / cos($1))" }),
  csc: fn("(float64) -> float64", "1 / sine.", ["fn.round(fn.csc(1), 6)", 1.188395], {
    duckdb: "(1 / sin($1))",
  }),
  asin: fn("(float64) -> float64", "Arc sine in radians, NaN outside -1 to 1.", ["fn.asin(0)", 0], {
    duckdb: "(CASE WHEN abs($1) > 1 THEN CAST('NaN' AS DOUBLE) ELSE asin($1) END)",
  }),
  acos: fn(
    "(float64) -> float64",
    "Arc cosine in radians, NaN outside -1 to 1.",
    ["fn.acos(2)", Number.NaN],
    {
      duckdb: "(CASE WHEN abs($1) > 1 THEN CAST('NaN' AS DOUBLE) ELSE acos($1) END)",
    },
  ),
  atan: fn("(float64) -> float64", "Arc tangent in radians.", ["fn.atan(0)", 0]),
  atan2: fn("(float64, x: float64) -> float64", "The angle of the point (x, value).", [
    "fn.round(fn.atan2(1, 1), 6)",
    0.785398,
  ]),
  sinh: fn("(float64) -> float64", "Hyperbolic sine.", ["fn.sinh(0)", 0]),
  cosh: fn("(float64) -> float64", "Hyperbolic cosine.", ["fn.cosh(0)", 1]),
  tanh: fn("(float64) -> float64", "Hyperbolic tangent.", ["fn.tanh(0)", 0]),
  asinh: fn("(float64) -> float64", "Inverse hyperbolic sine.", ["fn.asinh(0)", 0]),
  acosh: fn("(float64) -> float64", "Inverse hyperbolic cosine, NaN below 1.", ["fn.acosh(1)", 0], {
    duckdb: "(CASE WHEN $1 < 1 THEN CAST('NaN' AS DOUBLE) ELSE acosh($1) END)",
  }),
  atanh: fn("(float64) -> float64", "Inverse hyperbolic tangent.", ["fn.atanh(0)", 0], {
    duckdb: "(CASE WHEN abs($1) > 1 THEN CAST('NaN' AS DOUBLE) ELSE atanh($1) END)",
  }),
  hypot: fn("(float64, other: float64) -> float64", "Length of the diagonal.", ["fn.hypot(3, 4)", 5], {
    duckdb: "sqrt($1 * $1 + $2 * $2)",
  }),
  degrees: fn("(float64) -> float64", "From radians.", ["fn.degrees(0)", 0]),
  radians: fn("(float64) -> float64", "From degrees.", ["fn.round(fn.radians(90), 3)", 1.571]),
  pi: fn("() -> float64", "π.", ["fn.floor(fn.pi().mul(1000))", 3141n], { nulls: "never" }),
  e: fn("() -> float64", "Euler's number.", ["fn.floor(fn.e().mul(1000))", 2718n], {
    nulls: "never",
    duckdb: "exp(1.0::DOUBLE)",
  }),
  factorial: fn(
    "(integer) -> int64?",
    "Product of 1 to the value; NULL outside 0 to 20.",
    ["fn.factorial(5)", 120n],
    {
      duckdb: "(CASE WHEN $1 BETWEEN 0 AND 20 THEN CAST(factorial(CAST($1 AS INTEGER)) AS BIGINT) END)",
      spark: "factorial(cast($1, int))",
    },
  ),
  bitwiseAnd: fn("(I, other: I) -> I", "Bits that both have.", ["fn.bitwiseAnd(6, 3)", 2], {
    duckdb: "($1 & $2)",
    spark: "&",
  }),
  bitwiseOr: fn("(I, other: I) -> I", "Bits that either has.", ["fn.bitwiseOr(6, 3)", 7], {
    duckdb: "($1 | $2)",
    spark: "|",
  }),
  bitwiseXor: fn("(I, other: I) -> I", "Bits that one of them has.", ["fn.bitwiseXor(6, 3)", 5], {
    duckdb: "xor($1, $2)",
    spark: "^",
  }),
  bitwiseNot: fn("(I) -> I", "All bits turned.", ["fn.bitwiseNot(6)", -7], { duckdb: "(~ $1)", spark: "~" }),
  shiftLeft: fn("(int64, bits: integer) -> int64", "Times two to the `bits`.", ["fn.shiftLeft(3, 2)", 12n], {
    duckdb: "($1 << CAST($2 AS BIGINT))",
    spark: "shiftleft($1, cast($2, int))",
  }),
  shiftRight: fn(
    "(int64, bits: integer) -> int64",
    "Divided by two to the `bits`.",
    ["fn.shiftRight(12, 2)", 3n],
    {
      duckdb: "($1 >> CAST($2 AS BIGINT))",
      spark: "shiftright($1, cast($2, int))",
    },
  ),
  bitCount: fn("(integer) -> int32", "Number of set bits.", ["fn.bitCount(7)", 3], {
    duckdb: "CAST(bit_count($1) AS INTEGER)",
  }),
  bin: fn("(int64) -> text", "Binary digits.", ["fn.bin(5)", "101"]),
  hex: fn("(int64) -> text", "Hexadecimal digits.", ["fn.hex(255)", "FF"]),
  conv: fn(
    "(text, from: integer, to: integer) -> text",
    "From one number base to another.",
    ["fn.conv('ff', 16, 10)", "255"],
    {
      duckdb: null,
      spark: "conv($1, cast($2, int), cast($3, int))",
    },
  ),
  rand: fn(
    "() -> float64",
    "Uniform in [0, 1), new for each row and each run.",
    ["fn.rand().between(0, 1)", true],
    { nulls: "never", duckdb: "random()" },
  ),
  randn: fn(
    "() -> float64",
    "Standard normal, new for each row and each run.",
    ["fn.randn().between(-9, 9)", true],
    {
      nulls: "never",
      duckdb: "(sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random()))",
    },
  ),
} as const
