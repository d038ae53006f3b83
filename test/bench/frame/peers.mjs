// TPC-H's 22 queries side by side: raw SQL, our chain, and Polars, Ibis and pandas on the same Parquet files, in turns in one
// run. The peers live in an environment of their own, made at first use (.services/peers), and each in a process of its own.
// Every answer is compared with raw SQL's first; one that differs is not timed and fails the bench.
import { spawn } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { duckdbEngine } from "../../../kernel/lib/engine/duckdb/DuckdbEngine.js"
import { createReader } from "../../../kernel/lib/frame/reader.js"
import { installOnce, run, servicesFolder } from "../../services/service.mjs"
import { tpchFolder } from "../../services/tpch.mjs"
import { queryNumbers, queryText, rawTpch } from "../../tpch/raw.mjs"
import { loadQueries, readTables } from "../../tpch/tables.mjs"
import { interleaved, row } from "./measure.mjs"

const folder = join(import.meta.dirname, "peers")
const libraries = ["polars", "ibis", "pandas"]
const columns = ["raw", "chain", ...libraries]

export async function bench({ scaleFactor, rounds }) {
  const python = environment()
  console.log(versions(python))
  const engine = duckdbEngine()
  const tables = await readTables(createReader(engine), scaleFactor)
  const queries = await loadQueries()
  const raw = await rawTpch(scaleFactor)
  const peers = libraries.map(name => [name, startPeer(python, name, scaleFactor)])
  const table = new Table(scaleFactor, rounds)
  for (const number of queryNumbers) {
    const text = queryText(number, scaleFactor)
    const chain = () => queries[number](tables, scaleFactor).collect()
    const sides = {
      raw: { time: async () => void (await raw.runAndReadAll(text)).getRowObjectsJS() },
      chain: {
        rows: async () => (await chain()).map(found => Object.values(found)),
        time: async () => void (await chain()),
      },
      ...Object.fromEntries(peers.map(([name, peer]) => [name, peer.side(number)])),
    }
    const wanted = (await raw.runAndReadAll(text)).getRows()
    const right = []
    for (const [name, { rows, time }] of Object.entries(sides)) {
      const problem = rows === undefined ? undefined : await problemOf(rows, wanted)
      if (problem === undefined) right.push([name, time])
      else wrong(name, number, problem)
    }
    table.add(`q${number}`, await interleaved(Object.fromEntries(right), rounds))
  }
  table.sums()
  console.log(
    `greatest memory of a process: ${peers.map(([name, peer]) => `${name} ${peer.peak()}`).join(", ")}`,
  )
  for (const [, peer] of peers) peer.stop()
  await engine.close()
}

function wrong(name, number, problem) {
  console.log(`  ${name} q${number} is not timed: ${problem}`)
  process.exitCode = 1
}

/** Milliseconds, and how many times raw SQL's. */
class Table {
  #total = Object.fromEntries(columns.map(name => [name, { ms: 0, cpu: 0, count: 0 }]))
  #queries = 0

  constructor(scaleFactor, rounds) {
    console.log(`TPC-H SF ${scaleFactor}, medians of ${rounds} rounds in turns: ms, and times raw SQL`)
    row(["query", ...columns.map(name => (name === "raw" ? "raw SQL" : name))], 17)
  }

  add(label, times) {
    this.#queries++
    for (const [name, { ms, cpu }] of Object.entries(times)) {
      const total = this.#total[name]
      total.ms += ms
      total.cpu += cpu
      total.count++
    }
    this.#print(label, name => times[name]?.ms)
  }

  sums() {
    const whole = name => (this.#total[name].count === this.#queries ? this.#total[name] : undefined)
    this.#print("sum", name => whole(name)?.ms)
    this.#print("sum of CPU", name => whole(name)?.cpu)
  }

  #print(label, of) {
    const cell = name => {
      const ms = of(name)
      if (ms === undefined) return "-"
      return name === "raw" ? ms.toFixed(0) : `${ms.toFixed(0)} ${(ms / of("raw")).toFixed(2)}x`
    }
    row([label, ...columns.map(cell)], 17)
  }
}

/** Where the rows differ from raw SQL's: exact values as text, doubles to a billionth, because sums go in another order. */
async function problemOf(rows, wanted) {
  try {
    const found = await rows()
    if (found.length !== wanted.length) return `${found.length} rows instead of ${wanted.length}`
    for (const [i, values] of wanted.entries()) {
      const [ours, theirs] = [values.map(textOf), found[i].map(textOf)]
      if (ours.length === theirs.length && ours.every((text, c) => same(text, theirs[c]))) continue
      return `row ${i} is ${theirs.join(", ")} instead of ${ours.join(", ")}`
    }
    return undefined
  } catch (error) {
    return error.message
  }
}

function same(a, b) {
  return a === b || Math.abs(Number(a) - Number(b)) <= 1e-9 * Math.abs(Number(a))
}

/** A date has no time of day, and NULL has many names in Python. */
function textOf(value) {
  if (value instanceof Date) return value.toISOString().slice(0, 10)
  return String(value)
    .replace(/^(None|nan|NaT|<NA>)$/, "null")
    .replace(/ 00:00:00$/, "")
}

function environment() {
  const venv = join(servicesFolder, "peers")
  const requirements = join(folder, "requirements.txt")
  const python = join(venv, "bin/python")
  installOnce(join(servicesFolder, "peers.current"), readFileSync(requirements, "utf8"), () => {
    if (!existsSync(python)) run("python3", ["-m", "venv", venv])
    run(python, ["-m", "pip", "install", "--quiet", "-r", requirements])
  })
  return python
}

function versions(python) {
  const wanted = /^(polars|ibis-framework|pandas|pyarrow|duckdb)==.*/gm
  const found = run(python, ["-m", "pip", "list", "--format=freeze"]).match(wanted)
  return [run(python, ["--version"]).trim(), ...found].join(", ")
}

function startPeer(python, name, scaleFactor) {
  const parameters = [name, tpchFolder(scaleFactor), String(0.0001 / scaleFactor)]
  const child = spawn(python, [join(folder, "serve.py"), ...parameters], {
    stdio: ["pipe", "pipe", "inherit"],
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  let kilobytes = 0
  const ask = async request => {
    child.stdin.write(`${JSON.stringify(request)}\n`)
    const { value, done } = await lines.next()
    if (done) throw new Error("its process ended")
    const answer = JSON.parse(value)
    kilobytes = answer.peak
    if (answer.error !== undefined) throw new Error(answer.error)
    return answer
  }
  return {
    side: query => ({
      rows: async () => (await ask({ query, rows: true })).rows,
      /** By the clocks of its own process. */
      time: () => ask({ query, rows: false }),
    }),
    peak: () => `${(kilobytes / 2 ** 20).toFixed(1)} GiB`,
    stop: () => child.stdin.end(),
  }
}
