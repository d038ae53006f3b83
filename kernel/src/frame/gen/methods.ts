// Made from frame/functions/ by generate.ts; `npm run gen:functions` makes it again. Not edited by hand.

import type {
  Argument,
  Arithmetic,
  Column,
  Expr,
  Instant,
  Integer,
  IntegerOperand,
  ItemOf,
  Like,
  NumberOperand,
  Numeric,
  Operand,
  SumOf,
  Temporal,
  TypeOf,
  Whole,
} from "../Column.js"
import type { ArithmeticOf } from "../constantTypes.js"
import type { LiteralValue } from "../ExprNode.js"
import type {
  Binary,
  Boolean as BooleanType,
  DataType,
  Date as DateType,
  Float64,
  Int32,
  Int64,
  List,
  MapOf,
  Nullable,
  Struct,
  Timestamp,
  TimestampTz,
  Unknown,
  Utf8,
} from "../types.js"

export interface ExprMethods<T> {
  /** Equal. NaN equals NaN. `fn.eq(2, 2)` is true. */
  eq(other: Operand<T>): Column<Like<T, BooleanType>>
  /** Not equal. `fn.ne(2, 3)` is true. */
  ne(other: Operand<T>): Column<Like<T, BooleanType>>
  /** Less than; text by code points. `fn.lt('a', 'b')` is true. */
  lt(other: Operand<T>): Column<Like<T, BooleanType>>
  /** Less than or equal. `fn.lte(2, 2)` is true. */
  lte(other: Operand<T>): Column<Like<T, BooleanType>>
  /** Greater than. `fn.gt(2.5, 2)` is true. */
  gt(other: Operand<T>): Column<Like<T, BooleanType>>
  /** Greater than or equal. `fn.gte(1, 2)` is false. */
  gte(other: Operand<T>): Column<Like<T, BooleanType>>
  /** Both ends included. `fn.between(2, 1, 2)` is true. */
  between(low: Operand<T>, high: Operand<T>): Column<Like<T, BooleanType>>
  /** Equal to one of the values. `fn.isIn(2, 1, 2)` is true. */
  isIn(...values: readonly (Operand<T>)[]): Column<Like<T, BooleanType>>
  /** Equal, where NULL equals NULL. `fn.eqNullSafe(lit(null), lit(null))` is true. */
  eqNullSafe(other: Operand<T>): Column<BooleanType>
  /** Is it NULL? `fn.isNull(lit(null))` is true. */
  isNull(): Column<BooleanType>
  /** Is it a value? `fn.isNotNull(1)` is true. */
  isNotNull(): Column<BooleanType>
  /** The first that is not NULL. `fn.coalesce(lit(null), 3)` is 3. */
  coalesce(...others: readonly (Operand<T>)[]): Column<T>
  /** `other` in place of NULL. `fn.ifNull(lit(null), 3)` is 3. */
  ifNull(other: Operand<T>): Column<T>
  /** `present` unless the value is NULL. `fn.nvl2(1, 'some', 'none')` is "some". */
  nvl2<T extends Argument>(present: T, absent: T | Argument): Column<TypeOf<T>>
  /** NULL in place of values equal to `other`. `fn.nullIf(3, 3)` is null. */
  nullIf(other: Operand<T>): Column<Nullable<T>>
  /** The largest; NULLs are skipped. `fn.greatest(1, 3, 2)` is 3. */
  greatest(...others: readonly (Operand<T>)[]): Column<T>
  /** The smallest; NULLs are skipped. `fn.least(2, 1, 3)` is 1. */
  least(...others: readonly (Operand<T>)[]): Column<T>
  /** Murmur3 of the values, as Spark partitions by. `fn.hash('abc')` is 1322437556. */
  hash(...others: readonly (Argument)[]): Column<Int32>
  /** XxHash64 of the values. `fn.xxhash64('abc')` is 1423657621850124518n. */
  xxhash64(...others: readonly (Argument)[]): Column<Int64>
  /** A list of the values. `fn.array(1, 2)` is [1, 2]. */
  array(...others: readonly (Operand<T>)[]): Column<List<T>>
  /** The value so many times. `fn.arrayRepeat('a', 2)` is ["a", "a"]. */
  arrayRepeat(count: IntegerOperand): Column<List<T>>
  /** A struct, list or map as JSON text; a field that is NULL is left out. `fn.toJson(fn.array(3, 1, 2))` is "[3,1,2]". */
  toJson(): Column<Like<T, Utf8>>
  /** Values that are not NULL; rows without an argument. `fn.count(f.i)` is 5n. */
  count(): Column<Int64>
  /** Different values. `fn.countDistinct(f.i)` is 4n. */
  countDistinct(): Column<Int64>
  /** Different values, by HyperLogLog. `fn.approxCountDistinct(f.i)` is 4n. */
  approxCountDistinct(): Column<Int64>
  /** The value that is there most often. `fn.mode(f.i)` is 2. */
  mode(): Column<T>
  /** The smallest. `fn.min(f.i)` is 1. */
  min(): Column<T>
  /** The largest. `fn.max(f.i)` is 7. */
  max(): Column<T>
  /** The value in the row where `by` is smallest. `fn.minBy(f.t, f.i)` is "b". */
  minBy(by: Argument): Column<T>
  /** The value in the row where `by` is largest. `fn.maxBy(f.t, f.i)` is "a". */
  maxBy(by: Argument): Column<T>
  /** The value of any row of the group, NULL included; in a window the first. `fn.first(f.g)` is "a". */
  first(): Column<T>
  /** The value of the last row; without an order which one is not defined. `fn.last(f.g)` is "b". */
  last(): Column<T>
  /** Some value. `fn.anyValue(f.one)` is 1. */
  anyValue(): Column<T>
  /** All values, NULLs left out; their order is that of the rows. `fn.arraySort(fn.collectList(f.i))` is [1, 2, 2, 5, 7]. */
  collectList(): Column<List<T>>
  /** Each value once, NULLs left out, in no order. `fn.arraySort(fn.collectSet(f.i))` is [1, 2, 5, 7]. */
  collectSet(): Column<List<T>>
  /** 1 where a `rollup` or `cube` has summed over the key, else 0. `fn.grouping(f.g)` is 0. */
  grouping(): Column<Int32>
}

export interface NumericMethods<T> {
  /** Is it NaN? False for NULL. `fn.isNaN(NaN)` is true. */
  isNaN(): Column<BooleanType>
  /** NULL in place of zero. `fn.nullIfZero(0)` is null. */
  nullIfZero(): Column<Nullable<T>>
  /** Zero in place of NULL. `fn.zeroIfNull(7)` is 7. */
  zeroIfNull(): Column<T>
  /** `other` in place of NaN. `fn.nanvl(NaN, 1.5)` is 1.5. */
  nanvl(other: NumberOperand): Column<Like<T, Float64>>
  /** Sum of two. `fn.add(2, 3)` is 5. */
  add<const O extends NumberOperand>(other: O): Column<Like<T, Arithmetic<T, O>>>
  /** Difference. `fn.sub(2, 3)` is -1. */
  sub<const O extends NumberOperand>(other: O): Column<Like<T, Arithmetic<T, O>>>
  /** Product. `fn.mul(2, 3)` is 6. */
  mul<const O extends NumberOperand>(other: O): Column<Like<T, Arithmetic<T, O>>>
  /** Quotient, always Float64; by zero is an error. `fn.div(7, 2)` is 3.5. */
  div(other: NumberOperand): Column<Like<T, Float64>>
  /** Remainder with the sign of the dividend; by zero is an error. `fn.mod(-7, 3)` is -1. */
  mod<const O extends NumberOperand>(other: O): Column<Like<T, Arithmetic<T, O>>>
  /** Sum, NULL on overflow. `fn.tryAdd(lit(2147483647).cast('int32'), 1)` is null. */
  tryAdd<const O extends NumberOperand>(other: O): Column<Nullable<Arithmetic<T, O>>>
  /** Difference, NULL on overflow. `fn.trySub(5, 3)` is 2. */
  trySub<const O extends NumberOperand>(other: O): Column<Nullable<Arithmetic<T, O>>>
  /** Product, NULL on overflow. `fn.tryMul(5, 3)` is 15. */
  tryMul<const O extends NumberOperand>(other: O): Column<Nullable<Arithmetic<T, O>>>
  /** Quotient, NULL when divided by zero. `fn.tryDiv(1, 0)` is null. */
  tryDiv(other: NumberOperand): Column<Nullable<Float64>>
  /** With the opposite sign. `fn.neg(7)` is -7. */
  neg(): Column<T>
  /** Without the sign; overflow is an error. `fn.abs(-7)` is 7. */
  abs(): Column<T>
  /** -1, 0 or 1. `fn.signum(-2.5)` is -1. */
  signum(): Column<Like<T, Float64>>
  /** Half away from zero, to `digits` decimals. `fn.round(2.345, 2)` is 2.35. */
  round(digits?: IntegerOperand): Column<T>
  /** Half to the even digit, to `digits` decimals. `fn.bround(2.5)` is 2. */
  bround(digits?: IntegerOperand): Column<T>
  /** The nearest whole number, half to even. `fn.rint(2.5)` is 2. */
  rint(): Column<Like<T, Float64>>
  /** The next whole number below. `fn.floor(-2.5)` is -3n. */
  floor(): Column<Like<T, Whole<T>>>
  /** The next whole number above. `fn.ceil(2.5)` is 3n. */
  ceil(): Column<Like<T, Whole<T>>>
  /** Square root; NaN for a negative number. `fn.sqrt(9)` is 3. */
  sqrt(): Column<Like<T, Float64>>
  /** Cube root. `fn.cbrt(27)` is 3. */
  cbrt(): Column<Like<T, Float64>>
  /** To the power. `fn.pow(2, 10)` is 1024. */
  pow(exponent: NumberOperand): Column<Like<T, Float64>>
  /** e to the power. `fn.exp(0)` is 1. */
  exp(): Column<Like<T, Float64>>
  /** exp(x) - 1. `fn.expm1(0)` is 0. */
  expm1(): Column<Like<T, Float64>>
  /** Natural logarithm; NULL for zero and below. `fn.log(1)` is 0. */
  log(): Column<Nullable<Float64>>
  /** Logarithm to base 2; NULL for zero and below. `fn.log2(8)` is 3. */
  log2(): Column<Nullable<Float64>>
  /** Logarithm to base 10; NULL for zero and below. `fn.log10(1000)` is 3. */
  log10(): Column<Nullable<Float64>>
  /** log(1 + x); NULL for -1 and below. `fn.log1p(0)` is 0. */
  log1p(): Column<Nullable<Float64>>
  /** Sine of radians. `fn.sin(0)` is 0. */
  sin(): Column<Like<T, Float64>>
  /** Cosine of radians. `fn.cos(0)` is 1. */
  cos(): Column<Like<T, Float64>>
  /** Tangent of radians. `fn.tan(0)` is 0. */
  tan(): Column<Like<T, Float64>>
  /** Cotangent of radians. `fn.round(fn.cot(1), 6)` is 0.642093. */
  cot(): Column<Like<T, Float64>>
  /** 1 / cosine. `fn.sec(0)` is 1. */
  sec(): Column<Like<T, Float64>>
  /** 1 / sine. `fn.round(fn.csc(1), 6)` is 1.188395. */
  csc(): Column<Like<T, Float64>>
  /** Arc sine in radians, NaN outside -1 to 1. `fn.asin(0)` is 0. */
  asin(): Column<Like<T, Float64>>
  /** Arc cosine in radians, NaN outside -1 to 1. `fn.acos(2)` is NaN. */
  acos(): Column<Like<T, Float64>>
  /** Arc tangent in radians. `fn.atan(0)` is 0. */
  atan(): Column<Like<T, Float64>>
  /** The angle of the point (x, value). `fn.round(fn.atan2(1, 1), 6)` is 0.785398. */
  atan2(x: NumberOperand): Column<Like<T, Float64>>
  /** Hyperbolic sine. `fn.sinh(0)` is 0. */
  sinh(): Column<Like<T, Float64>>
  /** Hyperbolic cosine. `fn.cosh(0)` is 1. */
  cosh(): Column<Like<T, Float64>>
  /** Hyperbolic tangent. `fn.tanh(0)` is 0. */
  tanh(): Column<Like<T, Float64>>
  /** Inverse hyperbolic sine. `fn.asinh(0)` is 0. */
  asinh(): Column<Like<T, Float64>>
  /** Inverse hyperbolic cosine, NaN below 1. `fn.acosh(1)` is 0. */
  acosh(): Column<Like<T, Float64>>
  /** Inverse hyperbolic tangent. `fn.atanh(0)` is 0. */
  atanh(): Column<Like<T, Float64>>
  /** Length of the diagonal. `fn.hypot(3, 4)` is 5. */
  hypot(other: NumberOperand): Column<Like<T, Float64>>
  /** From radians. `fn.degrees(0)` is 0. */
  degrees(): Column<Like<T, Float64>>
  /** From degrees. `fn.round(fn.radians(90), 3)` is 1.571. */
  radians(): Column<Like<T, Float64>>
  /** Thousands separated, with so many decimals. `fn.formatNumber(12345.678, 2)` is "12,345.68". */
  formatNumber(digits: IntegerOperand): Column<Like<T, Utf8>>
  /** Int64 for integers (overflow is an error), Float64 for floats, ten more digits for decimals. `fn.sum(f.i)` is 17n. */
  sum(): Column<SumOf<T>>
  /** Sum of the different values. `fn.sumDistinct(f.i)` is 15n. */
  sumDistinct(): Column<SumOf<T>>
  /** Product of the values. `fn.product(f.i)` is 140. */
  product(): Column<Float64>
  /** Arithmetic mean. `fn.mean(f.i)` is 3.4. */
  mean(): Column<Float64>
  /** The middle value, interpolated. `fn.median(f.i)` is 2. */
  median(): Column<Float64>
  /** Exact, interpolated; `share` is a constant from 0 to 1. `fn.quantile(f.i, 0.5)` is 2. */
  quantile(share: NumberOperand): Column<Float64>
  /** Approximate quantile, in little memory. `fn.approxQuantile(f.i, 1).gte(5)` is true. */
  approxQuantile(share: NumberOperand): Column<Float64>
  /** Of the sample (n - 1); NULL for one row. `fn.round(fn.stddev(f.i), 6)` is 2.50998. */
  stddev(): Column<Float64>
  /** Of the population. `fn.round(fn.stddevPop(f.i), 6)` is 2.244994. */
  stddevPop(): Column<Float64>
  /** Of the sample (n - 1); NULL for one row. `fn.round(fn.variance(f.i), 6)` is 6.3. */
  variance(): Column<Float64>
  /** Of the population. `fn.round(fn.varPop(f.i), 6)` is 5.04. */
  varPop(): Column<Float64>
  /** Of the population, as Spark. `fn.round(fn.skewness(f.i), 6)` is 0.555734. */
  skewness(): Column<Float64>
  /** Excess, of the population, as Spark. `fn.round(fn.kurtosis(f.i), 6)` is -1.304233. */
  kurtosis(): Column<Float64>
  /** Pearson's correlation. `fn.round(fn.corr(f.i, f.i), 6)` is 1. */
  corr(other: NumberOperand): Column<Float64>
  /** Sample covariance. `fn.round(fn.covarSamp(f.i, f.i), 6)` is 6.3. */
  covarSamp(other: NumberOperand): Column<Float64>
  /** Population covariance. `fn.round(fn.covarPop(f.i, f.i), 6)` is 5.04. */
  covarPop(other: NumberOperand): Column<Float64>
  /** Rows with both values. `fn.regrCount(f.x, f.i)` is 5n. */
  regrCount(x: NumberOperand): Column<Int64>
  /** Slope of the least squares line. `fn.round(fn.regrSlope(f.x, f.i), 6)` is 0.519841. */
  regrSlope(x: NumberOperand): Column<Float64>
  /** Intercept of the least squares line. `fn.round(fn.regrIntercept(f.x, f.i), 6)` is -0.56746. */
  regrIntercept(x: NumberOperand): Column<Float64>
  /** Share of the variance explained. `fn.round(fn.regrR2(f.x, f.i), 6)` is 0.352846. */
  regrR2(x: NumberOperand): Column<Float64>
  /** Mean of x where both are there. `fn.round(fn.regrAvgx(f.x, f.i), 6)` is 3.4. */
  regrAvgx(x: NumberOperand): Column<Float64>
  /** Mean of y where both are there. `fn.round(fn.regrAvgy(f.x, f.i), 6)` is 1.2. */
  regrAvgy(x: NumberOperand): Column<Float64>
  /** Sum of squares of x. `fn.round(fn.regrSxx(f.x, f.i), 6)` is 25.2. */
  regrSxx(x: NumberOperand): Column<Float64>
  /** Sum of squares of y. `fn.round(fn.regrSyy(f.x, f.i), 6)` is 19.3. */
  regrSyy(x: NumberOperand): Column<Float64>
  /** Sum of products. `fn.round(fn.regrSxy(f.x, f.i), 6)` is 13.1. */
  regrSxy(x: NumberOperand): Column<Float64>
}

