// A kernel that writes on a cluster, for the test that kills one: `node sparkWriter.mjs ADDRESS PATH MODE ROWS SEED`. Says
// `ready`, and `done` when the write returned. Each row holds the seed, so that a mix of two writes shows.
import { openSpark } from "../../../kernel/lib/engine/spark/openSpark.js"
import { createSql } from "../../../kernel/lib/frame/sql.js"

const [address, path, mode, rows, seed, stateFolder] = process.argv.slice(2)
const engine = await openSpark(address, { stateFolder })
const sql = createSql(engine)
const frame =
  await sql`select id, id % 3 as g, ${BigInt(seed)} as seed, sha2(cast(id as string), 512) as text from range(0, ${BigInt(rows)}, 1, 4)`
process.stdout.write("ready\n")
await frame.write.parquet(path, { mode, partitionBy: ["g"] })
process.stdout.write("done\n")
await engine.close()
