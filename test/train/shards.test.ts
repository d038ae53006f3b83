// The order of rows that are streamed: shards in an order of the epoch's own, rows mixed among those of a buffer. For random
// shards, buffers and batches: every row once an epoch, over all ranks; an order that repeats with the seed and differs by
// epoch. And what the shards of a frame are, on the real engine: together its rows.
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DuckDBInstance } from "@duckdb/node-api"
import fc from "fast-check"
import { afterAll, describe, expect, test } from "vitest"
import { duckdbEngine } from "../../kernel/src/engine/duckdb/DuckdbEngine.js"
import type { FrameResults } from "../../kernel/src/frame/FrameResults.js"
import { count, fn } from "../../kernel/src/frame/free.js"
import { createReader } from "../../kernel/src/frame/reader.js"
import type { Float64, Int64 } from "../../kernel/src/frame/types.js"
import { type BatchSource, fromColumns } from "../../kernel/src/train/feed/BatchSource.js"
import { type FeedOptions, ofEpoch } from "../../kernel/src/train/feed/dataset.js"
import { RowMaker } from "../../kernel/src/train/feed/RowMaker.js"
import { ownRows } from "../../kernel/src/train/feed/share.js"
import { shuffledRows } from "../../kernel/src/train/feed/streaming.js"

/** One source a shard; its rows are numbered over all of them. */
function shardsOf(sizes: readonly number[]): { shards: BatchSource[]; maker: RowMaker; rows: number } {
  let rows = 0
  const shards = sizes.map(size => {
    const id = Float32Array.from({ length: size }, () => rows++)
    return fromColumns({ id, y: new Float32Array(size) })
  })
  const maker = RowMaker.of(
    {
      features: [{ name: "id", width: 1 }],
      label: "y",
      classes: undefined,
      normalisation: undefined,
      missing: "error",
    },
    "test",
  )
  return { shards, maker, rows }
}

/** The rows of one epoch by batch; of one rank where a share is given. */
async function epochOf(sizes: readonly number[], options: FeedOptions, epoch: number): Promise<number[][]> {
  const { shards, maker } = shardsOf(sizes)
  const batches: number[][] = []
  for await (const rows of shuffledRows(shards, maker, options, ofEpoch(options.seed, epoch)))
    batches.push([...ownRows(rows, options.share).x])
  return batches
}

const sorted = (values: readonly number[]) => values.toSorted((a, b) => a - b)
const upTo = (length: number) => Array.from({ length }, (_, i) => i)
const sum = (sizes: readonly number[]) => sizes.reduce((a, b) => a + b, 0)
const cases = {
  sizes: fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 9 }),
  batchSize: fc.integer({ min: 1, max: 17 }),
  buffer: fc.integer({ min: 1, max: 60 }),
  seed: fc.integer(),
  epoch: fc.integer({ min: 0, max: 50 }),
  size: fc.integer({ min: 1, max: 4 }),
}

test("every row comes once an epoch, over all ranks together, in batches of one size", async () => {
  const each = fc.asyncProperty(fc.record(cases), async ({ sizes, epoch, size, ...given }) => {
    const options = { shuffle: true, ...given }
    const whole = await epochOf(sizes, options, epoch)
    expect(sorted(whole.flat())).toEqual(upTo(sum(sizes)))
    expect(whole.slice(0, -1).every(batch => batch.length === given.batchSize)).toBe(true)
    const ranks = await Promise.all(
      upTo(size).map(rank => epochOf(sizes, { ...options, share: { rank, size } }, epoch)),
    )
    // The ranks' stretches of a batch are the batch; one with fewer rows than ranks is whole in each.
    for (const [i, batch] of whole.entries())
      if (batch.length >= size) expect(ranks.flatMap(rank => rank[i]!)).toEqual(batch)
      else for (const rank of ranks) expect(rank[i]).toEqual(batch)
  })
  await fc.assert(each, { numRuns: 60 })
})

test("the order repeats with the seed; another epoch and another seed have another one", async () => {
  const options = (seed: number) => ({ shuffle: true, batchSize: 8, buffer: 8, seed })
  const sizes = upTo(12).map(() => 10)
  const first = await epochOf(sizes, options(1), 0)
  expect(await epochOf(sizes, options(1), 0)).toEqual(first)
  expect(await epochOf(sizes, options(1), 1)).not.toEqual(first)
  expect(await epochOf(sizes, options(2), 0)).not.toEqual(first)
  expect((await epochOf(sizes, { ...options(1), shuffle: false }, 3)).flat()).toEqual(upTo(120))
})

test("with a small buffer, the first batches of epochs come from different shards, and each shard comes first at times", async () => {
  const firsts = new Set<number>()
  for (const epoch of upTo(60)) {
    const options = { shuffle: true, batchSize: 4, buffer: 4, seed: 7 }
    const [batch] = await epochOf([10, 10, 10, 10], options, epoch)
    for (const row of batch!) firsts.add(Math.floor(row / 10))
  }
  expect(sorted([...firsts])).toEqual([0, 1, 2, 3])
})

