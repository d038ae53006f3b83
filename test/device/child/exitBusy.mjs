// A process that ends while XLA still computes what nobody has read.
import { ensureBackend } from "../../../kernel/lib/train/backend.js"
import { activeXla } from "../../../kernel/lib/train/install.js"
import { loadTf } from "../../../kernel/lib/train/tf.js"

await ensureBackend()
const tf = loadTf()
let parts = Array.from({ length: 60 }, (_, i) => tf.randomNormal([700, 700], 0, 0.04, "float32", i))
for (let i = 0; i < 3; i++) parts = parts.map(x => tf.matMul(x, x).tanh())
activeXla(tf).cut()
process.exit(0)