export interface IntegerMethods<T> {
  /** Remainder that is never negative; by zero is an error. `fn.pmod(-7, 3)` is 2. */
  pmod(other: Operand<T>): Column<T>
  /** Whole quotient, cut towards zero; by zero is an error. `fn.intDiv(-7, 2)` is -3n. */
  intDiv(other: IntegerOperand): Column<Like<T, Int64>>
  /** Product of 1 to the value; NULL outside 0 to 20. `fn.factorial(5)` is 120n. */
  factorial(): Column<Nullable<Int64>>
  /** Bits that both have. `fn.bitwiseAnd(6, 3)` is 2. */
  bitwiseAnd(other: Operand<T>): Column<T>
  /** Bits that either has. `fn.bitwiseOr(6, 3)` is 7. */
  bitwiseOr(other: Operand<T>): Column<T>
  /** Bits that one of them has. `fn.bitwiseXor(6, 3)` is 5. */
  bitwiseXor(other: Operand<T>): Column<T>
  /** All bits turned. `fn.bitwiseNot(6)` is -7. */
  bitwiseNot(): Column<T>
  /** Times two to the `bits`. `fn.shiftLeft(3, 2)` is 12n. */
  shiftLeft(bits: IntegerOperand): Column<Like<T, Int64>>
  /** Divided by two to the `bits`. `fn.shiftRight(12, 2)` is 3n. */
  shiftRight(bits: IntegerOperand): Column<Like<T, Int64>>
  /** Number of set bits. `fn.bitCount(7)` is 3. */
  bitCount(): Column<Like<T, Int32>>
  /** Binary digits. `fn.bin(5)` is "101". */
  bin(): Column<Like<T, Utf8>>
  /** Hexadecimal digits. `fn.hex(255)` is "FF". */
  hex(): Column<Like<T, Utf8>>
  /** The character of an ASCII code. `fn.chr(65)` is "A". */
  chr(): Column<Like<T, Utf8>>
  /** A date from its parts. `fn.makeDate(2024, 2, 29)` is 2024-02-29. */
  makeDate(month: IntegerOperand, day: IntegerOperand): Column<Like<T, DateType>>
  /** A timestamp from its parts. `fn.makeTimestamp(2024, 2, 29, 13, 45, 6.5)` is 2024-02-29T13:45:06.500Z. */
  makeTimestamp(month: IntegerOperand, day: IntegerOperand, hour: IntegerOperand, minute: IntegerOperand, second: NumberOperand): Column<Like<T, Timestamp>>
  /** The day so many days after 1970-01-01. `fn.dateFromUnixDate(1)` is 1970-01-02. */
  dateFromUnixDate(): Column<Like<T, DateType>>
  /** The instant so many seconds after 1970. `fn.timestampSeconds(86400)` is 1970-01-02. */
  timestampSeconds(): Column<Like<T, TimestampTz>>
  /** The instant so many milliseconds after 1970. `fn.timestampMillis(5)` is 1970-01-01T00:00:00.005Z. */
  timestampMillis(): Column<Like<T, TimestampTz>>
  /** The instant so many microseconds after 1970. `fn.timestampMicros(5000)` is 1970-01-01T00:00:00.005Z. */
  timestampMicros(): Column<Like<T, TimestampTz>>
  /** From the value to `stop`, both included. `fn.sequence(1, 3)` is [1, 2, 3]. */
  sequence(stop: Operand<T>, step?: Operand<T>): Column<Like<T, List<T>>>
  /** Bits that all have. `fn.bitAnd(f.i)` is 0. */
  bitAnd(): Column<T>
  /** Bits that one has. `fn.bitOr(f.i)` is 7. */
  bitOr(): Column<T>
  /** Bits that an odd number has. `fn.bitXor(f.i)` is 3. */
  bitXor(): Column<T>
}

export interface BooleanMethods<T> {
  /** Both. `fn.and(true, false)` is false. */
  and(other: Operand<BooleanType>): Column<BooleanType>
  /** One or both. `fn.or(true, lit(null).cast('boolean'))` is true. */
  or(other: Operand<BooleanType>): Column<BooleanType>
  /** The opposite. `fn.not(true)` is false. */
  not(): Column<Like<T, BooleanType>>
  /** One but not both. `fn.xor(true, false)` is true. */
  xor(other: Operand<BooleanType>): Column<Like<T, BooleanType>>
  /** Rows for which it is true. `fn.countIf(f.b)` is 3n. */
  countIf(): Column<Int64>
  /** True in all rows. `fn.every(f.b)` is false. */
  every(): Column<BooleanType>
  /** True in one row. `fn.some(f.b)` is true. */
  some(): Column<BooleanType>
}

export interface TextMethods<T> {
  /** From one number base to another. `fn.conv('ff', 16, 10)` is "255". */
  conv(from: IntegerOperand, to: IntegerOperand): Column<Like<T, Utf8>>
  /** In lower case. `fn.lower('ÄBC')` is "äbc". */
  lower(): Column<Like<T, Utf8>>
  /** In upper case. `fn.upper('äbc')` is "ÄBC". */
  upper(): Column<Like<T, Utf8>>
  /** Each word with a capital. `fn.initcap('new york')` is "New York". */
  initcap(): Column<Like<T, Utf8>>
  /** In characters (code points). `fn.length('é😀')` is 2. */
  length(): Column<Like<T, Int32>>
  /** In bytes of UTF-8. `fn.octetLength('é')` is 2. */
  octetLength(): Column<Like<T, Int32>>
  /** In bits of UTF-8. `fn.bitLength('é')` is 16. */
  bitLength(): Column<Like<T, Int32>>
  /** Without these characters at both ends. `fn.trim('  a ')` is "a". */
  trim(characters?: Operand<Utf8>): Column<Like<T, Utf8>>
  /** Without these characters at the start. `fn.ltrim('xxa', 'x')` is "a". */
  ltrim(characters?: Operand<Utf8>): Column<Like<T, Utf8>>
  /** Without these characters at the end. `fn.rtrim('axx', 'x')` is "a". */
  rtrim(characters?: Operand<Utf8>): Column<Like<T, Utf8>>
  /** Filled or cut to `length`, at the start. `fn.lpad('7', 3, '0')` is "007". */
  lpad(length: IntegerOperand, pad?: Operand<Utf8>): Column<Like<T, Utf8>>
  /** Filled or cut to `length`, at the end. `fn.rpad('7', 3, '-')` is "7--". */
  rpad(length: IntegerOperand, pad?: Operand<Utf8>): Column<Like<T, Utf8>>
  /** Again and again. `fn.repeat('ab', 2)` is "abab". */
  repeat(count: IntegerOperand): Column<Like<T, Utf8>>
  /** Backwards. `fn.reverse('abc')` is "cba". */
  reverse(): Column<Like<T, Utf8>>
  /** One after the other; NULL if one is NULL. `fn.concat('a', 'b', 'c')` is "abc". */
  concat(...others: readonly (Operand<Utf8>)[]): Column<Like<T, Utf8>>
  /** Joined with the first; NULL parts are left out. `fn.concatWs('-', 'a', lit(null).cast('utf8'), 'b')` is "a-b". */
  concatWs(...parts: readonly (Operand<Utf8>)[]): Column<Utf8>
  /** `length` characters from position `start`, which is 1 for the first; negative counts from the end. `fn.substring('abcd', 2, 2)` is "bc". */
  substring(start: IntegerOperand, length?: IntegerOperand): Column<Like<T, Utf8>>
  /** Up to the `count`-th delimiter; negative counts from the end. `fn.substringIndex('a.b.c', '.', 2)` is "a.b". */
  substringIndex(delimiter: Operand<Utf8>, count: IntegerOperand): Column<Like<T, Utf8>>
  /** The first characters. `fn.left('abc', 2)` is "ab". */
  left(length: IntegerOperand): Column<Like<T, Utf8>>
  /** The last characters. `fn.right('abc', 2)` is "bc". */
  right(length: IntegerOperand): Column<Like<T, Utf8>>
  /** With `replacement` written over the characters from `start`. `fn.overlay('abcd', 'XX', 2)` is "aXXd". */
  overlay(replacement: Operand<Utf8>, start: IntegerOperand): Column<Like<T, Utf8>>
  /** Every `search` replaced. `fn.replace('aXbX', 'X', '-')` is "a-b-". */
  replace(search: Operand<Utf8>, replacement: Operand<Utf8>): Column<Like<T, Utf8>>
  /** Character by character. `fn.translate('abc', 'ab', 'xy')` is "xyc". */
  translate(from: Operand<Utf8>, to: Operand<Utf8>): Column<Like<T, Utf8>>
  /** Is `part` in it? `fn.contains('abc', 'b')` is true. */
  contains(part: Operand<Utf8>): Column<Like<T, BooleanType>>
  /** Does it start so? `fn.startsWith('abc', 'ab')` is true. */
  startsWith(part: Operand<Utf8>): Column<Like<T, BooleanType>>
  /** Does it end so? `fn.endsWith('abc', 'bc')` is true. */
  endsWith(part: Operand<Utf8>): Column<Like<T, BooleanType>>
  /** SQL pattern: % any characters, _ one, \ escapes. `fn.like('abc', 'a%')` is true. */
  like(pattern: Operand<Utf8>): Column<Like<T, BooleanType>>
  /** `like` without regard to case. `fn.ilike('ABC', 'a_c')` is true. */
  ilike(pattern: Operand<Utf8>): Column<Like<T, BooleanType>>
  /** Is there a match of the regular expression? `fn.rlike('a1', '[0-9]')` is true. */
  rlike(pattern: Operand<Utf8>): Column<Like<T, BooleanType>>
  /** Every match replaced; `$1` is the first group. `fn.regexpReplace('a1b2', '([0-9])', '<$1>')` is "a<1>b<2>". */
  regexpReplace(pattern: Operand<Utf8>, replacement: Operand<Utf8>): Column<Like<T, Utf8>>
  /** A group of the first match, or the empty text. `fn.regexpExtract('id=42', '([a-z]+)=([0-9]+)', 2)` is "42". */
  regexpExtract(pattern: Operand<Utf8>, group?: IntegerOperand): Column<Like<T, Utf8>>
  /** A group of every match. `fn.regexpExtractAll('a1b2', '[a-z]([0-9])')` is ["1", "2"]. */
  regexpExtractAll(pattern: Operand<Utf8>, group?: IntegerOperand): Column<Like<T, List<Utf8>>>
  /** Number of matches. `fn.regexpCount('a1b2', '[0-9]')` is 2. */
  regexpCount(pattern: Operand<Utf8>): Column<Like<T, Int32>>
  /** The first match, or NULL. `fn.regexpSubstr('a12', '[0-9]+')` is "12". */
  regexpSubstr(pattern: Operand<Utf8>): Column<Nullable<Utf8>>
  /** Position of the first match, or 0. `fn.regexpInstr('a12', '[0-9]+')` is 2. */
  regexpInstr(pattern: Operand<Utf8>): Column<Like<T, Int32>>
  /** Cut at every match of the regular expression. `fn.split('a,b', ',')` is ["a", "b"]. */
  split(pattern: Operand<Utf8>): Column<Like<T, List<Utf8>>>
  /** The part `index` (from 1, negative from the end), or the empty text. `fn.splitPart('a.b.c', '.', 2)` is "b". */
  splitPart(delimiter: Operand<Utf8>, index: IntegerOperand): Column<Like<T, Utf8>>
  /** Position of `part`, or 0. `fn.instr('abc', 'c')` is 3. */
  instr(part: Operand<Utf8>): Column<Like<T, Int32>>
  /** Position of the first in the second, or 0. `fn.locate('c', 'abc')` is 3. */
  locate(text: Operand<Utf8>): Column<Like<T, Int32>>
  /** Position in a comma-separated list, or 0. `fn.findInSet('b', 'a,b,c')` is 2. */
  findInSet(list: Operand<Utf8>): Column<Like<T, Int32>>
  /** Edits between the two. `fn.levenshtein('kitten', 'sitting')` is 3. */
  levenshtein(other: Operand<Utf8>): Column<Like<T, Int32>>
  /** Soundex code. `fn.soundex('Robert')` is "R163". */
  soundex(): Column<Like<T, Utf8>>
  /** Code point of the first character. `fn.ascii('A')` is 65. */
  ascii(): Column<Like<T, Int32>>
  /** C's format: %d, %s, %.2f. `fn.printf('%d %s', 7, 'x')` is "7 x". */
  printf(...values: readonly (Argument)[]): Column<Like<T, Utf8>>
  /** As a form field: a space becomes +. `fn.urlEncode('a b&c')` is "a+b%26c". */
  urlEncode(): Column<Like<T, Utf8>>
  /** Back from `urlEncode`. `fn.urlDecode('a+b%26c')` is "a b&c". */
  urlDecode(): Column<Like<T, Utf8>>
  /** Its UTF-8 bytes. `fn.encode('A')` is bytes 65. */
  encode(): Column<Like<T, Binary>>
  /** Bytes from base64 text. `fn.decode(fn.unbase64('YWJj'))` is "abc". */
  unbase64(): Column<Like<T, Binary>>
  /** Bytes from hexadecimal text. `fn.decode(fn.unhex('415A'))` is "AZ". */
  unhex(): Column<Like<T, Binary>>
  /** MD5 in hexadecimal. `fn.md5('abc')` is "900150983cd24fb0d6963f7d28e17f72". */
  md5(): Column<Like<T, Utf8>>
  /** SHA-1 in hexadecimal. `fn.sha1('abc')` is "a9993e364706816aba3e25717850c26c9cd0d89d". */
  sha1(): Column<Like<T, Utf8>>
  /** SHA-256 in hexadecimal. `fn.sha256('abc')` is "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad". */
  sha256(): Column<Like<T, Utf8>>
  /** SHA-512 in hexadecimal. `fn.left(fn.sha512('abc'), 8)` is "ddaf35a1". */
  sha512(): Column<Like<T, Utf8>>
  /** CRC-32 of the UTF-8 bytes. `fn.crc32('abc')` is 891568578n. */
  crc32(): Column<Like<T, Int64>>
  /** A date from text; text of another form is an error. `fn.toDate('29.02.2024', 'dd.MM.yyyy')` is 2024-02-29. */
  toDate(pattern?: Operand<Utf8>): Column<Like<T, DateType>>
  /** A timestamp from text; text of another form is an error. `fn.toTimestamp('2024-02-29 13:45:06')` is 2024-02-29T13:45:06.000Z. */
  toTimestamp(pattern?: Operand<Utf8>): Column<Like<T, Timestamp>>
  /** What a path like `$.a[0]` names in JSON text; NULL when nothing is there. `fn.getJsonObject('{"a":{"b":7}}', '$.a.b')` is "7". */
  getJsonObject(path: Operand<Utf8>): Column<Nullable<Utf8>>
  /** Number of elements of a JSON array; NULL for anything else. `fn.jsonArrayLength('[1, 2]')` is 2. */
  jsonArrayLength(): Column<Nullable<Int32>>
  /** Keys of a JSON object; NULL for anything else. `fn.jsonObjectKeys('{"a":1,"b":2}')` is ["a", "b"]. */
  jsonObjectKeys(): Column<Nullable<List<Utf8>>>
  /** Texts joined; NULLs are left out. `fn.length(fn.listagg(f.t, '-'))` is 9. */
  listagg(separator: Operand<Utf8>): Column<Utf8>
}

