// All 22 of TPC-H's queries on Dask.
import { queryNumbers } from "../../tpch/raw.mjs"
import { testOnDask } from "./tpch.js"

testOnDask(queryNumbers)
