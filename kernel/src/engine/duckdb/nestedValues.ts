// DuckDB's values of lists, structs, maps, decimals and blobs as the JavaScript values that `collect` promises. Numbers in
// typed arrays never come here (columns.ts).

import type { DataType } from "../../frame/types.js"

interface Native {
  readonly items?: readonly unknown[]
  readonly entries?: Readonly<Record<string, unknown>> | readonly { key: unknown; value: unknown }[]
  readonly bytes?: Uint8Array
  readonly days?: number
  readonly micros?: bigint
}

export function fromNative(value: unknown, type: DataType): unknown {
  if (value === null || value === undefined) return null
  const native = value as Native
  switch (type.kind) {
    case "list":
      return native.items!.map(item => fromNative(item, type.item))
    case "struct": {
      const entries = native.entries as Readonly<Record<string, unknown>>
      return Object.fromEntries(
        type.fields.map(field => [field.name, fromNative(entries[field.name], field.type)]),
      )
    }
    case "map": {
      const entries = native.entries as readonly { key: unknown; value: unknown }[]
      return new Map(
        entries.map(({ key, value: of }) => [fromNative(key, type.key), fromNative(of, type.value)]),
      )
    }
    case "decimal":
      return String(value)
    case "binary":
      return native.bytes
    case "date":
      return new Date(native.days! * 86_400_000)
    case "timestamp":
    case "timestamptz":
      return new Date(Number(native.micros! / 1000n))
    default:
      return value
  }
}
