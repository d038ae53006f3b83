// One process of the cache bench: trains one step of a network and prints how long that took, the device being open.

import { backendReport, ensureBackend } from "../../../kernel/lib/train/backend.js"
import { loadTf } from "../../../kernel/lib/train/tf.js"
import { prepared } from "./prepared.mjs"

await ensureBackend()
const tf = loadTf()
const { model, x, y, batch } = prepared(tf, process.argv[2], 1)
const start = performance.now()
await model.fit(x, y, { epochs: 1, batchSize: batch, shuffle: false, verbose: 0 })
const ms = performance.now() - start
const { compiles, fromDisk } = backendReport()
console.log(JSON.stringify({ ms, compiles, fromDisk }))
process.exit(0)
