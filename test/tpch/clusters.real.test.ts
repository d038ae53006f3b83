// TPC-H through the typed API on real servers, small: all 22 queries on Sail and five of different shapes on Spark, at scale
// factor 0.01 (clusters.deep.test.ts: all on both at 0.1).

import { test } from "vitest"
import { expectOnCluster } from "./clusters.js"

test(
  "22 chains on Sail give what raw SQL gives, scale factor 0.01",
  () => expectOnCluster("sail", 0.01),
  600_000,
)

/** A wide aggregation, an outer join, a case, an ordered top of joins, and a join with a limit of a subquery. */
const some = [1, 3, 13, 14, 18]
test(
  "5 chains on Spark give what raw SQL gives, scale factor 0.01",
  () => expectOnCluster("spark", 0.01, some),
  600_000,
)
