// Constants that a user wrote in code take the type of what they meet, when they fit it without loss: 15 beside an Int16
// column is an Int16, 0.05 beside a Decimal is the decimal 0.05, a Date at midnight beside a Date column is a day.

import type { Literal } from "./ExprNode.js"
import { type DataType, typeOf } from "./types.js"
import type { Typed } from "./typing.js"

/** Gives open constants the type `model`, or that of the first argument that is none. */
export function settle(args: readonly Typed[], model?: DataType): readonly Typed[] {
  const type = model ?? args.find(arg => !isOpen(arg))?.type
  if (type === undefined) return args
  return args.map(arg => (arg.node.op === "literal" ? retype(arg.node, type) : arg))
}

const isOpen = ({ node }: Typed) => node.op === "literal" && node.open === true

const ranges: Partial<Record<DataType["kind"], readonly [bigint, bigint]>> = {
  int8: [-128n, 127n],
  int16: [-32768n, 32767n],
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint8: [0n, 255n],
  uint16: [0n, 65535n],
  uint32: [0n, 2n ** 32n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
}

function retype(node: Literal, to: DataType): Typed {
  if (node.value === null) return literalAs({ ...node, type: to })
  if (!node.open) return literalAs(node)
  if (node.type.kind === "timestamp") return retypeTime(node, to)
  if (to.kind === "float32" || to.kind === "float64")
    return literalAs({ ...node, type: to, value: jsonNumber(Number(node.value)) })
  if (to.kind === "decimal") return literalAs(asDecimalLiteral(node))
  const range = ranges[to.kind]
  if (range === undefined || node.type.kind === "float64") return literalAs(node)
  const value = BigInt(node.value as string | number)
  if (value < range[0] || value > range[1]) return literalAs(node)
  const wide = to.kind === "int64" || to.kind === "uint64"
  return literalAs({ ...node, type: to, value: wide ? String(value) : Number(value) })
}

/** NaN and the infinities as text: JSON would make NULL of them. */
const jsonNumber = (value: number) => (Number.isFinite(value) ? value : String(value))

const dayMicros = 86_400_000_000n

function retypeTime(node: Literal, to: DataType): Typed {
  const micros = BigInt(node.value as string)
  if (to.kind === "timestamptz") return literalAs({ ...node, type: to })
  if (to.kind === "date" && micros % dayMicros === 0n)
    return literalAs({ ...node, type: to, value: String(micros / dayMicros) })
  return literalAs(node)
}

/** With exactly the digits that were written; a number that JavaScript prints with an exponent stays as it is. */
function asDecimalLiteral(node: Literal): Literal {
  const text = String(node.value)
  const found = /^-?(\d+)(?:\.(\d+))?$/.exec(text)
  if (found === null) return node
  const [whole, fraction = ""] = [found[1]!.replace(/^0+/, ""), found[2]]
  const precision = Math.max(1, whole.length + fraction.length)
  if (precision > 38) return node
  return { ...node, type: { kind: "decimal", precision, scale: fraction.length }, value: text }
}

function literalAs(node: Literal): Typed {
  return { node, type: node.type ?? typeOf("int32"), nullable: node.value === null }
}
