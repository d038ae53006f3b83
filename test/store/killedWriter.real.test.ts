// A writer process is killed (SIGKILL) at many moments of its write. Whatever the moment, a reader finds the old table or
// the new one, never a part: on files and on S3, for overwrite and append.
import { spawn } from "node:child_process"
import { existsSync, mkdtempSync, readdirSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { duckdbEngine } from "../../kernel/src/engine/duckdb/DuckdbEngine.js"
import { createReader } from "../../kernel/src/frame/reader.js"
import { createSql } from "../../kernel/src/frame/sql.js"
import { stores } from "../../kernel/src/store/settings.js"
import { startMoto } from "../services/objectStores.mjs"

const child = join(import.meta.dirname, "child/writer.mjs")
const rows = 300_000
const moments = 10

let moto: Awaited<ReturnType<typeof startMoto>>
const engine = duckdbEngine()
const read = createReader(engine)
const sql = createSql(engine)
let s3Options = {}
beforeAll(async () => {
  moto = await startMoto(["killed"])
  s3Options = { keyId: "k", secret: "secret-of-the-test", endpoint: moto.endpoint }
  stores.s3(s3Options)
}, 600_000)
afterAll(async () => {
  stores.clear()
  await engine.close()
  await moto?.stop()
})

/** Starts the writer, kills it `ms` after it is ready (never, without), and says whether it had finished. */
function write(
  path: string,
  mode: string,
  seed: number,
  ms?: number,
): Promise<{ finished: boolean; took: number }> {
  return new Promise(done => {
    const args = [
      child,
      path,
      mode,
      String(rows),
      String(seed),
      path.startsWith("s3:") ? JSON.stringify(s3Options) : "",
    ]
    const writer = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] })
    let said = ""
    let start = 0
    writer.stdout.on("data", data => {
      said += data
      if (start === 0 && said.includes("ready")) {
        start = performance.now()
        if (ms !== undefined) setTimeout(() => writer.kill("SIGKILL"), ms)
      }
    })
    writer.on("close", () => done({ finished: said.includes("done"), took: performance.now() - start }))
  })
}

const folder = mkdtempSync(join(tmpdir(), "shardlab-killed-"))
const targets = [
  ["file", () => join(folder, "table")],
  ["s3", () => "s3://killed/table"],
] as const

describe.each(targets)("%s", (_, path) => {
  /** Seeds in the table with their rows. */
  async function seeds(): Promise<Record<string, number>> {
    const frame = await read.parquet(path())
    const found = (await (
      await sql`select seed::varchar as seed, count(*)::int as n from ${frame} group by 1 order by 1`
    ).collect()) as unknown as { seed: string; n: number }[]
    return Object.fromEntries(found.map(({ seed, n }) => [seed, n]))
  }

  test("overwrite: old or new, whole", async () => {
    await write(path(), "overwrite", 0)
    // The second is no longer cold, as those that follow.
    const { took } = await write(path(), "overwrite", 0)
    let last = "0"
    let killed = 0
    for (let i = 1; i <= moments; i++) {
      const { finished } = await write(path(), "overwrite", i, (took * i) / moments)
      const found = await seeds()
      expect(Object.values(found)).toEqual([rows])
      const [seed] = Object.keys(found)
      expect(finished ? [String(i)] : [last, String(i)]).toContain(seed)
      if (!finished) killed++
      last = seed!
    }
    expect(killed).toBeGreaterThan(1)
  })

  test("append: all of its rows or none", async () => {
    await write(path(), "overwrite", 0)
    const { took } = await write(path(), "append", 100)
    let expected = 2
    for (let i = 1; i <= moments; i++) {
      const { finished } = await write(path(), "append", i, (took * i) / moments)
      const found = await seeds()
      expect(new Set(Object.values(found))).toEqual(new Set([rows]))
      expect(finished ? [expected + 1] : [expected, expected + 1]).toContain(Object.keys(found).length)
      expected = Object.keys(found).length
    }
  })
})

test("a single file: the old one stays until the new one is whole", async () => {
  const alone = mkdtempSync(join(folder, "alone-"))
  const file = join(alone, "one.parquet")
  const engineFile = async () => (await read.parquet(file)).count()
  await read.rows([{ n: 1n }]).write.parquet(file)
  const writer = spawn(
    process.execPath,
    [
      "--input-type=module",
      "-e",
      `
      import { duckdbEngine } from ${JSON.stringify(join(import.meta.dirname, "../../kernel/lib/engine/duckdb/DuckdbEngine.js"))}
      import { createSql } from ${JSON.stringify(join(import.meta.dirname, "../../kernel/lib/frame/sql.js"))}
      const frame = await createSql(duckdbEngine())\`select hash(range) n from range(200000000)\`
      frame.write.parquet(${JSON.stringify(file)}, { mode: "overwrite" })`,
    ],
    { stdio: "inherit" },
  )
  const staged = () => (existsSync(join(alone, "_staging")) ? readdirSync(join(alone, "_staging")).length : 0)
  await expect.poll(staged, { timeout: 100_000 }).toBe(1)
  writer.kill("SIGKILL")
  await new Promise(done => writer.once("close", done))
  expect(await engineFile()).toBe(1)
})
