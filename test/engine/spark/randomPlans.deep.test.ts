// Random plans on DuckDB and on a real Spark, 2,000 of them (randomPlans.real.test.ts: a few by default).
import { test } from "vitest"
import { comparePlans } from "./comparePlans.js"

test("2,000 random plans give on Spark what they give on DuckDB", () => comparePlans(2000), 3_600_000)
