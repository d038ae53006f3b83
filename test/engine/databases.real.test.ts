// Tables of real PostgreSQL and MariaDB servers, and of SQLite and DuckDB files.
import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { duckdbEngine } from "../../kernel/src/engine/duckdb/DuckdbEngine.js"
import type { DataFrame } from "../../kernel/src/frame/DataFrame.js"
import { createReader } from "../../kernel/src/frame/reader.js"
import { stores } from "../../kernel/src/store/settings.js"
import { mariadbProblem, postgresProblem, startMariadb, startPostgres } from "../services/databases.mjs"

const folder = mkdtempSync(join(tmpdir(), "shardlab-databases-"))
const engine = duckdbEngine()
const read = createReader(engine)
afterAll(() => engine.close())

const orders = read.rows(
  [
    { id: 1n, item: "tea'; DROP TABLE orders; --", price: 2.5 },
    { id: 2n, item: null, price: null },
  ],
  { id: "int64", item: "utf8", price: "float64" },
) as unknown as DataFrame

/** Every way to write and to read, on one database. */
async function behaves(address: string): Promise<void> {
  expect(await orders.write.table(address, "orders")).toMatchObject({ rows: 2 })
  await expect(orders.write.table(address, "orders")).rejects.toMatchObject({ code: "TARGET_EXISTS" })
  expect(await orders.write.table(address, "orders", { mode: "ignore" })).toMatchObject({ rows: 0 })
  await orders.write.table(address, "orders", { mode: "append" })
  expect(await (await read.table(address, "orders")).count()).toBe(4)
  const bad = orders.with(f => ({ price: f.id!.div(f.id!.sub(2)) })) as unknown as DataFrame
  await expect(bad.write.table(address, "orders", { mode: "overwrite" })).rejects.toThrow(/division by zero/)
  await expect(bad.write.table(address, "orders", { mode: "append" })).rejects.toThrow(/division by zero/)
  expect(await (await read.table(address, "orders")).count()).toBe(4)
  await orders.write.table(address, "orders", { mode: "overwrite" })
  const table = (await read.table(address, "orders")) as DataFrame
  expect(await table.sort("id").collect()).toEqual(await orders.sort("id").collect())
  expect(await table.filter(f => f.id!.gt(1)).count()).toBe(1)
  await expect(read.table(address, "ordres")).rejects.toThrow(/ordres does not exist.*Did you mean.*orders/)
}

test("a SQLite file and a DuckDB file", async () => {
  for (const name of ["shop.sqlite", "shop.duckdb"]) await behaves(join(folder, name))
  await expect(read.table(join(folder, "nothing.sqlite"), "t")).rejects.toMatchObject({
    code: "FILE_MISSING",
  })
  await expect(read.table(join(folder, "shop.txt"), "t")).rejects.toThrow(/postgres:\/\/user@host\/database/)
})

describe.each([
  ["PostgreSQL", postgresProblem(), startPostgres],
  ["MariaDB", mariadbProblem(), startMariadb],
] as const)("%s", (name, problem, start) => {
  if (problem !== undefined) console.log(`skipped: ${name}, because ${problem}`)
  let server: Awaited<ReturnType<typeof startPostgres>>
  beforeAll(async () => {
    if (problem === undefined) server = await start()
  }, 600_000)
  afterAll(async () => {
    stores.clear()
    await server?.stop()
  })

  test.skipIf(problem !== undefined)(
    "a password in the address works and stays out of everything",
    async () => {
      const withPassword = server.address.replace("tester@", `tester:${server.password}@`)
      await orders.write.table(withPassword, "secrets")
      const frame = await read.table(withPassword, "secrets")
      expect(await frame.count()).toBe(2)
      const wrong = server.address.replace("tester@", "tester:wrong-password@")
      stores.clear()
      const failed = await read.table(wrong.replace("tester", "other"), "secrets").then(
        () => "",
        error => `${error.message} ${error.stack} ${String(error.cause)}`,
      )
      expect(failed).toMatch(/other/)
      const shown = [
        JSON.stringify(frame.plan),
        String(await frame.explain()),
        JSON.stringify(await frame.shards()),
        failed,
      ]
      expect(shown.join("\n")).not.toMatch(new RegExp(`${server.password}|wrong-password`))
    },
  )

  test.skipIf(problem !== undefined)(
    "modes, transactions, push-down of a filter, a missing table",
    async () => {
      stores.database({ scope: server.address, password: server.password })
      await behaves(server.address)
    },
  )
})
