// What is Dask's own, on real workers: files, writes, caches, many partitions, errors, schedulers that run elsewhere, kernels
// that are killed. watch.real.test.ts has what the panel hears.
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import type { DaskCluster } from "../../../kernel/src/engine/dask/connectDask.js"
import { duckdbEngine } from "../../../kernel/src/engine/duckdb/DuckdbEngine.js"
import { col, count, desc, fn, lit, when } from "../../../kernel/src/frame/free.js"
import { Observation } from "../../../kernel/src/frame/Observation.js"
import { createReader } from "../../../kernel/src/frame/reader.js"
import { cachesOf } from "../../../kernel/src/runner/caches.js"
import { connect } from "../../../kernel/src/runner/clusters.js"
import { alive, daskPython, startDask, startMs, workerPids } from "./clusters.js"

const folder = mkdtempSync(join(tmpdir(), "shardlab-dask-test-"))
const local = duckdbEngine({ threads: 1 })
const here = createReader(local)
let dask: DaskCluster
let read: ReturnType<typeof createReader>

beforeAll(async () => {
  dask = await startDask()
  read = createReader(dask.engine)
  const numbers = here.range(30_000).select(f => ({
    id: f.id,
    k: f.id.mod(7).cast("int32"),
    x: when(f.id.mod(11).eq(0), lit(Number.NaN)).otherwise(f.id.mul(0.5)),
    t: fn.concat(lit("t"), f.id.mod(100).cast("utf8")),
    price: f.id.cast({ decimal: [12, 2] }),
    day: lit(new Date("2024-01-01")).cast("date").dateAdd(f.id.mod(365).cast("int32")),
  }))
  for (const part of [0, 1, 2])
    await numbers.filter(f => f.id.mod(3).eq(part)).write.parquet(join(folder, `numbers/part${part}.parquet`))
  await numbers.limit(50).write.csv(join(folder, "numbers.csv"))
}, startMs)
afterAll(async () => {
  await dask.close()
  await local.close()
  rmSync(folder, { recursive: true, force: true })
})

const numbers = async () => (await read.parquet(join(folder, "numbers"))).hint("broadcast")
const numbersHere = () => here.parquet(join(folder, "numbers"))

test("Parquet files in several partitions give what DuckDB gives: groups, sort, join, window", async () => {
  const chain = (from: Awaited<ReturnType<typeof numbers>>) =>
    from
      .groupBy("k", "t")
      .agg(f => ({ n: count(), low: f.day.min(), sum: f.price.sum(), x: f.x.max(), m: f.id.mean() }))
      .with({ place: fn.rowNumber().over({ partitionBy: "k", orderBy: [desc("sum"), col("t")] }) })
      .filter(f => f.place.lte(3))
      .sort("k", "place")
  expect(await chain(await numbers()).collect()).toEqual(await chain(await numbersHere()).collect())
  const sorted = (from: Awaited<ReturnType<typeof numbers>>) =>
    from.sort(desc("x"), col("id")).select("id").tail(400)
  expect(await sorted(await numbers()).collect()).toEqual(await sorted(await numbersHere()).collect())
  const all = (await (await numbers()).sort("t", desc("id")).select("t", "id").collect()) as {
    t: string
    id: bigint
  }[]
  expect(all.length).toBe(30_000)
  expect(
    all.every(
      (row, i) => i === 0 || all[i - 1]!.t < row.t || (all[i - 1]!.t === row.t && all[i - 1]!.id > row.id),
    ),
  ).toBe(true)
  const joined = (from: Awaited<ReturnType<typeof numbers>>) =>
    from
      .join(
        from.select("id", "k").filter(f => f.id.mod(1000).eq(0)),
        { on: "id", suffix: "_b" },
      )
      .agg(f => ({ n: count(), k: f.k_b.sum() }))
  expect(await joined(await numbers()).collect()).toEqual(await joined(await numbersHere()).collect())
})

test("CSV, shards and their rows, and a write that appears as a whole", async () => {
  const csv = await read.csv(join(folder, "numbers.csv"))
  expect(await csv.agg(f => ({ n: count(), last: f.id.max() })).collect()).toEqual([{ n: 50n, last: 49n }])
  const frame = await numbers()
  const shards = [...(await frame.shards())]
  expect(shards.reduce((sum, shard) => sum + shard.rows!, 0)).toBe(30_000)
  const target = join(folder, "out")
  expect(await frame.select("id", "price").write.parquet(target)).toMatchObject({ rows: 30_000 })
  expect(readdirSync(target).length).toBeGreaterThan(1)
  expect(await (await here.parquet(target)).agg(f => ({ s: f.price.sum() })).collect()).toEqual([
    { s: "449985000.00" },
  ])
  await expect(frame.write.parquet(target)).rejects.toThrow(/already/)
  await expect(
    frame.filter(f => f.id.div(f.id.mul(0)).gt(0)).write.parquet(join(folder, "bad")),
  ).rejects.toThrow(/division by zero/)
  expect(readdirSync(folder).sort()).toEqual(["numbers", "numbers.csv", "out"])
  await expect(read.avro("x.avro")).rejects.toThrow(/dask has no `read.avro`/)
  await expect(read.parquet("s3://bucket/x.parquet")).rejects.toThrow(/dask has no|s3/)
})

