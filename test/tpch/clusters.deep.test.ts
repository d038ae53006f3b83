// TPC-H through the typed API on real Spark and Sail servers: 22 of 22 answers equal to raw SQL in DuckDB, scale factor 0.1.
import { test } from "vitest"
import { products } from "../engine/spark/clusters.js"
import { expectOnCluster } from "./clusters.js"

test.each(products)(
  "22 chains on %s give what raw SQL gives, scale factor 0.1",
  product => expectOnCluster(product, 0.1),
  1_200_000,
)
