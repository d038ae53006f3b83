// Result types that a signature cannot spell: the width of arithmetic, of sums and of decimals. Each rule also says what
// the operands are cast to first, so that every engine computes in the same type. Decimals follow Spark's ANSI rules
// (sql/catalyst/.../analysis/DecimalPrecision.scala): exact, at most 38 digits, at least 6 of them kept as decimals.

import { type DataType, isInteger, sameType, typeOf } from "../types.js"

export interface RuleResult {
  readonly type: DataType
  /** What each operand is cast to; absent when they stay. */
  readonly operands?: readonly DataType[]
}
export type Rule = (args: readonly DataType[]) => RuleResult

type Decimal = Extract<DataType, { kind: "decimal" }>
const maxPrecision = 38

export const resultRules = {
  add: arithmetic(({ precision: p1, scale: s1 }, { precision: p2, scale: s2 }) => {
    const scale = Math.max(s1, s2)
    return bounded(Math.max(p1 - s1, p2 - s2) + scale + 1, scale)
  }),
  multiply: arithmetic((a, b) => bounded(a.precision + b.precision + 1, a.scale + b.scale)),
  remainder: arithmetic((a, b) => {
    const scale = Math.max(a.scale, b.scale)
    return bounded(Math.min(a.precision - a.scale, b.precision - b.scale) + scale, scale)
  }),
  /** Int64 for integers, ten digits more for decimals, Float64 otherwise. */
  sum: ([type]) => {
    if (type!.kind === "decimal")
      return { type: decimal(Math.min(maxPrecision, type!.precision + 10), type!.scale) }
    return { type: typeOf(isInteger(type!) ? "int64" : "float64") }
  },
  /** floor and ceil: a whole number. */
  whole: ([type]) =>
    type!.kind === "decimal"
      ? { type: decimal(Math.min(maxPrecision, type!.precision - type!.scale + 1), 0) }
      : { type: typeOf("int64") },
  /** A date becomes a timestamp, the others stay. */
  instant: ([type]) => ({ type: type!.kind === "date" ? typeOf("timestamp") : type! }),
  entries: ([type]) => {
    const { key, value } = type as Extract<DataType, { kind: "map" }>
    const fields = [
      { name: "key", type: key },
      { name: "value", type: value },
    ]
    return { type: { kind: "list", item: { kind: "struct", fields } } }
  },
} as const satisfies Record<string, Rule>

export type RuleName = keyof typeof resultRules

/** Equal types stay, two different integer types give Int64, a decimal and an integer a decimal, else Float64. */
function arithmetic(ofDecimals: (a: Decimal, b: Decimal) => Decimal): Rule {
  return ([a, b]) => {
    if (a!.kind === "decimal" || b!.kind === "decimal") {
      const [x, y] = [asDecimal(a!), asDecimal(b!)]
      if (x === undefined || y === undefined)
        return { type: typeOf("float64"), operands: both(typeOf("float64")) }
      return { type: ofDecimals(x, y), operands: [x, y] }
    }
    if (sameType(a!, b!)) return { type: a! }
    const type = typeOf(isInteger(a!) && isInteger(b!) ? "int64" : "float64")
    return { type, operands: both(type) }
  }
}

const both = (type: DataType) => [type, type]

const integerDigits: Partial<Record<DataType["kind"], number>> = {
  int8: 3,
  uint8: 3,
  int16: 5,
  uint16: 5,
  int32: 10,
  uint32: 10,
  int64: 20,
  uint64: 20,
}

/** The decimal that holds every value of an integer type; undefined for floats. */
export function asDecimal(type: DataType): Decimal | undefined {
  if (type.kind === "decimal") return type
  const digits = integerDigits[type.kind]
  return digits === undefined ? undefined : decimal(digits, 0)
}

/** The smallest decimal that holds every value of both. */
export function widerDecimal(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale)
  return bounded(Math.max(a.precision - a.scale, b.precision - b.scale) + scale, scale)
}

/** Beyond 38 digits the whole part is kept and the scale gives way, down to six. */
function bounded(precision: number, scale: number): Decimal {
  if (precision <= maxPrecision) return decimal(precision, scale)
  const whole = precision - scale
  return decimal(maxPrecision, Math.max(maxPrecision - whole, Math.min(scale, 6)))
}

function decimal(precision: number, scale: number): Decimal {
  return { kind: "decimal", precision, scale }
}
