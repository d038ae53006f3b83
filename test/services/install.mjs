// Installs what the servers of the tests need, before the tests: Python environments, jars, Debian's packages. A test that
// runs alone installs what it needs itself; in the whole run a minute of silence inside a test would pass for a dead worker.
// A program of its own, which waits for the network while the rest of the setup computes.
import { ensureCluster } from "../../extension/setup/cluster.mjs"
import { chromium } from "./chromium.mjs"
import { mariadbProblem, postgresProblem } from "./databases.mjs"
import { hdfsProblem, installHdfs } from "./hdfs.mjs"
import { installAzurite } from "./objectStores.mjs"
import { onnxCases } from "./onnxCases.mjs"
import { openMpiProblem } from "./openMpi.mjs"
import { program, pythonProgram } from "./service.mjs"

const start = Date.now()
for (const product of ["spark", "sail", "dask"]) await ensureCluster(product)
pythonProgram("python")
onnxCases()
installAzurite()
// What cannot be installed is said by the tests that are skipped for it.
if (hdfsProblem() === undefined) installHdfs()
postgresProblem()
mariadbProblem()
openMpiProblem()
chromium()
program(["cc"], "build-essential")
console.log(`setup: the servers of the tests (${((Date.now() - start) / 1000).toFixed(1)} s)`)