describe("the parts of a frame", () => {
  const folder = mkdtempSync(join(tmpdir(), "shardlab-parts-"))
  const engine = duckdbEngine({ threads: 1 })
  const read = createReader(engine)
  const ids = read.range(1000)
  const readCsv = () => read.csv<{ id: Int64; half: Float64 }>(join(folder, "rows-*.csv"))
  afterAll(async () => {
    await engine.close()
    rmSync(folder, { recursive: true, force: true })
  })

  /** Rows by part, as text. */
  async function rowsOf(frame: FrameResults<never>): Promise<string[][]> {
    return Promise.all((await frame.parts()).map(part => textsOf(part)))
  }
  async function textsOf(part: Pick<FrameResults<never>, "batches">): Promise<string[]> {
    const rows: string[] = []
    for await (const { rows: many, columns } of part.batches(64))
      for (let i = 0; i < many; i++)
        rows.push(
          Object.values(columns)
            .map(column => `${typeof column[i]} ${column[i]}`)
            .join(),
        )
    return rows
  }
  async function areItsRows(frame: object, parts: number): Promise<void> {
    const whole = frame as FrameResults<never>
    const found = await rowsOf(whole)
    expect(found).toHaveLength(parts)
    expect(found.flat().toSorted()).toEqual((await textsOf(whole)).toSorted())
    expect(found.every(part => part.length > 0)).toBe(true)
  }

  test("files: one each, under filters, new columns, lists, functions and unions; a filter that rules files out", async () => {
    const keyed = ids.with(f => ({ k: f.id.mod(4) }))
    await keyed.write.parquet(join(folder, "hive"), { partitionBy: ["k"] })
    const frame = await read.parquet<{ id: Int64; k: Int64 }>(join(folder, "hive"))
    await areItsRows(frame, 4)
    const some = frame.filter(f => f.id.mod(8).lt(5)).with(f => ({ twice: f.id.mul(2) }))
    await areItsRows(some, 4)
    await areItsRows(
      frame.filter(f => f.k.eq(3)),
      1,
    )
    for (const from of [0, 400, 800])
      await ids
        .filter(f => f.id.gte(from).and(f.id.lt(from + 400)))
        .with(f => ({ half: f.id.div(2) }))
        .write.csv(join(folder, `rows-${from}.csv`))
    const csv = await readCsv()
    await areItsRows(csv, 3)
    await areItsRows(csv.select("id").union(frame.select("id")), 7)
    await areItsRows(csv.unpivot({ ids: ["id"], values: ["half"] }), 3)
    await areItsRows(
      csv.mapRows(row => ({ more: Math.cbrt(row.half) }), { more: "float64" }),
      3,
    )
  })

  test("folders whose names are numbers but for one keep their texts", async () => {
    const texts = ids.with(f => ({ k: f.id.mod(3).eq(0).cast("utf8"), n: f.id.mod(2).cast("utf8") }))
    await texts.write.parquet(join(folder, "texts"), { partitionBy: ["n"] })
    await ids
      .with(f => ({ k: f.id.cast("utf8") }))
      .write.parquet(join(folder, "texts", "n=none", "rows.parquet"))
    await areItsRows(await read.parquet(join(folder, "texts")), 3)
  })

  test("a table of a DuckDB file: its row groups, deleted rows left out; a view is whole", async () => {
    const file = join(folder, "shop.duckdb")
    const instance = await DuckDBInstance.create(file)
    const connection = await instance.connect()
    await connection.run("CREATE TABLE numbers AS SELECT range AS id FROM range(250000)")
    await connection.run("DELETE FROM numbers WHERE id % 4 = 1 AND id < 200000")
    await connection.run("CREATE VIEW few AS SELECT * FROM numbers WHERE id % 1000 = 0")
    connection.closeSync()
    instance.closeSync()
    const numbers = await read.table<{ id: Int64 }>(file, "numbers")
    const shards = await numbers.shards()
    const counts = await Promise.all(shards.map(shard => read.shard(shard).count()))
    expect(counts.length).toBeGreaterThan(1)
    expect(sum(counts)).toBe(200_000)
    await areItsRows(
      numbers.filter(f => f.id.mod(1000).eq(0)),
      counts.length,
    )
    await areItsRows(await read.table(file, "few"), 1)
  })

  test("what needs rows of several shards at once is one part", async () => {
    const frame = await readCsv()
    for (const whole of [
      frame.sort("id"),
      frame.limit(700),
      frame.groupBy("half").agg({ n: count() }),
      frame.join(frame, { on: "id" }),
      frame.with({ place: fn.rowNumber().over({ orderBy: "id" }) }),
      frame.cache(),
      ids,
    ])
      await areItsRows(whole, 1)
  })
})
