// How long the event loop of the kernel's process stands still while a query runs: a kernel has to answer meanwhile. Where
// the system tells (Linux), also the most that this thread itself computed between two turns: the rest of a long lag is
// waiting for a core, which the engine's own threads and other programs hold.
import { existsSync, readFileSync } from "node:fs"
import { monitorEventLoopDelay } from "node:perf_hooks"
import { duckdbEngine } from "../../../kernel/lib/engine/duckdb/DuckdbEngine.js"
import { count, sum } from "../../../kernel/lib/frame/free.js"
import { createReader } from "../../../kernel/lib/frame/reader.js"
import { groupsFile, makeGroups } from "./spill.mjs"

export async function bench() {
  await makeGroups()
  const engine = duckdbEngine()
  const groups = await createReader(engine).parquet(groupsFile)
  const long = groups.groupBy("id1", "id2", "id3", "id4", "id5", "id6").agg({ v3: sum("v3"), count: count() })
  const work = {
    "aggregate, one row out": () => long.agg({ n: count(), s: sum("v3") }).collect(),
    "1e7 rows drained in batches": async () => {
      for await (const _ of groups.select("id6", "v3").batches());
    },
  }
  for (const [label, run] of Object.entries(work)) {
    const lag = monitorEventLoopDelay({ resolution: 1 })
    const longest = watchTurns()
    lag.enable()
    const start = performance.now()
    await run()
    const seconds = (performance.now() - start) / 1000
    lag.disable()
    const [p50, p99, max] = [lag.percentile(50), lag.percentile(99), lag.max].map(ns => (ns / 1e6).toFixed(1))
    console.log(
      `${label}: ${seconds.toFixed(1)} s, event loop lag p50 ${p50} ms, p99 ${p99} ms, max ${max} ms${longest()}`,
    )
  }
  await engine.close()
}

/** @returns a function that ends the watch and says the most milliseconds of CPU between two turns */
function watchTurns() {
  const file = "/proc/thread-self/schedstat"
  if (!existsSync(file)) return () => ""
  const computed = () => Number(readFileSync(file, "utf8").split(" ")[0]) / 1e6
  let [most, before] = [0, computed()]
  const timer = setInterval(() => {
    const now = computed()
    most = Math.max(most, now - before)
    before = now
  }, 1)
  return () => {
    clearInterval(timer)
    return `; this thread computed at most ${most.toFixed(1)} ms at a stretch`
  }
}