test("views, caches, checkpoints, observations, a seeded sample, explain", async () => {
  await read
    .range(10)
    .filter(f => f.id.gte(7))
    .createView("late")
  expect(await (await read.table("late")).count()).toBe(3)
  await expect(read.table("lat")).rejects.toThrow(/Did you mean `late`/)
  const drawn = read.range(1000).select(f => ({ id: f.id, r: fn.rand() }))
  const sum = async (frame: typeof drawn) => (await frame.agg(f => ({ s: f.r.sum() })).collect())[0]!.s
  const cached = drawn.cache()
  expect(await sum(cached)).toBe(await sum(cached))
  const listed = await cachesOf([dask.engine])
  expect(listed).toMatchObject([{ runsOn: "dask", level: "memoryAndDisk", bytes: expect.any(Number) }])
  expect(listed[0]!.bytes).toBeGreaterThan(0)
  const freed = await cached.unpersist()
  expect((await cachesOf([dask.engine])).length).toBe(0)
  expect(await sum(freed)).not.toBe(await sum(cached))
  const kept = await drawn.checkpoint()
  expect(await sum(kept as typeof drawn)).toBe(await sum(kept as typeof drawn))
  const seen = new Observation("rows")
  await read
    .range(100)
    .observe(seen, f => ({ rows: count(), high: f.id.max() }))
    .filter(f => f.id.lt(5))
    .count()
  expect(await seen.get()).toEqual({ rows: 100n, high: 99n })
  const sample = () =>
    read
      .range(20_000)
      .sample(0.25, { seed: 5 })
      .agg(f => ({ n: count(), s: f.id.sum() }))
      .collect()
  const [first] = await sample()
  expect(await sample()).toEqual([first])
  expect(Math.abs(Number(first!.n) - 5000)).toBeLessThan(300)
  expect(String(await (await numbers()).filter(f => f.k.eq(1)).explain())).toMatch(
    /filter eq\(k, 1\)[\s\S]*as Dask runs it[\s\S]*FromMap/,
  )
})

test("errors are Spark's: overflow, division by zero, casts; and say what to do", async () => {
  const one = read.range(1)
  await expect(one.select({ r: lit(2147483647).add(1) }).collect()).rejects.toThrow(/dask: add: overflow/)
  await expect(one.select(f => ({ r: f.id.div(0) })).collect()).rejects.toThrow(
    /division by zero.*try functions/,
  )
  await expect(one.select({ r: lit("x").cast("int32") }).collect()).rejects.toThrow(/`x` is no int32/)
  const guarded = one.select(f => ({ r: when(f.id.ne(0), lit(1).div(f.id)).otherwise(lit(-1)) }))
  expect(await guarded.collect()).toEqual([{ r: -1 }])
  const big = read.rows([{ n: 2n ** 62n }, { n: 2n ** 62n }], { n: "int64" })
  await expect(big.agg(f => ({ s: f.n.sum() })).collect()).rejects.toThrow(/sum/)
})

test("a scheduler that runs somewhere is joined by its address, and gets our package", async () => {
  const python = await daskPython()
  const started = await schedulerAndWorker(python)
  try {
    const joined = await connect(started.address, { python })
    expect(joined.product).toMatch(/^Dask /)
    await expect
      .poll(async () => (await joined.executors()).map(({ cores }) => cores), { timeout: 20_000 })
      .toEqual([1])
    const odd = joined.read
      .range(100)
      .select(f => ({ odd: f.id.mod(2) }))
      .groupBy("odd")
      .agg({ n: count() })
    expect(await odd.sort("odd").collect()).toEqual([
      { odd: 0n, n: 50n },
      { odd: 1n, n: 50n },
    ])
    await joined.close()
    expect(started.scheduler.exitCode).toBe(null)
  } finally {
    started.worker.kill("SIGTERM")
    started.scheduler.kill("SIGTERM")
  }
  await expect(connect("tcp://127.0.0.1:9", { python })).rejects.toThrow(
    /tcp:\/\/127.0.0.1:9 does not answer/,
  )
})

test("a kernel that is killed takes its cluster along", async () => {
  const python = await daskPython()
  const script = join(folder, "kernel.mjs")
  const lib = new URL("../../../kernel/lib/engine/dask/connectDask.js", import.meta.url).href
  writeFileSync(
    script,
    `const { connectDask } = await import(${JSON.stringify(lib)})
     const dask = await connectDask("dask", { workers: 1, python: ${JSON.stringify(python)} })
     console.log(dask.pid); setInterval(() => {}, 1000)`,
  )
  const kernel = spawn(process.execPath, [script], { stdio: ["ignore", "pipe", "inherit"] })
  const [line] = (await once(kernel.stdout!, "data")) as [Buffer]
  const pid = Number(String(line))
  const workers = workerPids(pid)
  expect(workers.length).toBeGreaterThan(0)
  kernel.kill("SIGKILL")
  await expect.poll(() => [pid, ...workers].filter(alive), { timeout: 60_000 }).toEqual([])
})

interface Started {
  readonly address: string
  readonly scheduler: ChildProcess
  readonly worker: ChildProcess
}

async function schedulerAndWorker(python: string): Promise<Started> {
  const file = join(folder, "scheduler.json")
  const common = ["--scheduler-file", file]
  const options = { stdio: "ignore", cwd: folder } as const
  const scheduler = spawn(
    python,
    [
      "-m",
      "distributed.cli.dask_scheduler",
      "--host",
      "127.0.0.1",
      "--port",
      "0",
      "--dashboard-address",
      "127.0.0.1:0",
      ...common,
    ],
    options,
  )
  const worker = spawn(
    python,
    [
      "-m",
      "distributed.cli.dask_worker",
      "--host",
      "127.0.0.1",
      "--nthreads",
      "1",
      "--no-dashboard",
      "--local-directory",
      folder,
      ...common,
    ],
    options,
  )
  const address = await expect
    .poll(() => addressIn(file), { timeout: 30_000, interval: 200 })
    .toMatch(/^tcp:/)
    .then(() => addressIn(file))
  return { address, scheduler, worker }
}

function addressIn(file: string): string {
  try {
    return (JSON.parse(readFileSync(file, "utf8")) as { address: string }).address
  } catch {
    return ""
  }
}
