// Batches of a wanted number of rows from batches as they come. Whole batches pass through untouched.

import type { ColumnBatch, ColumnData } from "../../../frame/ColumnBatch.js"

export async function* rebatch(
  source: AsyncIterable<ColumnBatch>,
  rows: number,
): AsyncGenerator<ColumnBatch> {
  let waiting: ColumnBatch[] = []
  let held = 0
  for await (const batch of source) {
    let rest = batch
    while (held + rest.rows >= rows) {
      const taken = rows - held
      yield joined([...waiting, slice(rest, 0, taken)])
      rest = slice(rest, taken, rest.rows)
      ;[waiting, held] = [[], 0]
    }
    if (rest.rows > 0) {
      waiting.push(rest)
      held += rest.rows
    }
  }
  if (held > 0) yield joined(waiting)
}

function slice(batch: ColumnBatch, start: number, end: number): ColumnBatch {
  if (start === 0 && end === batch.rows) return batch
  const cut = <T extends ColumnData>(data: T) =>
    (Array.isArray(data) ? data.slice(start, end) : subarray(data, start, end)) as T
  return { rows: end - start, columns: mapped(batch.columns, cut), valid: mapped(batch.valid, cut) }
}

function subarray(data: ColumnData, start: number, end: number): ColumnData {
  return (data as Float64Array).subarray(start, end)
}

function joined(batches: readonly ColumnBatch[]): ColumnBatch {
  const whole = batches.filter(batch => batch.rows > 0)
  if (whole.length === 1) return whole[0]!
  const first = whole[0] ?? batches[0]!
  const rows = whole.reduce((sum, batch) => sum + batch.rows, 0)
  const names = new Set(whole.flatMap(batch => Object.keys(batch.valid)))
  const valid = [...names].map(name => {
    const parts = whole.map(batch => batch.valid[name] ?? new Uint8Array(batch.rows).fill(1))
    return [name, concat(parts, rows) as Uint8Array] as const
  })
  const columns = Object.keys(first.columns).map(
    name =>
      [
        name,
        concat(
          whole.map(batch => batch.columns[name]!),
          rows,
        ),
      ] as const,
  )
  return { rows, columns: Object.fromEntries(columns), valid: Object.fromEntries(valid) }
}

function concat(parts: readonly ColumnData[], rows: number): ColumnData {
  const first = parts[0]!
  if (Array.isArray(first)) return parts.flatMap(part => part as unknown[])
  const made = new (first.constructor as new (length: number) => Float64Array)(rows)
  let at = 0
  for (const part of parts) {
    made.set(part as Float64Array, at)
    at += part.length
  }
  return made
}

function mapped<T>(record: Readonly<Record<string, T>>, change: (value: T) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]))
}
