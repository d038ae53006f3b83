// Random plans on DuckDB and on a real Spark: 40 of the thousands of randomPlans.deep.test.ts.
import { test } from "vitest"
import { comparePlans } from "./comparePlans.js"

test("40 random plans give on Spark what they give on DuckDB", () => comparePlans(40), 600_000)
