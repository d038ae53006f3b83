// Seven of TPC-H's queries on Dask, each of another shape (tpch.deep.test.ts: all 22).
import { testOnDask } from "./tpch.js"

// A wide aggregation, a correlated minimum, a case of two joins, an outer join, an ordered top, a pivot of conditions, exists.
testOnDask([1, 2, 8, 13, 18, 19, 21])
