// Figures of the frames, in one run and side by side: our chain against raw SQL in the same DuckDB on TPC-H, peers in
// Python on the same Parquet, Arrow decoding, a group-by that has to spill, the event loop while a query runs. It says what
// machine it ran on, how busy that was, and the versions.
// `npm run bench:frame`, after a build, alone on the machine. Options: --sf 1 (scale factor), --rounds 5, and the names of
// parts: chain, peers, arrow, spill, loop, flights.
import { cpus, loadavg, totalmem } from "node:os"
import { parseArgs } from "node:util"
import { version } from "@duckdb/node-api"

const { values, positionals } = parseArgs({
  options: { sf: { type: "string", default: "1" }, rounds: { type: "string", default: "5" } },
  allowPositionals: true,
})
const options = { scaleFactor: Number(values.sf), rounds: Number(values.rounds) }
const parts = ["chain", "peers", "arrow", "spill", "loop", "flights"]
const gibibytes = (totalmem() / 2 ** 30).toFixed(0)
console.log(
  `${cpus().length} cores (${cpus()[0].model}), ${gibibytes} GiB, Node ${process.version}, DuckDB ${version()}`,
)
for (const part of positionals.length > 0 ? positionals : parts) {
  console.log(`\n--- ${part} (load of the machine when it began: ${loadavg()[0].toFixed(1)})`)
  const { bench } = await import(`./frame/${part}.mjs`)
  await bench(options)
}