export interface TimeMethods<T> {
  /** The year. `fn.year(lit(new Date('2024-02-29T13:45:06Z')))` is 2024. */
  year(): Column<Like<T, Int32>>
  /** 1 to 4. `fn.quarter(lit(new Date('2024-02-29T13:45:06Z')))` is 1. */
  quarter(): Column<Like<T, Int32>>
  /** 1 to 12. `fn.month(lit(new Date('2024-02-29T13:45:06Z')))` is 2. */
  month(): Column<Like<T, Int32>>
  /** ISO week, 1 to 53. `fn.weekofyear(lit(new Date('2024-02-29T13:45:06Z')))` is 9. */
  weekofyear(): Column<Like<T, Int32>>
  /** Day of the month. `fn.day(lit(new Date('2024-02-29T13:45:06Z')))` is 29. */
  day(): Column<Like<T, Int32>>
  /** Day of the month. `fn.dayofmonth(lit(new Date('2024-02-29T13:45:06Z')))` is 29. */
  dayofmonth(): Column<Like<T, Int32>>
  /** 1 to 366. `fn.dayofyear(lit(new Date('2024-02-29T13:45:06Z')))` is 60. */
  dayofyear(): Column<Like<T, Int32>>
  /** 1 is Sunday. `fn.dayofweek(lit(new Date('2024-02-29T13:45:06Z')))` is 5. */
  dayofweek(): Column<Like<T, Int32>>
  /** 0 is Monday. `fn.weekday(lit(new Date('2024-02-29T13:45:06Z')))` is 3. */
  weekday(): Column<Like<T, Int32>>
  /** 0 to 23. `fn.hour(lit(new Date('2024-02-29T13:45:06Z')))` is 13. */
  hour(): Column<Like<T, Int32>>
  /** 0 to 59. `fn.minute(lit(new Date('2024-02-29T13:45:06Z')))` is 45. */
  minute(): Column<Like<T, Int32>>
  /** 0 to 59. `fn.second(lit(new Date('2024-02-29T13:45:06Z')))` is 6. */
  second(): Column<Like<T, Int32>>
  /** Mon, Tue, ... `fn.dayname(lit(new Date('2024-02-29T13:45:06Z')))` is "Thu". */
  dayname(): Column<Like<T, Utf8>>
  /** Jan, Feb, ... `fn.monthname(lit(new Date('2024-02-29T13:45:06Z')))` is "Feb". */
  monthname(): Column<Like<T, Utf8>>
  /** The last day of the month. `fn.lastDay(lit(new Date('2024-02-29T13:45:06Z')))` is 2024-02-29. */
  lastDay(): Column<Like<T, DateType>>
  /** The next such day after it: 'Mon', 'Tue', ... `fn.nextDay(lit(new Date('2024-02-29T13:45:06Z')), 'Mon')` is 2024-03-04. */
  nextDay(weekday: Operand<Utf8>): Column<Like<T, DateType>>
  /** So many days later. `fn.dateAdd(lit(new Date('2024-02-29T13:45:06Z')), 1)` is 2024-03-01. */
  dateAdd(days: IntegerOperand): Column<Like<T, DateType>>
  /** So many days earlier. `fn.dateSub(lit(new Date('2024-02-29T13:45:06Z')), 29)` is 2024-01-31. */
  dateSub(days: IntegerOperand): Column<Like<T, DateType>>
  /** Days since `start`. `fn.dateDiff(lit(new Date('2024-02-29T13:45:06Z')), lit(new Date('2024-01-31')))` is 29. */
  dateDiff(start: Operand<DateType>): Column<Like<T, Int32>>
  /** So many months later, cut to the month's last day. `fn.addMonths(lit(new Date('2024-01-31')), 1)` is 2024-02-29. */
  addMonths(months: IntegerOperand): Column<Like<T, DateType>>
  /** Months since `start`; a month of 31 days for the rest, to 8 digits. `fn.monthsBetween(lit(new Date('2024-03-01')), lit(new Date('2024-01-01')))` is 2. */
  monthsBetween(start: Operand<Timestamp>): Column<Like<T, Float64>>
  /** `count` units later: 'YEAR', 'MONTH', 'DAY', 'HOUR', 'MINUTE', 'SECOND'. `fn.timestampAdd(lit(new Date('2024-02-29T13:45:06Z')), 'HOUR', 2)` is 2024-02-29T15:45:06.000Z. */
  timestampAdd(unit: Operand<Utf8>, count: IntegerOperand): Column<Like<T, Timestamp>>
  /** Whole units since `start`. `fn.timestampDiff(lit(new Date('2024-02-29T13:45:06Z')), 'HOUR', lit(new Date('2024-02-29')))` is 13n. */
  timestampDiff(unit: Operand<Utf8>, start: Operand<Timestamp>): Column<Like<T, Int64>>
  /** The start of its 'year', 'quarter', 'month', 'week', 'day', 'hour', 'minute' or 'second'. `fn.dateTrunc(lit(new Date('2024-02-29T13:45:06Z')), 'month')` is 2024-02-01. */
  dateTrunc(unit: Operand<Utf8>): Column<Like<T, Instant<T>>>
  /** The first day of its 'year', 'quarter', 'month' or 'week'. `fn.trunc(lit(new Date('2024-02-29T13:45:06Z')), 'year')` is 2024-01-01. */
  trunc(unit: Operand<Utf8>): Column<Like<T, DateType>>
  /** As text by a pattern of Spark's letters. `fn.dateFormat(lit(new Date('2024-02-29T13:45:06Z')), 'yyyy/MM/dd HH:mm')` is "2024/02/29 13:45". */
  dateFormat(pattern: Operand<Utf8>): Column<Like<T, Utf8>>
  /** Seconds since 1970. `fn.unixTimestamp(lit(new Date('1970-01-02')))` is 86400n. */
  unixTimestamp(): Column<Like<T, Int64>>
  /** Milliseconds since 1970. `fn.unixMillis(lit(new Date(5)))` is 5n. */
  unixMillis(): Column<Like<T, Int64>>
  /** Microseconds since 1970. `fn.unixMicros(lit(new Date(5)))` is 5000n. */
  unixMicros(): Column<Like<T, Int64>>
  /** Days since 1970. `fn.unixDate(lit(new Date('1970-01-02')))` is 1. */
  unixDate(): Column<Like<T, Int32>>
  /** The clock in `to` when the clock in `from` shows the value. `fn.convertTimezone(lit(new Date('2024-02-29T13:45:06Z')), 'UTC', 'Asia/Tokyo')` is 2024-02-29T22:45:06.000Z. */
  convertTimezone(from: Operand<Utf8>, to: Operand<Utf8>): Column<Like<T, Timestamp>>
  /** The clock in `zone` when it is the value in UTC. `fn.fromUtcTimestamp(lit(new Date('2024-02-29T13:45:06Z')), 'America/New_York')` is 2024-02-29T08:45:06.000Z. */
  fromUtcTimestamp(zone: Operand<Utf8>): Column<Like<T, Timestamp>>
  /** The clock in UTC when the clock in `zone` shows the value. `fn.toUtcTimestamp(lit(new Date('2024-02-29T13:45:06Z')), 'Asia/Tokyo')` is 2024-02-29T04:45:06.000Z. */
  toUtcTimestamp(zone: Operand<Utf8>): Column<Like<T, Timestamp>>
  /** The instant at which the clock in `zone` shows the value. `fn.atTimeZone(lit(new Date('2024-02-29T13:45:06Z')), 'Asia/Tokyo')` is 2024-02-29T04:45:06.000Z. */
  atTimeZone(zone: Operand<Utf8>): Column<Like<T, TimestampTz>>
  /** What the clock in `zone` shows at the instant. `fn.inTimeZone(lit(new Date('2024-02-29T13:45:06Z')), 'Asia/Tokyo')` is 2024-02-29T22:45:06.000Z. */
  inTimeZone(zone: Operand<Utf8>): Column<Like<T, Timestamp>>
}

export interface BinaryMethods<T> {
  /** Text from UTF-8 bytes. `fn.decode(fn.encode('é'))` is "é". */
  decode(): Column<Like<T, Utf8>>
  /** Base64 text of bytes. `fn.base64(fn.encode('abc'))` is "YWJj". */
  base64(): Column<Like<T, Utf8>>
  /** Hexadecimal text of bytes. `fn.hexEncode(fn.encode('AZ'))` is "415A". */
  hexEncode(): Column<Like<T, Utf8>>
}

