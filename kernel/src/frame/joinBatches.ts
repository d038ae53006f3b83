// Several batches as one, and a stream of batches cut anew. Copies; for where the size of a batch has a meaning.

import type { ColumnBatch, ColumnData } from "./ColumnBatch.js"

export function joinBatches(batches: readonly ColumnBatch[]): ColumnBatch {
  if (batches.length === 1) return batches[0]!
  const rows = batches.reduce((sum, batch) => sum + batch.rows, 0)
  const columns: Record<string, ColumnData> = Object.create(null)
  const valid: Record<string, Uint8Array> = Object.create(null)
  for (const name of Object.keys(batches[0]!.columns)) {
    columns[name] = joined(
      batches.map(batch => batch.columns[name]!),
      rows,
    )
    if (batches.some(batch => batch.valid[name] !== undefined)) valid[name] = joinedMasks(batches, name, rows)
  }
  return { rows, columns, valid }
}

function joined(parts: readonly ColumnData[], rows: number): ColumnData {
  const first = parts[0]!
  if (!ArrayBuffer.isView(first)) return joinedArrays(parts as readonly (readonly unknown[])[], rows)
  const all = new (first.constructor as new (length: number) => Float64Array)(rows)
  let at = 0
  for (const part of parts) {
    all.set(part as never, at)
    at += part.length
  }
  return all
}

/** By hand: `flat` looks at every value, and so does `concat` once a library has made something spreadable, as Arrow does. */
function joinedArrays(parts: readonly (readonly unknown[])[], rows: number): unknown[] {
  const all = new Array<unknown>(rows)
  let at = 0
  for (const part of parts) for (let i = 0; i < part.length; i++) all[at++] = part[i]
  return all
}

function joinedMasks(batches: readonly ColumnBatch[], name: string, rows: number): Uint8Array {
  const mask = new Uint8Array(rows).fill(1)
  let at = 0
  for (const batch of batches) {
    const part = batch.valid[name]
    if (part !== undefined) mask.set(part, at)
    at += batch.rows
  }
  return mask
}

export function sliceBatch({ columns, valid }: ColumnBatch, start: number, end: number): ColumnBatch {
  const cut = <A extends ColumnData>(arrays: Readonly<Record<string, A>>): Record<string, A> => {
    const made: Record<string, A> = Object.create(null)
    for (const [name, array] of Object.entries(arrays)) {
      made[name] = (
        ArrayBuffer.isView(array)
          ? (array as Uint8Array).subarray(start, end)
          : (array as readonly unknown[]).slice(start, end)
      ) as A
    }
    return made
  }
  return { rows: end - start, columns: cut(columns), valid: cut(valid) }
}

/** The same rows in batches of `size`; the last may be shorter. */
export async function* rebatch(
  batches: AsyncIterable<ColumnBatch>,
  size: number,
): AsyncGenerator<ColumnBatch> {
  let waiting: ColumnBatch[] = []
  let rows = 0
  for await (const batch of batches) {
    for (let start = 0; start < batch.rows; ) {
      const end = Math.min(batch.rows, start + size - rows)
      waiting.push(start === 0 && end === batch.rows ? batch : sliceBatch(batch, start, end))
      rows += end - start
      start = end
      if (rows < size) continue
      yield joinBatches(waiting)
      ;[waiting, rows] = [[], 0]
    }
  }
  if (rows > 0) yield joinBatches(waiting)
}
