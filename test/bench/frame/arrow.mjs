// Bytes of an Arrow stream to columns that a cell can use: our decoder (what comes from Spark and Sail) against
// apache-arrow's own reader. Every value of every column is read once in both, because typed arrays are views there and
// cost nothing before that.
import { Table, tableFromIPC, tableToIPC, Utf8, vectorFromArray } from "apache-arrow"
import { interleaved } from "./measure.mjs"

export async function bench({ rounds }) {
  const decoder = await import("../../../kernel/lib/frame/arrow/decode.js")
  for (const [label, table] of Object.entries(tables(500_000))) {
    const bytes = tableToIPC(table, "stream")
    const times = await interleaved(
      {
        ours: () => {
          for (const batch of decoder.decodeBatches(bytes)) Object.values(batch.columns).map(read)
        },
        theirs: () => {
          columnsOf(tableFromIPC(bytes)).map(read)
        },
      },
      2 * rounds,
    )
    const rate = time => `${(bytes.byteLength / 1e3 / time).toFixed(0)} MB/s`
    const ratio = (times.theirs.ms / times.ours.ms).toFixed(1)
    console.log(
      `${label}: ours ${rate(times.ours.ms)}, apache-arrow ${rate(times.theirs.ms)}, ${ratio} times as fast`,
    )
  }
}

/** As a user of apache-arrow would: numbers without NULLs as typed arrays, everything else value by value. */
function columnsOf(table) {
  return table.schema.fields.map((field, i) => {
    const vector = table.getChildAt(i)
    return vector.nullCount > 0 || String(field.type) === "Utf8" ? vector : vector.toArray()
  })
}

/** Something of every value, so that none can be left unread. */
function read(values) {
  let seen = 0
  for (const value of values) if (value !== null) seen += typeof value === "string" ? value.length : 1
  return seen
}

function tables(rows) {
  const numbers = Float64Array.from({ length: rows }, (_, i) => i / 3)
  const whole = BigInt64Array.from({ length: rows }, (_, i) => BigInt(i))
  const words = Array.from({ length: rows }, (_, i) => `customer#${i % 5_000}`)
  const some = Array.from({ length: rows }, (_, i) => (i % 10 === 0 ? null : i))
  return {
    numbers: new Table({ a: vectorFromArray(numbers), b: vectorFromArray(whole) }),
    "text (one column) and numbers with NULLs": new Table({
      a: vectorFromArray(words, new Utf8()),
      b: vectorFromArray(some),
    }),
  }
}
