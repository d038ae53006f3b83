// A writer for the tests that kill one: `node writer.mjs PATH MODE ROWS SEED [STORE OPTIONS AS JSON]`. Says `ready` and
// then writes many partitions; each row holds the seed, so that a mix of two writes shows.
import { duckdbEngine } from "../../../kernel/lib/engine/duckdb/DuckdbEngine.js"
import { createSql } from "../../../kernel/lib/frame/sql.js"
import { stores } from "../../../kernel/lib/store/settings.js"

const [path, mode, rows, seed, options] = process.argv.slice(2)
if (options) stores.s3(JSON.parse(options))
const engine = duckdbEngine({ threads: 2 })
const sql = createSql(engine)
const frame =
  await sql`select range % 12 as g, range as n, ${BigInt(seed)} as seed, hash(range)::varchar as text from range(${BigInt(rows)})`
process.stdout.write("ready\n")
await frame.write.parquet(path, { mode, partitionBy: ["g"] })
process.stdout.write("done\n")
await engine.close()
