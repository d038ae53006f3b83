// Constants to Spark's literals: values travel as values, never as SQL text.

import type { MessageInitShape } from "@bufbuild/protobuf"
import type { Literal } from "../../frame/ExprNode.js"
import type { Expression_LiteralSchema } from "./gen/spark/connect/expressions_pb.js"
import { sparkType } from "./types.js"

export type SparkLiteral = MessageInitShape<typeof Expression_LiteralSchema>
type Value = NonNullable<SparkLiteral["literalType"]>

export function sparkLiteral({ type, value }: Literal): SparkLiteral {
  return { literalType: value === null ? { case: "null", value: sparkType(type) } : typedValue(type, value) }
}

function typedValue(type: Literal["type"], value: string | number | boolean): Value {
  switch (type.kind) {
    case "boolean":
      return { case: "boolean", value: Boolean(value) }
    case "int8":
      return { case: "byte", value: Number(value) }
    case "int16":
      return { case: "short", value: Number(value) }
    case "int32":
      return { case: "integer", value: Number(value) }
    case "int64":
      return { case: "long", value: BigInt(String(value)) }
    case "float32":
      return { case: "float", value: Number(value) }
    case "float64":
      return { case: "double", value: Number(value) }
    case "decimal":
      return {
        case: "decimal",
        value: { value: String(value), precision: type.precision, scale: type.scale },
      }
    case "utf8":
      return { case: "string", value: String(value) }
    case "binary":
      return { case: "binary", value: Buffer.from(String(value), "base64") }
    case "date":
      return { case: "date", value: Number(value) }
    case "timestamp":
      return { case: "timestampNtz", value: BigInt(String(value)) }
    case "timestamptz":
      return { case: "timestamp", value: BigInt(String(value)) }
    default:
      // Spark has no such type; naming it gives the error that says so.
      return { case: "null", value: sparkType(type) }
  }
}
