// Three million flights on the laptop: plan against raw SQL, rows a second through batches, cancelling.
import { resolve } from "node:path"
import { DuckDBInstance } from "@duckdb/node-api"
import { duckdbEngine } from "../../../kernel/lib/engine/duckdb/DuckdbEngine.js"
import { count, desc, mean } from "../../../kernel/lib/frame/free.js"
import { createReader } from "../../../kernel/lib/frame/reader.js"
import { interleaved, median, ms } from "./measure.mjs"

const file = resolve(import.meta.dirname, "../../../node_modules/vega-datasets/data/flights-3m.parquet")

export async function bench({ rounds }) {
  const engine = duckdbEngine()
  const flights = await createReader(engine).parquet(file)
  await groupBy(flights, rounds)
  await batches(flights)
  await cancelling(flights, engine)
  await engine.close()
}

async function groupBy(flights, rounds) {
  const raw = await (await DuckDBInstance.create()).connect()
  const text = `select origin, count(*) as flights, avg(delay) as minutes, quantile_cont(delay, 0.95) as p95
  from read_parquet('${file}') where delay > 15 group by origin order by minutes desc`
  const late = () =>
    flights
      .filter(f => f.delay.gt(15))
      .groupBy("origin")
      .agg(f => ({ flights: count(), minutes: mean(f.delay), p95: f.delay.quantile(0.95) }))
      .sort(desc("minutes"))
  const times = await interleaved(
    {
      plan: async () => void (await late().collect()),
      raw: async () => void (await raw.runAndReadAll(text)).getRowObjectsJS(),
    },
    3 * rounds,
  )
  const ratio = (times.plan.ms / times.raw.ms).toFixed(2)
  console.log(
    `group-by, 3,000,000 rows: plan ${times.plan.ms.toFixed(1)} ms, raw SQL ${times.raw.ms.toFixed(1)} ms, ratio ${ratio}`,
  )
}

async function batches(flights) {
  for (const [label, frame] of [
    ["delay, distance as int64", flights.select("delay", "distance")],
    ["delay, distance as float32", flights.numbers("delay", "distance")],
    ["all five columns (two of text)", flights],
  ]) {
    let rows = 0
    const spent = await ms(async () => {
      for await (const batch of frame.batches(65_536)) rows += batch.rows
    })
    console.log(`batches, ${label}: ${(rows / spent / 1000).toFixed(1)} million rows/s`)
  }
}

async function cancelling(flights, engine) {
  const self = flights
    .join(flights, { on: "distance" })
    .agg(f => ({ n: f.delay.sub(f.delay_right).stddev() }))
  const cancelled = []
  for (let i = 0; i < 5; i++) {
    const running = self.collect().then(
      () => "finished before it was cancelled",
      error => error.code,
    )
    await new Promise(done => setTimeout(done, 300))
    cancelled.push(
      await ms(async () => {
        engine.cancel()
        const code = await running
        if (code !== "QUERY_CANCELLED") console.log(`  not cancelled: ${code}`)
      }),
    )
  }
  console.log(`cancel of a running join: ${median(cancelled).toFixed(0)} ms`)
}
