// Our 22 chains against the raw SQL of TPC-H, in the same DuckDB library and process, both to JavaScript rows; and what
// building the plan and lowering it to SQL costs.
import { duckdbEngine } from "../../../kernel/lib/engine/duckdb/DuckdbEngine.js"
import { planSql } from "../../../kernel/lib/engine/duckdb/planSql.js"
import { createReader } from "../../../kernel/lib/frame/reader.js"
import { queryText, rawTpch } from "../../tpch/raw.mjs"
import { loadQueries, readTables } from "../../tpch/tables.mjs"
import { interleaved, median, ms, row } from "./measure.mjs"

export async function bench({ scaleFactor, rounds }) {
  const engine = duckdbEngine()
  const tables = await readTables(createReader(engine), scaleFactor)
  const queries = await loadQueries()
  const raw = await rawTpch(scaleFactor)
  const sum = { chain: 0, raw: 0, chainCpu: 0, rawCpu: 0 }
  const builds = []
  console.log(`TPC-H SF ${scaleFactor}, medians of ${rounds} interleaved rounds, ms`)
  row(["query", "chain", "raw SQL", "ratio", "CPU ratio", "build+lower"])
  for (const [number, query] of Object.entries(queries)) {
    const text = queryText(Number(number), scaleFactor)
    const { chain, raw: sql } = await interleaved(
      {
        chain: async () => void (await query(tables, scaleFactor).collect()),
        raw: async () => void (await raw.runAndReadAll(text)).getRowObjectsJS(),
      },
      rounds,
    )
    const built = []
    for (let i = 0; i < 50; i++) built.push(await ms(() => planSql(query(tables, scaleFactor).plan)))
    builds.push(median(built))
    sum.chain += chain.ms
    sum.raw += sql.ms
    sum.chainCpu += chain.cpu
    sum.rawCpu += sql.cpu
    print(`q${number}`, chain.ms, sql.ms, chain.cpu / sql.cpu, builds.at(-1))
  }
  print("sum (build: max)", sum.chain, sum.raw, sum.chainCpu / sum.rawCpu, Math.max(...builds))
  await engine.close()
}

function print(label, chain, raw, cpu, build) {
  row([label, chain.toFixed(1), raw.toFixed(1), (chain / raw).toFixed(3), cpu.toFixed(3), build.toFixed(2)])
}
