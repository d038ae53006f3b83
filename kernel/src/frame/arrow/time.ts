// Arrow's dates to days and its timestamps to microseconds since the epoch, whatever unit they come in.

import { type Data, type Date_, DateUnit, type Timestamp, TimeUnit } from "apache-arrow"

const dayMs = 86_400_000n

export function days(data: Data): Int32Array {
  if ((data.type as Date_).unit === DateUnit.DAY) return (data.values as Int32Array).subarray(0, data.length)
  const ms = data.values as BigInt64Array
  return Int32Array.from({ length: data.length }, (_, row) => Number(ms[row]! / dayMs))
}

export function microseconds(data: Data): BigInt64Array {
  const values = (data.values as BigInt64Array).subarray(0, data.length)
  const convert = inMicroseconds((data.type as Timestamp).unit)
  return convert === undefined ? values : values.map(convert)
}

/** Undefined for microseconds, which need nothing. */
export function inMicroseconds(unit: TimeUnit): ((value: bigint) => bigint) | undefined {
  switch (unit) {
    case TimeUnit.SECOND:
      return value => value * 1_000_000n
    case TimeUnit.MILLISECOND:
      return value => value * 1_000n
    case TimeUnit.MICROSECOND:
      return undefined
    case TimeUnit.NANOSECOND:
      return value => value / 1_000n
  }
  return unit satisfies never
}