export interface ListMethods<T, E> {
  /** Number of elements. `fn.size(fn.array(3, 1, 2))` is 3. */
  size(): Column<Like<T, Int32>>
  /** The element at `index`, from 0; NULL outside. `fn.get(fn.array(3, 1, 2), 0)` is 3. */
  get(index: IntegerOperand): Column<Nullable<E>>
  /** The element at `position`, from 1, negative from the end; NULL outside. `fn.elementAt(fn.array(3, 1, 2), -1)` is 2. */
  elementAt(position: IntegerOperand): Column<Nullable<E>>
  /** Is the element in it? `fn.arrayContains(fn.array(3, 1, 2), 2)` is true. */
  arrayContains(element: Operand<E>): Column<Like<T, BooleanType>>
  /** Position of the element from 1, or 0. `fn.arrayPosition(fn.array(3, 1, 2), 1)` is 2n. */
  arrayPosition(element: Operand<E>): Column<Like<T, Int64>>
  /** Each element once, in order of its first place. `fn.arrayDistinct(fn.array(2, 1, 2))` is [2, 1]. */
  arrayDistinct(): Column<Like<T, List<E>>>
  /** Elements of either, each once. `fn.arrayUnion(fn.array(2, 1), fn.array(1, 3))` is [2, 1, 3]. */
  arrayUnion(other: Expr<List<E> | Unknown>): Column<Like<T, List<E>>>
  /** Elements of both, each once. `fn.arrayIntersect(fn.array(2, 1), fn.array(1, 3))` is [1]. */
  arrayIntersect(other: Expr<List<E> | Unknown>): Column<Like<T, List<E>>>
  /** Elements of the first only, each once. `fn.arrayExcept(fn.array(2, 1), fn.array(1, 3))` is [2]. */
  arrayExcept(other: Expr<List<E> | Unknown>): Column<Like<T, List<E>>>
  /** Have they an element in common? `fn.arraysOverlap(fn.array(2, 1), fn.array(1, 3))` is true. */
  arraysOverlap(other: Expr<List<E> | Unknown>): Column<Like<T, BooleanType>>
  /** One text; NULL elements are left out. `fn.arrayJoin(fn.array('a', 'b'), '-')` is "a-b". */
  arrayJoin(separator: Operand<Utf8>): Column<Like<T, Utf8>>
  /** The largest element. `fn.arrayMax(fn.array(3, 1, 2))` is 3. */
  arrayMax(): Column<Nullable<E>>
  /** The smallest element. `fn.arrayMin(fn.array(3, 1, 2))` is 1. */
  arrayMin(): Column<Nullable<E>>
  /** Ascending, NULLs last. `fn.arraySort(fn.array(3, 1, 2))` is [1, 2, 3]. */
  arraySort(): Column<Like<T, List<E>>>
  /** Ascending, NULLs first. `fn.sortArray(fn.array(3, 1, 2))` is [1, 2, 3]. */
  sortArray(): Column<Like<T, List<E>>>
  /** Backwards. `fn.arrayReverse(fn.array(3, 1, 2))` is [2, 1, 3]. */
  arrayReverse(): Column<Like<T, List<E>>>
  /** With one more at the end. `fn.arrayAppend(fn.array(1), 2)` is [1, 2]. */
  arrayAppend(element: Operand<E>): Column<Like<T, List<E>>>
  /** With one more at the start. `fn.arrayPrepend(fn.array(1), 2)` is [2, 1]. */
  arrayPrepend(element: Operand<E>): Column<Like<T, List<E>>>
  /** Without the elements equal to it. `fn.arrayRemove(fn.array(1, 2, 1), 1)` is [2]. */
  arrayRemove(element: Operand<E>): Column<Like<T, List<E>>>
  /** Without NULLs. `fn.arrayCompact(fn.array(lit(null), 1))` is [1]. */
  arrayCompact(): Column<Like<T, List<E>>>
  /** One list after the other. `fn.arrayConcat(fn.array(1), fn.array(2))` is [1, 2]. */
  arrayConcat(other: Expr<List<E> | Unknown>): Column<Like<T, List<E>>>
  /** `length` elements from position `start`, from 1. `fn.slice(fn.array(3, 1, 2), 2, 2)` is [1, 2]. */
  slice(start: IntegerOperand, length: IntegerOperand): Column<Like<T, List<E>>>
  /** The lists in it one after the other. `fn.flatten(fn.array(fn.array(1), fn.array(2)))` is [1, 2]. */
  flatten(): Column<Like<T, List<ItemOf<E>>>>
  /** The function of every element. `fn.transform(fn.array(3, 1, 2), x => x.mul(2))` is [6, 2, 4]. */
  transform<U extends Argument>(change: (x: Column<E>) => U): Column<Like<T, List<TypeOf<U>>>>
  /** The elements for which it is true. `fn.filter(fn.array(3, 1, 2), x => x.gt(1))` is [3, 2]. */
  filter(condition: (x: Column<E>) => Expr<BooleanType | Unknown> | boolean): Column<Like<T, List<E>>>
  /** Is it true for one? `fn.exists(fn.array(3, 1, 2), x => x.gt(2))` is true. */
  exists(condition: (x: Column<E>) => Expr<BooleanType | Unknown> | boolean): Column<Like<T, BooleanType>>
  /** Is it true for all? `fn.forall(fn.array(3, 1, 2), x => x.gt(2))` is false. */
  forall(condition: (x: Column<E>) => Expr<BooleanType | Unknown> | boolean): Column<Like<T, BooleanType>>
  /** All elements merged into one value. `fn.reduce(fn.array(3, 1, 2), 0, (sum, x) => sum.add(x))` is 6. */
  reduce<A extends Argument>(initial: A, merge: (x: Column<TypeOf<A>>, y: Column<E>) => A): Column<Like<T, TypeOf<A>>>
  /** The function of each pair. `fn.zipWith(fn.array(1, 2), fn.array(3, 4), (a, b) => a.add(b))` is [4, 6]. */
  zipWith<G extends DataType, U extends Argument>(other: Expr<List<G> | Unknown>, change: (x: Column<E>, y: Column<G>) => U): Column<Like<T, List<TypeOf<U>>>>
  /** A map from its keys and values. `fn.mapFromArrays(fn.array('a', 'b'), fn.array(1, 2))` is { "a" => 1, "b" => 2 }. */
  mapFromArrays<V extends DataType>(values: Expr<List<V> | Unknown>): Column<Like<T, MapOf<E, V>>>
}

export interface MapMethods<T, K, V> {
  /** The keys. `fn.mapKeys(fn.mapFromArrays(fn.array('a', 'b'), fn.array(1, 2)))` is ["a", "b"]. */
  mapKeys(): Column<Like<T, List<K>>>
  /** The values. `fn.mapValues(fn.mapFromArrays(fn.array('a', 'b'), fn.array(1, 2)))` is [1, 2]. */
  mapValues(): Column<Like<T, List<V>>>
  /** Structs of key and value. `fn.mapEntries(fn.mapFromArrays(fn.array('a', 'b'), fn.array(1, 2)))` is [{"key":"a","value":1}, {"key":"b","value":2}]. */
  mapEntries(): Column<Like<T, List<Struct<{ readonly key: K; readonly value: V }>>>>
  /** Number of entries. `fn.cardinality(fn.mapFromArrays(fn.array('a', 'b'), fn.array(1, 2)))` is 2. */
  cardinality(): Column<Like<T, Int32>>
  /** The value of a key, or NULL. `fn.getItem(fn.mapFromArrays(fn.array('a', 'b'), fn.array(1, 2)), 'b')` is 2. */
  getItem(key: Operand<K>): Column<Nullable<V>>
  /** Has it the key? `fn.mapContainsKey(fn.mapFromArrays(fn.array('a', 'b'), fn.array(1, 2)), 'z')` is false. */
  mapContainsKey(key: Operand<K>): Column<Like<T, BooleanType>>
  /** The entries of both; the same key in both is an error on Spark. `fn.mapConcat(fn.mapFromArrays(fn.array('a', 'b'), fn.array(1, 2)), fn.mapFromArrays(fn.array('c'), fn.array(3)))` is { "a" => 1, "b" => 2, "c" => 3 }. */
  mapConcat(other: Expr<MapOf<K, V> | Unknown>): Column<Like<T, MapOf<K, V>>>
  /** The entries for which it is true. `fn.mapFilter(fn.mapFromArrays(fn.array('a', 'b'), fn.array(1, 2)), (k, v) => v.gt(1))` is { "b" => 2 }. */
  mapFilter(condition: (x: Column<K>, y: Column<V>) => Expr<BooleanType | Unknown> | boolean): Column<Like<T, MapOf<K, V>>>
  /** Each value by the function. `fn.transformValues(fn.mapFromArrays(fn.array('a', 'b'), fn.array(1, 2)), (k, v) => v.mul(2))` is { "a" => 2, "b" => 4 }. */
  transformValues<U extends Argument>(change: (x: Column<K>, y: Column<V>) => U): Column<Like<T, MapOf<K, TypeOf<U>>>>
  /** Each key by the function. `fn.transformKeys(fn.mapFromArrays(fn.array('a', 'b'), fn.array(1, 2)), (k, v) => k.upper())` is { "A" => 1, "B" => 2 }. */
  transformKeys<U extends Argument>(change: (x: Column<K>, y: Column<V>) => U): Column<Like<T, MapOf<TypeOf<U>, V>>>
}

