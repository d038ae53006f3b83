// Our types as Arrow's. Every column and every value inside may be NULL, but for a map's keys.

import * as arrow from "apache-arrow"
import { fail } from "../../errors.js"
import type { DataType, Field, MapOf, Struct } from "../types.js"

export function arrowSchema(fields: readonly Field[]): arrow.Schema {
  return new arrow.Schema(fields.map(field => arrowField(field)))
}

/** A map is a list of these. */
export function entryType({ key, value }: MapOf): Struct {
  return {
    kind: "struct",
    fields: [
      { name: "key", type: key },
      { name: "value", type: value },
    ],
  }
}

function arrowField({ name, type }: Field, nullable = true): arrow.Field {
  return new arrow.Field(name, arrowType(type, name), nullable)
}

function arrowType(type: DataType, name: string): arrow.DataType {
  switch (type.kind) {
    case "boolean":
      return new arrow.Bool()
    case "float32":
      return new arrow.Float32()
    case "float64":
      return new arrow.Float64()
    case "utf8":
      return new arrow.Utf8()
    case "date":
      return new arrow.DateDay()
    case "timestamp":
      return new arrow.TimestampMicrosecond()
    case "timestamptz":
      return new arrow.TimestampMicrosecond("UTC")
    case "decimal":
      return new arrow.Decimal(type.scale, type.precision, 128)
    case "binary":
      return new arrow.Binary()
    case "list":
      return new arrow.List(arrowField({ name: "item", type: type.item }))
    case "struct":
      return new arrow.Struct(type.fields.map(field => arrowField(field)))
    case "map": {
      const [key, value] = entryType(type).fields
      const entries = new arrow.Struct([arrowField(key!, false), arrowField(value!)])
      return new arrow.Map_(new arrow.Field("entries", entries, false) as never)
    }
    case "unknown":
      throw fail("TYPE_MISMATCH", {
        operation: "arrow",
        problem: `column \`${name}\` has no known type`,
        fix: "Cast it to a type, or drop it.",
      })
    default: {
      const [, sign, bits] = /^(u?)int(\d+)$/.exec(type.kind)!
      return new arrow.Int(sign === "", Number(bits) as 8)
    }
  }
}
