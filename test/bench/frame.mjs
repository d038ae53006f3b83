// Figures of the frames, in one run and side by side: our chain against raw SQL in the same DuckDB on TPC-H, peers in
// Python on the same Parquet, Arrow decoding, a group-by that has to spill, the event loop while a query runs.
// `npm run bench:frame`, after a build, alone on the machine. Options: --sf 1 (scale factor), --rounds 5, and the names of
// parts: chain, peers, arrow, spill, loop, flights.
import { parseArgs } from "node:util"

const { values, positionals } = parseArgs({
  options: { sf: { type: "string", default: "1" }, rounds: { type: "string", default: "5" } },
  allowPositionals: true,
})
const options = { scaleFactor: Number(values.sf), rounds: Number(values.rounds) }
const parts = ["chain", "peers", "arrow", "spill", "loop", "flights"]
for (const part of positionals.length > 0 ? positionals : parts) {
  console.log(`\n--- ${part}`)
  const { bench } = await import(`./frame/${part}.mjs`)
  await bench(options)
}
