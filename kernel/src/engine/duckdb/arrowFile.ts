// Batches of a frame as an Arrow IPC file (Feather version 2), one record batch at a time.

import { createWriteStream } from "node:fs"
import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import type { ColumnBatch } from "../../frame/ColumnBatch.js"
import type { Field } from "../../frame/types.js"

/** Gives the rows written. */
export async function writeArrowFile(
  file: string,
  fields: readonly Field[],
  batches: AsyncIterable<ColumnBatch>,
): Promise<number> {
  const [{ RecordBatchFileWriter }, { arrowSchema }, { encodeBatch }] = await Promise.all([
    import("apache-arrow"),
    import("../../frame/arrow/schema.js"),
    import("../../frame/arrow/encode.js"),
  ])
  const schema = arrowSchema(fields)
  const writer = new RecordBatchFileWriter()
  const writing = pipeline(Readable.from(writer), createWriteStream(file))
  let rows = 0
  try {
    writer.reset(undefined, schema)
    for await (const batch of batches) {
      rows += batch.rows
      writer.write(encodeBatch(batch, fields, schema))
    }
    writer.finish()
  } finally {
    writer.close()
  }
  await writing
  return rows
}
