// Figures of the frames: plan against raw SQL on three million flights, rows a second through batches, time to build a
// plan and its SQL, cancelling. Run after a build: `node test/bench/frames.mjs`.
import { resolve } from "node:path"
import { DuckDBInstance } from "@duckdb/node-api"
import { duckdbEngine } from "../../kernel/lib/engine/duckdb/DuckdbEngine.js"
import { planSql } from "../../kernel/lib/engine/duckdb/planSql.js"
import { count, desc, mean } from "../../kernel/lib/frame/free.js"
import { createReader } from "../../kernel/lib/frame/reader.js"

const file = resolve(import.meta.dirname, "../../node_modules/vega-datasets/data/flights-3m.parquet")
const engine = duckdbEngine()
const flights = await createReader(engine).parquet(file)
const raw = await (await DuckDBInstance.create()).connect()
const text = `select origin, count(*) as flights, avg(delay) as minutes, quantile_cont(delay, 0.95) as p95
  from read_parquet('${file}') where delay > 15 group by origin order by minutes desc`
const late = () =>
  flights
    .filter(f => f.delay.gt(15))
    .groupBy("origin")
    .agg(f => ({ flights: count(), minutes: mean(f.delay), p95: f.delay.quantile(0.95) }))
    .sort(desc("minutes"))

const times = { plan: [], raw: [] }
for (let i = 0; i < 15; i++) {
  times.plan.push(await ms(() => late().collect()))
  times.raw.push(await ms(async () => (await raw.runAndReadAll(text)).getRowObjectsJS()))
}
const [plan, sql] = [median(times.plan), median(times.raw)]
console.log(
  `group-by, 3,000,000 rows: plan ${plan.toFixed(1)} ms, raw SQL ${sql.toFixed(1)} ms, ratio ${(plan / sql).toFixed(2)}`,
)
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
const built = []
for (let i = 0; i < 200; i++) built.push(await ms(() => planSql(late().plan)))
console.log(`plan of four steps with its SQL: ${median(built).toFixed(3)} ms`)
const self = flights.join(flights, { on: "distance" }).agg(f => ({ n: f.delay.sub(f.delay_right).stddev() }))
const cancelled = []
for (let i = 0; i < 5; i++) {
  const running = self.collect().then(
    () => "finished before it was cancelled",
    error => error.code,
  )
  await new Promise(done => setTimeout(done, 300))
  cancelled.push(await ms(() => cancel(running)))
}
console.log(`cancel of a running join: ${median(cancelled).toFixed(0)} ms`)
await engine.close()

async function ms(work) {
  const start = performance.now()
  await work()
  return performance.now() - start
}
function median(values) {
  return values.sort((a, b) => a - b)[values.length >> 1]
}
function cancel(running) {
  engine.cancel()
  return running.then(code => code === "QUERY_CANCELLED" || console.log(`  not cancelled: ${code}`))
}