export interface FunctionNamespace {
  /** Equal. NaN equals NaN. `fn.eq(2, 2)` is true. */
  eq<T extends DataType>(value: Expr<T> | LiteralValue, other: Operand<T>): Column<BooleanType>
  /** Not equal. `fn.ne(2, 3)` is true. */
  ne<T extends DataType>(value: Expr<T> | LiteralValue, other: Operand<T>): Column<BooleanType>
  /** Less than; text by code points. `fn.lt('a', 'b')` is true. */
  lt<T extends DataType>(value: Expr<T> | LiteralValue, other: Operand<T>): Column<BooleanType>
  /** Less than or equal. `fn.lte(2, 2)` is true. */
  lte<T extends DataType>(value: Expr<T> | LiteralValue, other: Operand<T>): Column<BooleanType>
  /** Greater than. `fn.gt(2.5, 2)` is true. */
  gt<T extends DataType>(value: Expr<T> | LiteralValue, other: Operand<T>): Column<BooleanType>
  /** Greater than or equal. `fn.gte(1, 2)` is false. */
  gte<T extends DataType>(value: Expr<T> | LiteralValue, other: Operand<T>): Column<BooleanType>
  /** Both ends included. `fn.between(2, 1, 2)` is true. */
  between<T extends DataType>(value: Expr<T> | LiteralValue, low: Operand<T>, high: Operand<T>): Column<BooleanType>
  /** Equal to one of the values. `fn.isIn(2, 1, 2)` is true. */
  isIn<T extends DataType>(value: Expr<T> | LiteralValue, ...values: readonly (Operand<T>)[]): Column<BooleanType>
  /** Equal, where NULL equals NULL. `fn.eqNullSafe(lit(null), lit(null))` is true. */
  eqNullSafe<T extends DataType>(value: Expr<T> | LiteralValue, other: Operand<T>): Column<BooleanType>
  /** Is it NULL? `fn.isNull(lit(null))` is true. */
  isNull(value: Argument): Column<BooleanType>
  /** Is it a value? `fn.isNotNull(1)` is true. */
  isNotNull(value: Argument): Column<BooleanType>
  /** Is it NaN? False for NULL. `fn.isNaN(NaN)` is true. */
  isNaN(value: NumberOperand): Column<BooleanType>
  /** Both. `fn.and(true, false)` is false. */
  and(value: Operand<BooleanType>, other: Operand<BooleanType>): Column<BooleanType>
  /** One or both. `fn.or(true, lit(null).cast('boolean'))` is true. */
  or(value: Operand<BooleanType>, other: Operand<BooleanType>): Column<BooleanType>
  /** The opposite. `fn.not(true)` is false. */
  not(value: Operand<BooleanType>): Column<BooleanType>
  /** One but not both. `fn.xor(true, false)` is true. */
  xor(value: Operand<BooleanType>, other: Operand<BooleanType>): Column<BooleanType>
  /** The first that is not NULL. `fn.coalesce(lit(null), 3)` is 3. */
  coalesce<T extends DataType>(value: Expr<T> | LiteralValue, ...others: readonly (Operand<T>)[]): Column<T>
  /** `other` in place of NULL. `fn.ifNull(lit(null), 3)` is 3. */
  ifNull<T extends DataType>(value: Expr<T> | LiteralValue, other: Operand<T>): Column<T>
  /** `present` unless the value is NULL. `fn.nvl2(1, 'some', 'none')` is "some". */
  nvl2<T extends Argument>(value: Argument, present: T, absent: T | Argument): Column<TypeOf<T>>
  /** NULL in place of values equal to `other`. `fn.nullIf(3, 3)` is null. */
  nullIf<T extends DataType>(value: Expr<T> | LiteralValue, other: Operand<T>): Column<Nullable<T>>
  /** NULL in place of zero. `fn.nullIfZero(0)` is null. */
  nullIfZero<N extends Numeric>(value: Expr<N> | number | bigint): Column<Nullable<N>>
  /** Zero in place of NULL. `fn.zeroIfNull(7)` is 7. */
  zeroIfNull<N extends Numeric>(value: Expr<N> | number | bigint): Column<N>
  /** `other` in place of NaN. `fn.nanvl(NaN, 1.5)` is 1.5. */
  nanvl(value: NumberOperand, other: NumberOperand): Column<Float64>
  /** The largest; NULLs are skipped. `fn.greatest(1, 3, 2)` is 3. */
  greatest<T extends DataType>(value: Expr<T> | LiteralValue, ...others: readonly (Operand<T>)[]): Column<T>
  /** The smallest; NULLs are skipped. `fn.least(2, 1, 3)` is 1. */
  least<T extends DataType>(value: Expr<T> | LiteralValue, ...others: readonly (Operand<T>)[]): Column<T>
  /** Sum of two. `fn.add(2, 3)` is 5. */
  add<const N extends NumberOperand, const O extends NumberOperand>(value: N, other: O): Column<ArithmeticOf<N, O>>
  /** Difference. `fn.sub(2, 3)` is -1. */
  sub<const N extends NumberOperand, const O extends NumberOperand>(value: N, other: O): Column<ArithmeticOf<N, O>>
  /** Product. `fn.mul(2, 3)` is 6. */
  mul<const N extends NumberOperand, const O extends NumberOperand>(value: N, other: O): Column<ArithmeticOf<N, O>>
  /** Quotient, always Float64; by zero is an error. `fn.div(7, 2)` is 3.5. */
  div(value: NumberOperand, other: NumberOperand): Column<Float64>
  /** Remainder with the sign of the dividend; by zero is an error. `fn.mod(-7, 3)` is -1. */
  mod<const N extends NumberOperand, const O extends NumberOperand>(value: N, other: O): Column<ArithmeticOf<N, O>>
  /** Remainder that is never negative; by zero is an error. `fn.pmod(-7, 3)` is 2. */
  pmod<I extends Integer>(value: Expr<I> | number | bigint, other: Operand<I>): Column<I>
  /** Whole quotient, cut towards zero; by zero is an error. `fn.intDiv(-7, 2)` is -3n. */
  intDiv(value: IntegerOperand, other: IntegerOperand): Column<Int64>
  /** Sum, NULL on overflow. `fn.tryAdd(lit(2147483647).cast('int32'), 1)` is null. */
  tryAdd<const N extends NumberOperand, const O extends NumberOperand>(value: N, other: O): Column<Nullable<ArithmeticOf<N, O>>>
  /** Difference, NULL on overflow. `fn.trySub(5, 3)` is 2. */
  trySub<const N extends NumberOperand, const O extends NumberOperand>(value: N, other: O): Column<Nullable<ArithmeticOf<N, O>>>
  /** Product, NULL on overflow. `fn.tryMul(5, 3)` is 15. */
  tryMul<const N extends NumberOperand, const O extends NumberOperand>(value: N, other: O): Column<Nullable<ArithmeticOf<N, O>>>
  /** Quotient, NULL when divided by zero. `fn.tryDiv(1, 0)` is null. */
  tryDiv(value: NumberOperand, other: NumberOperand): Column<Nullable<Float64>>
  /** With the opposite sign. `fn.neg(7)` is -7. */
  neg<N extends Numeric>(value: Expr<N> | number | bigint): Column<N>
  /** Without the sign; overflow is an error. `fn.abs(-7)` is 7. */
  abs<N extends Numeric>(value: Expr<N> | number | bigint): Column<N>
  /** -1, 0 or 1. `fn.signum(-2.5)` is -1. */
  signum(value: NumberOperand): Column<Float64>
  /** Half away from zero, to `digits` decimals. `fn.round(2.345, 2)` is 2.35. */
  round<N extends Numeric>(value: Expr<N> | number | bigint, digits?: IntegerOperand): Column<N>
  /** Half to the even digit, to `digits` decimals. `fn.bround(2.5)` is 2. */
  bround<N extends Numeric>(value: Expr<N> | number | bigint, digits?: IntegerOperand): Column<N>
  /** The nearest whole number, half to even. `fn.rint(2.5)` is 2. */
  rint(value: NumberOperand): Column<Float64>
  /** The next whole number below. `fn.floor(-2.5)` is -3n. */
  floor<N extends Numeric>(value: Expr<N> | number | bigint): Column<Whole<N>>
  /** The next whole number above. `fn.ceil(2.5)` is 3n. */
  ceil<N extends Numeric>(value: Expr<N> | number | bigint): Column<Whole<N>>
  /** Square root; NaN for a negative number. `fn.sqrt(9)` is 3. */
  sqrt(value: NumberOperand): Column<Float64>
  /** Cube root. `fn.cbrt(27)` is 3. */
  cbrt(value: NumberOperand): Column<Float64>
  /** To the power. `fn.pow(2, 10)` is 1024. */
  pow(value: NumberOperand, exponent: NumberOperand): Column<Float64>
  /** e to the power. `fn.exp(0)` is 1. */
  exp(value: NumberOperand): Column<Float64>
  /** exp(x) - 1. `fn.expm1(0)` is 0. */
  expm1(value: NumberOperand): Column<Float64>
  /** Natural logarithm; NULL for zero and below. `fn.log(1)` is 0. */
  log(value: NumberOperand): Column<Nullable<Float64>>
  /** Logarithm to base 2; NULL for zero and below. `fn.log2(8)` is 3. */
  log2(value: NumberOperand): Column<Nullable<Float64>>
  /** Logarithm to base 10; NULL for zero and below. `fn.log10(1000)` is 3. */
  log10(value: NumberOperand): Column<Nullable<Float64>>
  /** log(1 + x); NULL for -1 and below. `fn.log1p(0)` is 0. */
  log1p(value: NumberOperand): Column<Nullable<Float64>>
  /** Sine of radians. `fn.sin(0)` is 0. */
  sin(value: NumberOperand): Column<Float64>
  /** Cosine of radians. `fn.cos(0)` is 1. */
  cos(value: NumberOperand): Column<Float64>
  /** Tangent of radians. `fn.tan(0)` is 0. */
  tan(value: NumberOperand): Column<Float64>
  /** Cotangent of radians. `fn.round(fn.cot(1), 6)` is 0.642093. */
  cot(value: NumberOperand): Column<Float64>
  /** 1 / cosine. `fn.sec(0)` is 1. */
  sec(value: NumberOperand): Column<Float64>
  /** 1 / sine. `fn.round(fn.csc(1), 6)` is 1.188395. */
  csc(value: NumberOperand): Column<Float64>
  /** Arc sine in radians, NaN outside -1 to 1. `fn.asin(0)` is 0. */
  asin(value: NumberOperand): Column<Float64>
  /** Arc cosine in radians, NaN outside -1 to 1. `fn.acos(2)` is NaN. */
  acos(value: NumberOperand): Column<Float64>
  /** Arc tangent in radians. `fn.atan(0)` is 0. */
  atan(value: NumberOperand): Column<Float64>
  /** The angle of the point (x, value). `fn.round(fn.atan2(1, 1), 6)` is 0.785398. */
  atan2(value: NumberOperand, x: NumberOperand): Column<Float64>
  /** Hyperbolic sine. `fn.sinh(0)` is 0. */
  sinh(value: NumberOperand): Column<Float64>
  /** Hyperbolic cosine. `fn.cosh(0)` is 1. */
  cosh(value: NumberOperand): Column<Float64>
  /** Hyperbolic tangent. `fn.tanh(0)` is 0. */
  tanh(value: NumberOperand): Column<Float64>
  /** Inverse hyperbolic sine. `fn.asinh(0)` is 0. */
  asinh(value: NumberOperand): Column<Float64>
  /** Inverse hyperbolic cosine, NaN below 1. `fn.acosh(1)` is 0. */
  acosh(value: NumberOperand): Column<Float64>
  /** Inverse hyperbolic tangent. `fn.atanh(0)` is 0. */
  atanh(value: NumberOperand): Column<Float64>
  /** Length of the diagonal. `fn.hypot(3, 4)` is 5. */
  hypot(value: NumberOperand, other: NumberOperand): Column<Float64>
  /** From radians. `fn.degrees(0)` is 0. */
  degrees(value: NumberOperand): Column<Float64>
  /** From degrees. `fn.round(fn.radians(90), 3)` is 1.571. */
  radians(value: NumberOperand): Column<Float64>
  /** π. `fn.floor(fn.pi().mul(1000))` is 3141n. */
  pi(): Column<Float64>
  /** Euler's number. `fn.floor(fn.e().mul(1000))` is 2718n. */
  e(): Column<Float64>
  /** Product of 1 to the value; NULL outside 0 to 20. `fn.factorial(5)` is 120n. */
  factorial(value: IntegerOperand): Column<Nullable<Int64>>
  /** Bits that both have. `fn.bitwiseAnd(6, 3)` is 2. */
  bitwiseAnd<I extends Integer>(value: Expr<I> | number | bigint, other: Operand<I>): Column<I>
  /** Bits that either has. `fn.bitwiseOr(6, 3)` is 7. */
  bitwiseOr<I extends Integer>(value: Expr<I> | number | bigint, other: Operand<I>): Column<I>
  /** Bits that one of them has. `fn.bitwiseXor(6, 3)` is 5. */
  bitwiseXor<I extends Integer>(value: Expr<I> | number | bigint, other: Operand<I>): Column<I>
  /** All bits turned. `fn.bitwiseNot(6)` is -7. */
  bitwiseNot<I extends Integer>(value: Expr<I> | number | bigint): Column<I>
  /** Times two to the `bits`. `fn.shiftLeft(3, 2)` is 12n. */
  shiftLeft(value: IntegerOperand, bits: IntegerOperand): Column<Int64>
  /** Divided by two to the `bits`. `fn.shiftRight(12, 2)` is 3n. */
  shiftRight(value: IntegerOperand, bits: IntegerOperand): Column<Int64>
  /** Number of set bits. `fn.bitCount(7)` is 3. */
  bitCount(value: IntegerOperand): Column<Int32>
  /** Binary digits. `fn.bin(5)` is "101". */
  bin(value: IntegerOperand): Column<Utf8>
  /** Hexadecimal digits. `fn.hex(255)` is "FF". */
  hex(value: IntegerOperand): Column<Utf8>
  /** From one number base to another. `fn.conv('ff', 16, 10)` is "255". */
  conv(value: Operand<Utf8>, from: IntegerOperand, to: IntegerOperand): Column<Utf8>
  /** Uniform in [0, 1), new for each row and each run. `fn.rand().between(0, 1)` is true. */
  rand(): Column<Float64>
  /** Standard normal, new for each row and each run. `fn.randn().between(-9, 9)` is true. */
  randn(): Column<Float64>
  /** In lower case. `fn.lower('ÄBC')` is "äbc". */
  lower(value: Operand<Utf8>): Column<Utf8>
  /** In upper case. `fn.upper('äbc')` is "ÄBC". */
  upper(value: Operand<Utf8>): Column<Utf8>
  /** Each word with a capital. `fn.initcap('new york')` is "New York". */
  initcap(value: Operand<Utf8>): Column<Utf8>
  /** In characters (code points). `fn.length('é😀')` is 2. */
  length(value: Operand<Utf8>): Column<Int32>
  /** In bytes of UTF-8. `fn.octetLength('é')` is 2. */
  octetLength(value: Operand<Utf8>): Column<Int32>
  /** In bits of UTF-8. `fn.bitLength('é')` is 16. */
  bitLength(value: Operand<Utf8>): Column<Int32>
  /** Without these characters at both ends. `fn.trim('  a ')` is "a". */
  trim(value: Operand<Utf8>, characters?: Operand<Utf8>): Column<Utf8>
  /** Without these characters at the start. `fn.ltrim('xxa', 'x')` is "a". */
  ltrim(value: Operand<Utf8>, characters?: Operand<Utf8>): Column<Utf8>
  /** Without these characters at the end. `fn.rtrim('axx', 'x')` is "a". */
  rtrim(value: Operand<Utf8>, characters?: Operand<Utf8>): Column<Utf8>
  /** Filled or cut to `length`, at the start. `fn.lpad('7', 3, '0')` is "007". */
  lpad(value: Operand<Utf8>, length: IntegerOperand, pad?: Operand<Utf8>): Column<Utf8>
  /** Filled or cut to `length`, at the end. `fn.rpad('7', 3, '-')` is "7--". */
  rpad(value: Operand<Utf8>, length: IntegerOperand, pad?: Operand<Utf8>): Column<Utf8>
  /** Again and again. `fn.repeat('ab', 2)` is "abab". */
  repeat(value: Operand<Utf8>, count: IntegerOperand): Column<Utf8>
  /** Backwards. `fn.reverse('abc')` is "cba". */
  reverse(value: Operand<Utf8>): Column<Utf8>
  /** One after the other; NULL if one is NULL. `fn.concat('a', 'b', 'c')` is "abc". */
  concat(value: Operand<Utf8>, ...others: readonly (Operand<Utf8>)[]): Column<Utf8>
  /** Joined with the first; NULL parts are left out. `fn.concatWs('-', 'a', lit(null).cast('utf8'), 'b')` is "a-b". */
  concatWs(value: Operand<Utf8>, ...parts: readonly (Operand<Utf8>)[]): Column<Utf8>
  /** `length` characters from position `start`, which is 1 for the first; negative counts from the end. `fn.substring('abcd', 2, 2)` is "bc". */
  substring(value: Operand<Utf8>, start: IntegerOperand, length?: IntegerOperand): Column<Utf8>
  /** Up to the `count`-th delimiter; negative counts from the end. `fn.substringIndex('a.b.c', '.', 2)` is "a.b". */
  substringIndex(value: Operand<Utf8>, delimiter: Operand<Utf8>, count: IntegerOperand): Column<Utf8>
  /** The first characters. `fn.left('abc', 2)` is "ab". */
  left(value: Operand<Utf8>, length: IntegerOperand): Column<Utf8>
  /** The last characters. `fn.right('abc', 2)` is "bc". */
  right(value: Operand<Utf8>, length: IntegerOperand): Column<Utf8>
  /** With `replacement` written over the characters from `start`. `fn.overlay('abcd', 'XX', 2)` is "aXXd". */
  overlay(value: Operand<Utf8>, replacement: Operand<Utf8>, start: IntegerOperand): Column<Utf8>
  /** Every `search` replaced. `fn.replace('aXbX', 'X', '-')` is "a-b-". */
  replace(value: Operand<Utf8>, search: Operand<Utf8>, replacement: Operand<Utf8>): Column<Utf8>
  /** Character by character. `fn.translate('abc', 'ab', 'xy')` is "xyc". */
  translate(value: Operand<Utf8>, from: Operand<Utf8>, to: Operand<Utf8>): Column<Utf8>
  /** Is `part` in it? `fn.contains('abc', 'b')` is true. */
  contains(value: Operand<Utf8>, part: Operand<Utf8>): Column<BooleanType>
  /** Does it start so? `fn.startsWith('abc', 'ab')` is true. */
  startsWith(value: Operand<Utf8>, part: Operand<Utf8>): Column<BooleanType>
  /** Does it end so? `fn.endsWith('abc', 'bc')` is true. */
  endsWith(value: Operand<Utf8>, part: Operand<Utf8>): Column<BooleanType>
  /** SQL pattern: % any characters, _ one, \ escapes. `fn.like('abc', 'a%')` is true. */
  like(value: Operand<Utf8>, pattern: Operand<Utf8>): Column<BooleanType>
  /** `like` without regard to case. `fn.ilike('ABC', 'a_c')` is true. */
  ilike(value: Operand<Utf8>, pattern: Operand<Utf8>): Column<BooleanType>
  /** Is there a match of the regular expression? `fn.rlike('a1', '[0-9]')` is true. */
  rlike(value: Operand<Utf8>, pattern: Operand<Utf8>): Column<BooleanType>
  /** Every match replaced; `$1` is the first group. `fn.regexpReplace('a1b2', '([0-9])', '<$1>')` is "a<1>b<2>". */
  regexpReplace(value: Operand<Utf8>, pattern: Operand<Utf8>, replacement: Operand<Utf8>): Column<Utf8>
  /** A group of the first match, or the empty text. `fn.regexpExtract('id=42', '([a-z]+)=([0-9]+)', 2)` is "42". */
  regexpExtract(value: Operand<Utf8>, pattern: Operand<Utf8>, group?: IntegerOperand): Column<Utf8>
  /** A group of every match. `fn.regexpExtractAll('a1b2', '[a-z]([0-9])')` is ["1", "2"]. */
  regexpExtractAll(value: Operand<Utf8>, pattern: Operand<Utf8>, group?: IntegerOperand): Column<List<Utf8>>
  /** Number of matches. `fn.regexpCount('a1b2', '[0-9]')` is 2. */
  regexpCount(value: Operand<Utf8>, pattern: Operand<Utf8>): Column<Int32>
  /** The first match, or NULL. `fn.regexpSubstr('a12', '[0-9]+')` is "12". */
  regexpSubstr(value: Operand<Utf8>, pattern: Operand<Utf8>): Column<Nullable<Utf8>>
  /** Position of the first match, or 0. `fn.regexpInstr('a12', '[0-9]+')` is 2. */
  regexpInstr(value: Operand<Utf8>, pattern: Operand<Utf8>): Column<Int32>
  /** Cut at every match of the regular expression. `fn.split('a,b', ',')` is ["a", "b"]. */
  split(value: Operand<Utf8>, pattern: Operand<Utf8>): Column<List<Utf8>>
  /** The part `index` (from 1, negative from the end), or the empty text. `fn.splitPart('a.b.c', '.', 2)` is "b". */
  splitPart(value: Operand<Utf8>, delimiter: Operand<Utf8>, index: IntegerOperand): Column<Utf8>
  /** Position of `part`, or 0. `fn.instr('abc', 'c')` is 3. */
  instr(value: Operand<Utf8>, part: Operand<Utf8>): Column<Int32>
  /** Position of the first in the second, or 0. `fn.locate('c', 'abc')` is 3. */
  locate(part: Operand<Utf8>, text: Operand<Utf8>): Column<Int32>
  /** Position in a comma-separated list, or 0. `fn.findInSet('b', 'a,b,c')` is 2. */
  findInSet(value: Operand<Utf8>, list: Operand<Utf8>): Column<Int32>
  /** Edits between the two. `fn.levenshtein('kitten', 'sitting')` is 3. */
  levenshtein(value: Operand<Utf8>, other: Operand<Utf8>): Column<Int32>
  /** Soundex code. `fn.soundex('Robert')` is "R163". */
  soundex(value: Operand<Utf8>): Column<Utf8>
  /** Code point of the first character. `fn.ascii('A')` is 65. */
  ascii(value: Operand<Utf8>): Column<Int32>
  /** The character of an ASCII code. `fn.chr(65)` is "A". */
  chr(value: IntegerOperand): Column<Utf8>
  /** Thousands separated, with so many decimals. `fn.formatNumber(12345.678, 2)` is "12,345.68". */
  formatNumber(value: NumberOperand, digits: IntegerOperand): Column<Utf8>
  /** C's format: %d, %s, %.2f. `fn.printf('%d %s', 7, 'x')` is "7 x". */
  printf(format: Operand<Utf8>, ...values: readonly (Argument)[]): Column<Utf8>
  /** As a form field: a space becomes +. `fn.urlEncode('a b&c')` is "a+b%26c". */
  urlEncode(value: Operand<Utf8>): Column<Utf8>
  /** Back from `urlEncode`. `fn.urlDecode('a+b%26c')` is "a b&c". */
  urlDecode(value: Operand<Utf8>): Column<Utf8>
  /** Its UTF-8 bytes. `fn.encode('A')` is bytes 65. */
  encode(value: Operand<Utf8>): Column<Binary>
  /** Text from UTF-8 bytes. `fn.decode(fn.encode('é'))` is "é". */
  decode(value: Operand<Binary>): Column<Utf8>
  /** Base64 text of bytes. `fn.base64(fn.encode('abc'))` is "YWJj". */
  base64(value: Operand<Binary>): Column<Utf8>
  /** Bytes from base64 text. `fn.decode(fn.unbase64('YWJj'))` is "abc". */
  unbase64(value: Operand<Utf8>): Column<Binary>
  /** Hexadecimal text of bytes. `fn.hexEncode(fn.encode('AZ'))` is "415A". */
  hexEncode(value: Operand<Binary>): Column<Utf8>
  /** Bytes from hexadecimal text. `fn.decode(fn.unhex('415A'))` is "AZ". */
  unhex(value: Operand<Utf8>): Column<Binary>
  /** MD5 in hexadecimal. `fn.md5('abc')` is "900150983cd24fb0d6963f7d28e17f72". */
  md5(value: Operand<Utf8>): Column<Utf8>
  /** SHA-1 in hexadecimal. `fn.sha1('abc')` is "a9993e364706816aba3e25717850c26c9cd0d89d". */
  sha1(value: Operand<Utf8>): Column<Utf8>
  /** SHA-256 in hexadecimal. `fn.sha256('abc')` is "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad". */
  sha256(value: Operand<Utf8>): Column<Utf8>
  /** SHA-512 in hexadecimal. `fn.left(fn.sha512('abc'), 8)` is "ddaf35a1". */
  sha512(value: Operand<Utf8>): Column<Utf8>
  /** CRC-32 of the UTF-8 bytes. `fn.crc32('abc')` is 891568578n. */
  crc32(value: Operand<Utf8>): Column<Int64>
  /** Murmur3 of the values, as Spark partitions by. `fn.hash('abc')` is 1322437556. */
  hash(value: Argument, ...others: readonly (Argument)[]): Column<Int32>
  /** XxHash64 of the values. `fn.xxhash64('abc')` is 1423657621850124518n. */
  xxhash64(value: Argument, ...others: readonly (Argument)[]): Column<Int64>
  /** A random UUID, new for each row and each run. `fn.length(fn.uuid())` is 36. */
  uuid(): Column<Utf8>
  /** The year. `fn.year(lit(new Date('2024-02-29T13:45:06Z')))` is 2024. */
  year(value: Operand<Timestamp>): Column<Int32>
  /** 1 to 4. `fn.quarter(lit(new Date('2024-02-29T13:45:06Z')))` is 1. */
  quarter(value: Operand<Timestamp>): Column<Int32>
  /** 1 to 12. `fn.month(lit(new Date('2024-02-29T13:45:06Z')))` is 2. */
  month(value: Operand<Timestamp>): Column<Int32>
  /** ISO week, 1 to 53. `fn.weekofyear(lit(new Date('2024-02-29T13:45:06Z')))` is 9. */
  weekofyear(value: Operand<Timestamp>): Column<Int32>
  /** Day of the month. `fn.day(lit(new Date('2024-02-29T13:45:06Z')))` is 29. */
  day(value: Operand<Timestamp>): Column<Int32>
  /** Day of the month. `fn.dayofmonth(lit(new Date('2024-02-29T13:45:06Z')))` is 29. */
  dayofmonth(value: Operand<Timestamp>): Column<Int32>
  /** 1 to 366. `fn.dayofyear(lit(new Date('2024-02-29T13:45:06Z')))` is 60. */
  dayofyear(value: Operand<Timestamp>): Column<Int32>
  /** 1 is Sunday. `fn.dayofweek(lit(new Date('2024-02-29T13:45:06Z')))` is 5. */
  dayofweek(value: Operand<Timestamp>): Column<Int32>
  /** 0 is Monday. `fn.weekday(lit(new Date('2024-02-29T13:45:06Z')))` is 3. */
  weekday(value: Operand<Timestamp>): Column<Int32>
  /** 0 to 23. `fn.hour(lit(new Date('2024-02-29T13:45:06Z')))` is 13. */
  hour(value: Operand<Timestamp>): Column<Int32>
  /** 0 to 59. `fn.minute(lit(new Date('2024-02-29T13:45:06Z')))` is 45. */
  minute(value: Operand<Timestamp>): Column<Int32>
  /** 0 to 59. `fn.second(lit(new Date('2024-02-29T13:45:06Z')))` is 6. */
  second(value: Operand<Timestamp>): Column<Int32>
  /** Mon, Tue, ... `fn.dayname(lit(new Date('2024-02-29T13:45:06Z')))` is "Thu". */
  dayname(value: Operand<Timestamp>): Column<Utf8>
  /** Jan, Feb, ... `fn.monthname(lit(new Date('2024-02-29T13:45:06Z')))` is "Feb". */
  monthname(value: Operand<Timestamp>): Column<Utf8>
  /** The last day of the month. `fn.lastDay(lit(new Date('2024-02-29T13:45:06Z')))` is 2024-02-29. */
  lastDay(value: Operand<DateType>): Column<DateType>
  /** The next such day after it: 'Mon', 'Tue', ... `fn.nextDay(lit(new Date('2024-02-29T13:45:06Z')), 'Mon')` is 2024-03-04. */
  nextDay(value: Operand<DateType>, weekday: Operand<Utf8>): Column<DateType>
  /** So many days later. `fn.dateAdd(lit(new Date('2024-02-29T13:45:06Z')), 1)` is 2024-03-01. */
  dateAdd(value: Operand<DateType>, days: IntegerOperand): Column<DateType>
  /** So many days earlier. `fn.dateSub(lit(new Date('2024-02-29T13:45:06Z')), 29)` is 2024-01-31. */
  dateSub(value: Operand<DateType>, days: IntegerOperand): Column<DateType>
  /** Days since `start`. `fn.dateDiff(lit(new Date('2024-02-29T13:45:06Z')), lit(new Date('2024-01-31')))` is 29. */
  dateDiff(value: Operand<DateType>, start: Operand<DateType>): Column<Int32>
  /** So many months later, cut to the month's last day. `fn.addMonths(lit(new Date('2024-01-31')), 1)` is 2024-02-29. */
  addMonths(value: Operand<DateType>, months: IntegerOperand): Column<DateType>
  /** Months since `start`; a month of 31 days for the rest, to 8 digits. `fn.monthsBetween(lit(new Date('2024-03-01')), lit(new Date('2024-01-01')))` is 2. */
  monthsBetween(value: Operand<Timestamp>, start: Operand<Timestamp>): Column<Float64>
  /** `count` units later: 'YEAR', 'MONTH', 'DAY', 'HOUR', 'MINUTE', 'SECOND'. `fn.timestampAdd(lit(new Date('2024-02-29T13:45:06Z')), 'HOUR', 2)` is 2024-02-29T15:45:06.000Z. */
  timestampAdd(value: Operand<Timestamp>, unit: Operand<Utf8>, count: IntegerOperand): Column<Timestamp>
  /** Whole units since `start`. `fn.timestampDiff(lit(new Date('2024-02-29T13:45:06Z')), 'HOUR', lit(new Date('2024-02-29')))` is 13n. */
  timestampDiff(value: Operand<Timestamp>, unit: Operand<Utf8>, start: Operand<Timestamp>): Column<Int64>
  /** The start of its 'year', 'quarter', 'month', 'week', 'day', 'hour', 'minute' or 'second'. `fn.dateTrunc(lit(new Date('2024-02-29T13:45:06Z')), 'month')` is 2024-02-01. */
  dateTrunc<D extends Temporal>(value: Expr<D> | globalThis.Date, unit: Operand<Utf8>): Column<Instant<D>>
  /** The first day of its 'year', 'quarter', 'month' or 'week'. `fn.trunc(lit(new Date('2024-02-29T13:45:06Z')), 'year')` is 2024-01-01. */
  trunc(value: Operand<DateType>, unit: Operand<Utf8>): Column<DateType>
  /** As text by a pattern of Spark's letters. `fn.dateFormat(lit(new Date('2024-02-29T13:45:06Z')), 'yyyy/MM/dd HH:mm')` is "2024/02/29 13:45". */
  dateFormat(value: Operand<Timestamp>, pattern: Operand<Utf8>): Column<Utf8>
  /** A date from text; text of another form is an error. `fn.toDate('29.02.2024', 'dd.MM.yyyy')` is 2024-02-29. */
  toDate(value: Operand<Utf8>, pattern?: Operand<Utf8>): Column<DateType>
  /** A timestamp from text; text of another form is an error. `fn.toTimestamp('2024-02-29 13:45:06')` is 2024-02-29T13:45:06.000Z. */
  toTimestamp(value: Operand<Utf8>, pattern?: Operand<Utf8>): Column<Timestamp>
  /** A date from its parts. `fn.makeDate(2024, 2, 29)` is 2024-02-29. */
  makeDate(year: IntegerOperand, month: IntegerOperand, day: IntegerOperand): Column<DateType>
  /** A timestamp from its parts. `fn.makeTimestamp(2024, 2, 29, 13, 45, 6.5)` is 2024-02-29T13:45:06.500Z. */
  makeTimestamp(year: IntegerOperand, month: IntegerOperand, day: IntegerOperand, hour: IntegerOperand, minute: IntegerOperand, second: NumberOperand): Column<Timestamp>
  /** Today. `fn.currentDate().gt(lit(new Date('2024-01-01')))` is true. */
  currentDate(): Column<DateType>
  /** Now, the same in the whole query. `fn.currentTimestamp().gt(lit(new Date('2024-01-01')))` is true. */
  currentTimestamp(): Column<TimestampTz>
  /** Seconds since 1970. `fn.unixTimestamp(lit(new Date('1970-01-02')))` is 86400n. */
  unixTimestamp(value: Operand<TimestampTz>): Column<Int64>
  /** Milliseconds since 1970. `fn.unixMillis(lit(new Date(5)))` is 5n. */
  unixMillis(value: Operand<TimestampTz>): Column<Int64>
  /** Microseconds since 1970. `fn.unixMicros(lit(new Date(5)))` is 5000n. */
  unixMicros(value: Operand<TimestampTz>): Column<Int64>
  /** Days since 1970. `fn.unixDate(lit(new Date('1970-01-02')))` is 1. */
  unixDate(value: Operand<DateType>): Column<Int32>
  /** The day so many days after 1970-01-01. `fn.dateFromUnixDate(1)` is 1970-01-02. */
  dateFromUnixDate(value: IntegerOperand): Column<DateType>
  /** The instant so many seconds after 1970. `fn.timestampSeconds(86400)` is 1970-01-02. */
  timestampSeconds(value: IntegerOperand): Column<TimestampTz>
  /** The instant so many milliseconds after 1970. `fn.timestampMillis(5)` is 1970-01-01T00:00:00.005Z. */
  timestampMillis(value: IntegerOperand): Column<TimestampTz>
  /** The instant so many microseconds after 1970. `fn.timestampMicros(5000)` is 1970-01-01T00:00:00.005Z. */
  timestampMicros(value: IntegerOperand): Column<TimestampTz>
  /** The clock in `to` when the clock in `from` shows the value. `fn.convertTimezone(lit(new Date('2024-02-29T13:45:06Z')), 'UTC', 'Asia/Tokyo')` is 2024-02-29T22:45:06.000Z. */
  convertTimezone(value: Operand<Timestamp>, from: Operand<Utf8>, to: Operand<Utf8>): Column<Timestamp>
  /** The clock in `zone` when it is the value in UTC. `fn.fromUtcTimestamp(lit(new Date('2024-02-29T13:45:06Z')), 'America/New_York')` is 2024-02-29T08:45:06.000Z. */
  fromUtcTimestamp(value: Operand<Timestamp>, zone: Operand<Utf8>): Column<Timestamp>
  /** The clock in UTC when the clock in `zone` shows the value. `fn.toUtcTimestamp(lit(new Date('2024-02-29T13:45:06Z')), 'Asia/Tokyo')` is 2024-02-29T04:45:06.000Z. */
  toUtcTimestamp(value: Operand<Timestamp>, zone: Operand<Utf8>): Column<Timestamp>
  /** The instant at which the clock in `zone` shows the value. `fn.atTimeZone(lit(new Date('2024-02-29T13:45:06Z')), 'Asia/Tokyo')` is 2024-02-29T04:45:06.000Z. */
  atTimeZone(value: Operand<Timestamp>, zone: Operand<Utf8>): Column<TimestampTz>
  /** What the clock in `zone` shows at the instant. `fn.inTimeZone(lit(new Date('2024-02-29T13:45:06Z')), 'Asia/Tokyo')` is 2024-02-29T22:45:06.000Z. */
  inTimeZone(value: Operand<TimestampTz>, zone: Operand<Utf8>): Column<Timestamp>
  /** A list of the values. `fn.array(1, 2)` is [1, 2]. */
  array<E extends DataType>(value: Expr<E> | LiteralValue, ...others: readonly (Operand<E>)[]): Column<List<E>>
  /** Number of elements. `fn.size(fn.array(3, 1, 2))` is 3. */
  size<E extends DataType>(value: Expr<List<E> | Unknown>): Column<Int32>
  /** The element at `index`, from 0; NULL outside. `fn.get(fn.array(3, 1, 2), 0)` is 3. */
  get<E extends DataType>(value: Expr<List<E> | Unknown>, index: IntegerOperand): Column<Nullable<E>>
  /** The element at `position`, from 1, negative from the end; NULL outside. `fn.elementAt(fn.array(3, 1, 2), -1)` is 2. */
  elementAt<E extends DataType>(value: Expr<List<E> | Unknown>, position: IntegerOperand): Column<Nullable<E>>
  /** Is the element in it? `fn.arrayContains(fn.array(3, 1, 2), 2)` is true. */
  arrayContains<E extends DataType>(value: Expr<List<E> | Unknown>, element: Operand<E>): Column<BooleanType>
  /** Position of the element from 1, or 0. `fn.arrayPosition(fn.array(3, 1, 2), 1)` is 2n. */
  arrayPosition<E extends DataType>(value: Expr<List<E> | Unknown>, element: Operand<E>): Column<Int64>
  /** Each element once, in order of its first place. `fn.arrayDistinct(fn.array(2, 1, 2))` is [2, 1]. */
  arrayDistinct<E extends DataType>(value: Expr<List<E> | Unknown>): Column<List<E>>
  /** Elements of either, each once. `fn.arrayUnion(fn.array(2, 1), fn.array(1, 3))` is [2, 1, 3]. */
  arrayUnion<E extends DataType>(value: Expr<List<E> | Unknown>, other: Expr<List<E> | Unknown>): Column<List<E>>
  /** Elements of both, each once. `fn.arrayIntersect(fn.array(2, 1), fn.array(1, 3))` is [1]. */
  arrayIntersect<E extends DataType>(value: Expr<List<E> | Unknown>, other: Expr<List<E> | Unknown>): Column<List<E>>
  /** Elements of the first only, each once. `fn.arrayExcept(fn.array(2, 1), fn.array(1, 3))` is [2]. */
  arrayExcept<E extends DataType>(value: Expr<List<E> | Unknown>, other: Expr<List<E> | Unknown>): Column<List<E>>
  /** Have they an element in common? `fn.arraysOverlap(fn.array(2, 1), fn.array(1, 3))` is true. */
  arraysOverlap<E extends DataType>(value: Expr<List<E> | Unknown>, other: Expr<List<E> | Unknown>): Column<BooleanType>
  /** One text; NULL elements are left out. `fn.arrayJoin(fn.array('a', 'b'), '-')` is "a-b". */
  arrayJoin(value: Expr<List<Utf8> | Unknown>, separator: Operand<Utf8>): Column<Utf8>
  /** The largest element. `fn.arrayMax(fn.array(3, 1, 2))` is 3. */
  arrayMax<E extends DataType>(value: Expr<List<E> | Unknown>): Column<Nullable<E>>
  /** The smallest element. `fn.arrayMin(fn.array(3, 1, 2))` is 1. */
  arrayMin<E extends DataType>(value: Expr<List<E> | Unknown>): Column<Nullable<E>>
  /** Ascending, NULLs last. `fn.arraySort(fn.array(3, 1, 2))` is [1, 2, 3]. */
  arraySort<E extends DataType>(value: Expr<List<E> | Unknown>): Column<List<E>>
  /** Ascending, NULLs first. `fn.sortArray(fn.array(3, 1, 2))` is [1, 2, 3]. */
  sortArray<E extends DataType>(value: Expr<List<E> | Unknown>): Column<List<E>>
  /** Backwards. `fn.arrayReverse(fn.array(3, 1, 2))` is [2, 1, 3]. */
  arrayReverse<E extends DataType>(value: Expr<List<E> | Unknown>): Column<List<E>>
  /** With one more at the end. `fn.arrayAppend(fn.array(1), 2)` is [1, 2]. */
  arrayAppend<E extends DataType>(value: Expr<List<E> | Unknown>, element: Operand<E>): Column<List<E>>
  /** With one more at the start. `fn.arrayPrepend(fn.array(1), 2)` is [2, 1]. */
  arrayPrepend<E extends DataType>(value: Expr<List<E> | Unknown>, element: Operand<E>): Column<List<E>>
  /** Without the elements equal to it. `fn.arrayRemove(fn.array(1, 2, 1), 1)` is [2]. */
  arrayRemove<E extends DataType>(value: Expr<List<E> | Unknown>, element: Operand<E>): Column<List<E>>
  /** Without NULLs. `fn.arrayCompact(fn.array(lit(null), 1))` is [1]. */
  arrayCompact<E extends DataType>(value: Expr<List<E> | Unknown>): Column<List<E>>
  /** One list after the other. `fn.arrayConcat(fn.array(1), fn.array(2))` is [1, 2]. */
  arrayConcat<E extends DataType>(value: Expr<List<E> | Unknown>, other: Expr<List<E> | Unknown>): Column<List<E>>
  /** The value so many times. `fn.arrayRepeat('a', 2)` is ["a", "a"]. */
  arrayRepeat<E extends DataType>(value: Expr<E> | LiteralValue, count: IntegerOperand): Column<List<E>>
  /** `length` elements from position `start`, from 1. `fn.slice(fn.array(3, 1, 2), 2, 2)` is [1, 2]. */
  slice<E extends DataType>(value: Expr<List<E> | Unknown>, start: IntegerOperand, length: IntegerOperand): Column<List<E>>
  /** The lists in it one after the other. `fn.flatten(fn.array(fn.array(1), fn.array(2)))` is [1, 2]. */
  flatten<E extends DataType>(value: Expr<List<List<E>> | Unknown>): Column<List<E>>
  /** From the value to `stop`, both included. `fn.sequence(1, 3)` is [1, 2, 3]. */
  sequence<I extends Integer>(value: Expr<I> | number | bigint, stop: Operand<I>, step?: Operand<I>): Column<List<I>>
  /** The function of every element. `fn.transform(fn.array(3, 1, 2), x => x.mul(2))` is [6, 2, 4]. */
  transform<E extends DataType, U extends Argument>(value: Expr<List<E> | Unknown>, change: (x: Column<E>) => U): Column<List<TypeOf<U>>>
  /** The elements for which it is true. `fn.filter(fn.array(3, 1, 2), x => x.gt(1))` is [3, 2]. */
  filter<E extends DataType>(value: Expr<List<E> | Unknown>, condition: (x: Column<E>) => Expr<BooleanType | Unknown> | boolean): Column<List<E>>
  /** Is it true for one? `fn.exists(fn.array(3, 1, 2), x => x.gt(2))` is true. */
  exists<E extends DataType>(value: Expr<List<E> | Unknown>, condition: (x: Column<E>) => Expr<BooleanType | Unknown> | boolean): Column<BooleanType>
  /** Is it true for all? `fn.forall(fn.array(3, 1, 2), x => x.gt(2))` is false. */
  forall<E extends DataType>(value: Expr<List<E> | Unknown>, condition: (x: Column<E>) => Expr<BooleanType | Unknown> | boolean): Column<BooleanType>
  /** All elements merged into one value. `fn.reduce(fn.array(3, 1, 2), 0, (sum, x) => sum.add(x))` is 6. */
  reduce<E extends DataType, A extends Argument>(value: Expr<List<E> | Unknown>, initial: A, merge: (x: Column<TypeOf<A>>, y: Column<E>) => A): Column<TypeOf<A>>
  /** The function of each pair. `fn.zipWith(fn.array(1, 2), fn.array(3, 4), (a, b) => a.add(b))` is [4, 6]. */
  zipWith<E extends DataType, G extends DataType, U extends Argument>(value: Expr<List<E> | Unknown>, other: Expr<List<G> | Unknown>, change: (x: Column<E>, y: Column<G>) => U): Column<List<TypeOf<U>>>
  /** A map from its keys and values. `fn.mapFromArrays(fn.array('a', 'b'), fn.array(1, 2))` is { "a" => 1, "b" => 2 }. */
  mapFromArrays<K extends DataType, V extends DataType>(keys: Expr<List<K> | Unknown>, values: Expr<List<V> | Unknown>): Column<MapOf<K, V>>
  /** The keys. `fn.mapKeys(fn.mapFromArrays(fn.array('a', 'b'), fn.array(1, 2)))` is ["a", "b"]. */
  mapKeys<K extends DataType, V extends DataType>(value: Expr<MapOf<K, V> | Unknown>): Column<List<K>>
  /** The values. `fn.mapValues(fn.mapFromArrays(fn.array('a', 'b'), fn.array(1, 2)))` is [1, 2]. */
  mapValues<K extends DataType, V extends DataType>(value: Expr<MapOf<K, V> | Unknown>): Column<List<V>>
  /** Structs of key and value. `fn.mapEntries(fn.mapFromArrays(fn.array('a', 'b'), fn.array(1, 2)))` is [{"key":"a","value":1}, {"key":"b","value":2}]. */
  mapEntries<K extends DataType, V extends DataType>(value: Expr<MapOf<K, V> | Unknown>): Column<List<Struct<{ readonly key: K; readonly value: V }>>>
  /** Number of entries. `fn.cardinality(fn.mapFromArrays(fn.array('a', 'b'), fn.array(1, 2)))` is 2. */
  cardinality<K extends DataType, V extends DataType>(value: Expr<MapOf<K, V> | Unknown>): Column<Int32>
  /** The value of a key, or NULL. `fn.getItem(fn.mapFromArrays(fn.array('a', 'b'), fn.array(1, 2)), 'b')` is 2. */
  getItem<K extends DataType, V extends DataType>(value: Expr<MapOf<K, V> | Unknown>, key: Operand<K>): Column<Nullable<V>>
  /** Has it the key? `fn.mapContainsKey(fn.mapFromArrays(fn.array('a', 'b'), fn.array(1, 2)), 'z')` is false. */
  mapContainsKey<K extends DataType, V extends DataType>(value: Expr<MapOf<K, V> | Unknown>, key: Operand<K>): Column<BooleanType>
  /** The entries of both; the same key in both is an error on Spark. `fn.mapConcat(fn.mapFromArrays(fn.array('a', 'b'), fn.array(1, 2)), fn.mapFromArrays(fn.array('c'), fn.array(3)))` is { "a" => 1, "b" => 2, "c" => 3 }. */
  mapConcat<K extends DataType, V extends DataType>(value: Expr<MapOf<K, V> | Unknown>, other: Expr<MapOf<K, V> | Unknown>): Column<MapOf<K, V>>
  /** The entries for which it is true. `fn.mapFilter(fn.mapFromArrays(fn.array('a', 'b'), fn.array(1, 2)), (k, v) => v.gt(1))` is { "b" => 2 }. */
  mapFilter<K extends DataType, V extends DataType>(value: Expr<MapOf<K, V> | Unknown>, condition: (x: Column<K>, y: Column<V>) => Expr<BooleanType | Unknown> | boolean): Column<MapOf<K, V>>
  /** Each value by the function. `fn.transformValues(fn.mapFromArrays(fn.array('a', 'b'), fn.array(1, 2)), (k, v) => v.mul(2))` is { "a" => 2, "b" => 4 }. */
  transformValues<K extends DataType, V extends DataType, U extends Argument>(value: Expr<MapOf<K, V> | Unknown>, change: (x: Column<K>, y: Column<V>) => U): Column<MapOf<K, TypeOf<U>>>
  /** Each key by the function. `fn.transformKeys(fn.mapFromArrays(fn.array('a', 'b'), fn.array(1, 2)), (k, v) => k.upper())` is { "A" => 1, "B" => 2 }. */
  transformKeys<K extends DataType, V extends DataType, U extends Argument>(value: Expr<MapOf<K, V> | Unknown>, change: (x: Column<K>, y: Column<V>) => U): Column<MapOf<TypeOf<U>, V>>
  /** What a path like `$.a[0]` names in JSON text; NULL when nothing is there. `fn.getJsonObject('{"a":{"b":7}}', '$.a.b')` is "7". */
  getJsonObject(value: Operand<Utf8>, path: Operand<Utf8>): Column<Nullable<Utf8>>
  /** Number of elements of a JSON array; NULL for anything else. `fn.jsonArrayLength('[1, 2]')` is 2. */
  jsonArrayLength(value: Operand<Utf8>): Column<Nullable<Int32>>
  /** Keys of a JSON object; NULL for anything else. `fn.jsonObjectKeys('{"a":1,"b":2}')` is ["a", "b"]. */
  jsonObjectKeys(value: Operand<Utf8>): Column<Nullable<List<Utf8>>>
  /** A struct, list or map as JSON text; a field that is NULL is left out. `fn.toJson(fn.array(3, 1, 2))` is "[3,1,2]". */
  toJson(value: Argument): Column<Utf8>
  /** Values that are not NULL; rows without an argument. `fn.count(f.i)` is 5n. */
  count(value?: Argument): Column<Int64>
  /** Different values. `fn.countDistinct(f.i)` is 4n. */
  countDistinct(value: Argument): Column<Int64>
  /** Rows for which it is true. `fn.countIf(f.b)` is 3n. */
  countIf(value: Operand<BooleanType>): Column<Int64>
  /** Different values, by HyperLogLog. `fn.approxCountDistinct(f.i)` is 4n. */
  approxCountDistinct(value: Argument): Column<Int64>
  /** Int64 for integers (overflow is an error), Float64 for floats, ten more digits for decimals. `fn.sum(f.i)` is 17n. */
  sum<N extends Numeric>(value: Expr<N> | number | bigint): Column<SumOf<N>>
  /** Sum of the different values. `fn.sumDistinct(f.i)` is 15n. */
  sumDistinct<N extends Numeric>(value: Expr<N> | number | bigint): Column<SumOf<N>>
  /** Product of the values. `fn.product(f.i)` is 140. */
  product(value: NumberOperand): Column<Float64>
  /** Arithmetic mean. `fn.mean(f.i)` is 3.4. */
  mean(value: NumberOperand): Column<Float64>
  /** The middle value, interpolated. `fn.median(f.i)` is 2. */
  median(value: NumberOperand): Column<Float64>
  /** Exact, interpolated; `share` is a constant from 0 to 1. `fn.quantile(f.i, 0.5)` is 2. */
  quantile(value: NumberOperand, share: NumberOperand): Column<Float64>
  /** Approximate quantile, in little memory. `fn.approxQuantile(f.i, 1).gte(5)` is true. */
  approxQuantile(value: NumberOperand, share: NumberOperand): Column<Float64>
  /** The value that is there most often. `fn.mode(f.i)` is 2. */
  mode<T extends DataType>(value: Expr<T> | LiteralValue): Column<T>
  /** The smallest. `fn.min(f.i)` is 1. */
  min<T extends DataType>(value: Expr<T> | LiteralValue): Column<T>
  /** The largest. `fn.max(f.i)` is 7. */
  max<T extends DataType>(value: Expr<T> | LiteralValue): Column<T>
  /** The value in the row where `by` is smallest. `fn.minBy(f.t, f.i)` is "b". */
  minBy<T extends DataType>(value: Expr<T> | LiteralValue, by: Argument): Column<T>
  /** The value in the row where `by` is largest. `fn.maxBy(f.t, f.i)` is "a". */
  maxBy<T extends DataType>(value: Expr<T> | LiteralValue, by: Argument): Column<T>
  /** The value of any row of the group, NULL included; in a window the first. `fn.first(f.g)` is "a". */
  first<T extends DataType>(value: Expr<T> | LiteralValue): Column<T>
  /** The value of the last row; without an order which one is not defined. `fn.last(f.g)` is "b". */
  last<T extends DataType>(value: Expr<T> | LiteralValue): Column<T>
  /** Some value. `fn.anyValue(f.one)` is 1. */
  anyValue<T extends DataType>(value: Expr<T> | LiteralValue): Column<T>
  /** Of the sample (n - 1); NULL for one row. `fn.round(fn.stddev(f.i), 6)` is 2.50998. */
  stddev(value: NumberOperand): Column<Float64>
  /** Of the population. `fn.round(fn.stddevPop(f.i), 6)` is 2.244994. */
  stddevPop(value: NumberOperand): Column<Float64>
  /** Of the sample (n - 1); NULL for one row. `fn.round(fn.variance(f.i), 6)` is 6.3. */
  variance(value: NumberOperand): Column<Float64>
  /** Of the population. `fn.round(fn.varPop(f.i), 6)` is 5.04. */
  varPop(value: NumberOperand): Column<Float64>
  /** Of the population, as Spark. `fn.round(fn.skewness(f.i), 6)` is 0.555734. */
  skewness(value: NumberOperand): Column<Float64>
  /** Excess, of the population, as Spark. `fn.round(fn.kurtosis(f.i), 6)` is -1.304233. */
  kurtosis(value: NumberOperand): Column<Float64>
  /** Pearson's correlation. `fn.round(fn.corr(f.i, f.i), 6)` is 1. */
  corr(value: NumberOperand, other: NumberOperand): Column<Float64>
  /** Sample covariance. `fn.round(fn.covarSamp(f.i, f.i), 6)` is 6.3. */
  covarSamp(value: NumberOperand, other: NumberOperand): Column<Float64>
  /** Population covariance. `fn.round(fn.covarPop(f.i, f.i), 6)` is 5.04. */
  covarPop(value: NumberOperand, other: NumberOperand): Column<Float64>
  /** Rows with both values. `fn.regrCount(f.x, f.i)` is 5n. */
  regrCount(y: NumberOperand, x: NumberOperand): Column<Int64>
  /** Slope of the least squares line. `fn.round(fn.regrSlope(f.x, f.i), 6)` is 0.519841. */
  regrSlope(y: NumberOperand, x: NumberOperand): Column<Float64>
  /** Intercept of the least squares line. `fn.round(fn.regrIntercept(f.x, f.i), 6)` is -0.56746. */
  regrIntercept(y: NumberOperand, x: NumberOperand): Column<Float64>
  /** Share of the variance explained. `fn.round(fn.regrR2(f.x, f.i), 6)` is 0.352846. */
  regrR2(y: NumberOperand, x: NumberOperand): Column<Float64>
  /** Mean of x where both are there. `fn.round(fn.regrAvgx(f.x, f.i), 6)` is 3.4. */
  regrAvgx(y: NumberOperand, x: NumberOperand): Column<Float64>
  /** Mean of y where both are there. `fn.round(fn.regrAvgy(f.x, f.i), 6)` is 1.2. */
  regrAvgy(y: NumberOperand, x: NumberOperand): Column<Float64>
  /** Sum of squares of x. `fn.round(fn.regrSxx(f.x, f.i), 6)` is 25.2. */
  regrSxx(y: NumberOperand, x: NumberOperand): Column<Float64>
  /** Sum of squares of y. `fn.round(fn.regrSyy(f.x, f.i), 6)` is 19.3. */
  regrSyy(y: NumberOperand, x: NumberOperand): Column<Float64>
  /** Sum of products. `fn.round(fn.regrSxy(f.x, f.i), 6)` is 13.1. */
  regrSxy(y: NumberOperand, x: NumberOperand): Column<Float64>
  /** True in all rows. `fn.every(f.b)` is false. */
  every(value: Operand<BooleanType>): Column<BooleanType>
  /** True in one row. `fn.some(f.b)` is true. */
  some(value: Operand<BooleanType>): Column<BooleanType>
  /** Bits that all have. `fn.bitAnd(f.i)` is 0. */
  bitAnd<I extends Integer>(value: Expr<I> | number | bigint): Column<I>
  /** Bits that one has. `fn.bitOr(f.i)` is 7. */
  bitOr<I extends Integer>(value: Expr<I> | number | bigint): Column<I>
  /** Bits that an odd number has. `fn.bitXor(f.i)` is 3. */
  bitXor<I extends Integer>(value: Expr<I> | number | bigint): Column<I>
  /** All values, NULLs left out; their order is that of the rows. `fn.arraySort(fn.collectList(f.i))` is [1, 2, 2, 5, 7]. */
  collectList<E extends DataType>(value: Expr<E> | LiteralValue): Column<List<E>>
  /** Each value once, NULLs left out, in no order. `fn.arraySort(fn.collectSet(f.i))` is [1, 2, 5, 7]. */
  collectSet<E extends DataType>(value: Expr<E> | LiteralValue): Column<List<E>>
  /** Texts joined; NULLs are left out. `fn.length(fn.listagg(f.t, '-'))` is 9. */
  listagg(value: Operand<Utf8>, separator: Operand<Utf8>): Column<Utf8>
  /** 1 where a `rollup` or `cube` has summed over the key, else 0. `fn.grouping(f.g)` is 0. */
  grouping(value: Argument): Column<Int32>
  /** 1 for the first row. `fn.rowNumber().over({ orderBy: ['id'] })` is [1, 2, 3, 4, 5, 6]. */
  rowNumber(): Column<Int32>
  /** Place, with gaps after ties. `fn.rank().over({ orderBy: ['g'] })` is [1, 1, 1, 4, 4, 4]. */
  rank(): Column<Int32>
  /** Place, without gaps. `fn.denseRank().over({ orderBy: ['g'] })` is [1, 1, 1, 2, 2, 2]. */
  denseRank(): Column<Int32>
  /** Place from 0 to 1. `fn.percentRank().over({ orderBy: ['id'] })` is [0, 0.2, 0.4, 0.6, 0.8, 1]. */
  percentRank(): Column<Float64>
  /** Share of rows up to this one. `fn.cumeDist().over({ orderBy: ['g'] })` is [0.5, 0.5, 0.5, 1, 1, 1]. */
  cumeDist(): Column<Float64>
  /** Bucket from 1, of nearly equal sizes. `fn.ntile(3).over({ orderBy: ['id'] })` is [1, 1, 2, 2, 3, 3]. */
  ntile(buckets: IntegerOperand): Column<Int32>
  /** The value so many rows before. `fn.lag(f.id).over({ orderBy: ['id'] })` is [null, 1, 2, 3, 4, 5]. */
  lag<T extends DataType>(value: Expr<T> | LiteralValue, offset?: IntegerOperand): Column<Nullable<T>>
  /** The value so many rows after. `fn.lead(f.id, 2).over({ orderBy: ['id'] })` is [3, 4, 5, 6, null, null]. */
  lead<T extends DataType>(value: Expr<T> | LiteralValue, offset?: IntegerOperand): Column<Nullable<T>>
  /** The value in row `position` of the window's frame. `fn.nthValue(f.id, 2).over({ orderBy: ['id'] })` is [null, 2, 2, 2, 2, 2]. */
  nthValue<T extends DataType>(value: Expr<T> | LiteralValue, position: IntegerOperand): Column<Nullable<T>>
}
