// TPC-H through the typed API at scale factor 1: 22 of 22 answers equal to raw SQL on the same files.
import { afterAll, test } from "vitest"
import { duckdbEngine } from "../../kernel/lib/engine/duckdb/DuckdbEngine.js"
import { createReader } from "../../kernel/lib/frame/reader.js"
import { expectSameAnswers } from "./compare.js"

const engine = duckdbEngine()
afterAll(() => engine.close())

test("22 chains on DuckDB give what raw SQL gives, scale factor 1", async () => {
  await expectSameAnswers(createReader(engine), 1)
}, 600_000)
