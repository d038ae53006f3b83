// A kernel that dies in the middle of a query: begins one that takes seconds and is killed by the test.
import { openSpark } from "../../../kernel/lib/engine/spark/openSpark.js"
import { createSql } from "../../../kernel/lib/frame/sql.js"

const [address, stateFolder] = process.argv.slice(2)
const engine = await openSpark(address, { stateFolder })
const slow = await createSql(
  engine,
)`select count(*) as n from range(0, 40000, 1, 4) where java_method('java.lang.Math', 'abs', 1) = '1' and length(sha2(repeat(cast(id as string), 4000), 512)) > 0`
process.stdout.write("running\n")
await slow.collect()
