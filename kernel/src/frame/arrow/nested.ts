// One value at a time from an Arrow column, for what has no typed array: the values inside lists, structs and maps, and
// bytes. They come as `collect` gives them: bigint, Date, exact decimal text, array, plain object, Map; NULL is null.

import { type Data, type FixedSizeList, type Struct, type Timestamp, Type, Vector } from "apache-arrow"
import { decimalReader } from "./decimal.js"
import { inMicroseconds } from "./time.js"

export type ValueReader = (row: number) => unknown

export function reader(data: Data): ValueReader {
  const read = valueReader(data)
  if (data.type.typeId === Type.Null) return () => null
  return data.nullCount === 0 ? read : row => (data.getValid(row) ? read(row) : null)
}

function valueReader(data: Data): ValueReader {
  const values = data.values
  switch (data.type.typeId) {
    case Type.Int:
    case Type.Float:
      return row => values[row]
    case Type.Timestamp: {
      const convert = inMicroseconds((data.type as Timestamp).unit) ?? same
      return row => new Date(Number(convert(values[row]) / 1000n))
    }
    case Type.Decimal:
      return decimalReader(data)
    case Type.List:
    case Type.LargeList:
      return listReader(data)
    case Type.FixedSizeList: {
      const { listSize } = data.type as FixedSizeList
      return sliceReader(data.children[0]!, row => [row * listSize, (row + 1) * listSize])
    }
    case Type.Struct:
      return structReader(data)
    case Type.Map:
      return mapReader(data)
    default: {
      // Text, bytes, booleans, dates and the rare rest: Arrow's own reader knows their layouts.
      const vector = new Vector([data])
      return data.type.typeId === Type.Date ? row => new Date(vector.get(row)) : row => vector.get(row)
    }
  }
}

const same = (value: bigint) => value

function listReader(data: Data): ValueReader {
  const offsets = data.valueOffsets
  return sliceReader(data.children[0]!, row => [Number(offsets[row]), Number(offsets[row + 1])])
}

function sliceReader(child: Data, range: (row: number) => readonly [number, number]): ValueReader {
  const read = reader(child)
  return row => {
    const [start, end] = range(row)
    return Array.from({ length: end - start }, (_, i) => read(start + i))
  }
}

function structReader(data: Data): ValueReader {
  const { children } = data.type as Struct
  const fields = children.map(({ name }, i) => [name, reader(data.children[i]!)] as const)
  return row => Object.fromEntries(fields.map(([name, read]) => [name, read(row)]))
}

function mapReader(data: Data): ValueReader {
  const [keys, values] = data.children[0]!.children.map(reader)
  const offsets = data.valueOffsets
  return row => {
    const map = new Map<unknown, unknown>()
    for (let i = Number(offsets[row]); i < Number(offsets[row + 1]); i++) map.set(keys!(i), values!(i))
    return map
  }
}
