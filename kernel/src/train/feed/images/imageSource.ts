// A source whose column of images (bytes or paths) comes out as lists of pixels, so that rows are made of it as of any list.
// Decoded anew each time it is read: what fits stays on the device anyway.

import { fail } from "../../../errors.js"
import type { BatchSource, SourceBatch } from "../BatchSource.js"
import { imageDecoder } from "./ImageDecoder.js"
import type { ImageShape } from "./ImageOptions.js"

/** Decoded images of a part stay under this. */
const partBytes = 32 << 20

/** `where` is what the user called. With `blank`, nothing is decoded: for whoever only wants to know the columns. */
export function imageSource(
  source: BatchSource,
  shape: ImageShape,
  { where, blank = false }: { where: string; blank?: boolean },
): BatchSource {
  const size = shape.height * shape.width * shape.channels
  const most = Math.max(1, Math.floor(partBytes / size))
  const nothing = new Uint8Array(size)
  return {
    ...(source.parts && {
      parts: async () => (await source.parts!()).map(part => imageSource(part, shape, { where, blank })),
    }),
    async *batches(rows = 65_536) {
      let from = 0
      for await (const batch of source.batches(Math.min(rows, most))) {
        const column = batch.columns[shape.column]
        // A name that is wrong is said by whoever makes rows, with the columns that there are.
        if (column === undefined) yield batch
        else if (blank)
          yield withColumn(
            batch,
            shape.column,
            Array.from(column, value => value && nothing),
          )
        else yield withColumn(batch, shape.column, await pixelsOf(batch, shape, { where, from, size }))
        from += batch.rows
      }
    },
  }
}

function withColumn(batch: SourceBatch, name: string, values: readonly unknown[]): SourceBatch {
  return { ...batch, columns: { ...batch.columns, [name]: values } }
}

async function pixelsOf(
  batch: SourceBatch,
  shape: ImageShape,
  { where, from, size }: { where: string; from: number; size: number },
): Promise<unknown[]> {
  const column = batch.columns[shape.column]!
  const valid = batch.valid?.[shape.column]
  const places: number[] = []
  const images: (Uint8Array | string)[] = []
  for (let row = 0; row < batch.rows; row++) {
    const value = column[row]
    if (valid?.[row] === 0 || value === null || value === undefined) continue
    if (!(value instanceof Uint8Array) && typeof value !== "string")
      throw bad(where, shape, from + row, `it is a ${typeof value}, not bytes and no path`)
    places.push(row)
    images.push(value)
  }
  const parts = await imageDecoder.decode(images, shape, (index, problem) =>
    bad(where, shape, from + places[index]!, problem),
  )
  const out: unknown[] = new Array(batch.rows).fill(null)
  let at = 0
  for (const pixels of parts)
    for (let i = 0; i < pixels.length; i += size) out[places[at++]!] = pixels.subarray(i, i + size)
  return out
}

function bad(where: string, { column }: ImageShape, row: number, problem: string): Error {
  return fail("IMAGE_FAILED", { where, row, name: column, problem })
}
