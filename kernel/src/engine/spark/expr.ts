// Spark's expression messages by hand: columns, calls, casts, names. Nothing of ours is known here.

import type { MessageInitShape } from "@bufbuild/protobuf"
import {
  Expression_Cast_EvalMode as EvalMode,
  type ExpressionSchema,
} from "./gen/spark/connect/expressions_pb.js"
import { quoteName } from "./types.js"

export type SparkExpr = MessageInitShape<typeof ExpressionSchema>

export function call(name: string, args: readonly SparkExpr[], isDistinct = false): SparkExpr {
  return {
    exprType: { case: "unresolvedFunction", value: { functionName: name, arguments: [...args], isDistinct } },
  }
}

export function castTo(expr: SparkExpr, sqlType: string, isTry = false): SparkExpr {
  const castToType = { case: "typeStr" as const, value: sqlType }
  return { exprType: { case: "cast", value: { expr, castToType, ...(isTry && { evalMode: EvalMode.TRY }) } } }
}

export function columnExpr(name: string, side?: string): SparkExpr {
  const unparsedIdentifier = side === undefined ? quoteName(name) : `${side}.${quoteName(name)}`
  return { exprType: { case: "unresolvedAttribute", value: { unparsedIdentifier } } }
}

export function aliasExpr(expr: SparkExpr, ...name: readonly string[]): SparkExpr {
  return { exprType: { case: "alias", value: { expr, name: [...name] } } }
}

export function textExpr(value: string): SparkExpr {
  return { exprType: { case: "literal", value: { literalType: { case: "string", value } } } }
}

export function numberExpr(value: number): SparkExpr {
  const literalType = Number.isInteger(value)
    ? Math.abs(value) < 2 ** 31
      ? { case: "integer" as const, value }
      : { case: "long" as const, value: BigInt(value) }
    : { case: "double" as const, value }
  return { exprType: { case: "literal", value: { literalType } } }
}

/** NULL without a type. */
export const nothing: SparkExpr = {
  exprType: {
    case: "literal",
    value: { literalType: { case: "null", value: { kind: { case: "null", value: {} } } } },
  },
}
