// Six TPC-H queries: our chain, raw SQL, Polars, Ibis and pandas on the same Parquet files, in turns in one run. The
// peers live in an environment of their own, made at first use (.services/peers); their answers are compared with ours.
import { spawn } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { duckdbEngine } from "../../../kernel/lib/engine/duckdb/DuckdbEngine.js"
import { createReader } from "../../../kernel/lib/frame/reader.js"
import { installOnce, run, servicesFolder } from "../../services/service.mjs"
import { tpchFolder } from "../../services/tpch.mjs"
import { queryText, rawTpch } from "../../tpch/raw.mjs"
import { loadQueries, readTables } from "../../tpch/tables.mjs"
import { interleaved, row } from "./measure.mjs"

const asked = [1, 3, 5, 6, 12, 14]
const names = ["polars", "ibis", "pandas"]

export async function bench({ scaleFactor, rounds }) {
  const python = environment()
  console.log(
    run(python, ["-m", "pip", "list", "--format=freeze"])
      .match(/^(polars|ibis-framework|pandas|pyarrow|duckdb)==.*/gm)
      .join(", "),
  )
  const peers = startPeers(python, tpchFolder(scaleFactor))
  const engine = duckdbEngine()
  const tables = await readTables(createReader(engine), scaleFactor)
  const queries = await loadQueries()
  const raw = await rawTpch(scaleFactor)
  const version = (await raw.runAndReadAll("select version()")).getRows()[0][0]
  console.log(
    `ours and raw SQL: DuckDB ${version}. SF ${scaleFactor}, medians of ${rounds} interleaved rounds, ms`,
  )
  row(["query", "chain", "raw SQL", ...names])
  for (const number of asked) {
    const text = queryText(number, scaleFactor)
    const first = Object.values((await raw.runAndReadAll(text)).getRowObjectsJS()[0])
    const contenders = {
      ...(queries[number] && {
        chain: async () => void (await queries[number](tables, scaleFactor).collect()),
      }),
      raw: async () => void (await raw.runAndReadAll(text)).getRowObjectsJS(),
      ...Object.fromEntries(names.map(name => [name, () => peers.ask(name, number, first)])),
    }
    const times = await interleaved(contenders, rounds)
    row([`q${number}`, ...["chain", "raw", ...names].map(name => times[name]?.ms.toFixed(1) ?? "-")])
  }
  peers.stop()
  await engine.close()
}

function environment() {
  const venv = join(servicesFolder, "peers")
  const requirements = join(import.meta.dirname, "peers.txt")
  const python = join(venv, "bin/python")
  installOnce(join(servicesFolder, "peers.current"), readFileSync(requirements, "utf8"), () => {
    if (!existsSync(python)) run("python3", ["-m", "venv", venv])
    run(python, ["-m", "pip", "install", "--quiet", "-r", requirements])
  })
  return python
}

function startPeers(python, folder) {
  const child = spawn(python, [join(import.meta.dirname, "peers.py"), folder], {
    stdio: ["pipe", "pipe", "inherit"],
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    /** Milliseconds by Python's own clock. */
    async ask(engine, query, first) {
      child.stdin.write(`${JSON.stringify({ engine, query })}\n`)
      const answer = JSON.parse((await lines.next()).value)
      if (answer.error !== undefined) {
        console.log(`  ${engine} q${query}: ${answer.error}`)
        return Number.NaN
      }
      const numbers = values => values.map(Number).filter(Number.isFinite)
      const [ours, theirs] = [numbers(first.map(String)), numbers(answer.first)].map(list =>
        list.sort((a, b) => a - b),
      )
      const same =
        ours.length === theirs.length &&
        ours.every((n, i) => Math.abs(n - theirs[i]) <= 1e-6 * Math.abs(n) + 1e-3)
      if (!same) console.log(`  ${engine} q${query} answers otherwise: ${answer.first} instead of ${first}`)
      return answer.ms
    },
    stop: () => child.stdin.end(),
  }
}
