// What a replayed step costs in JavaScript: microseconds a step and a buffer, on the null device, which computes nothing.
// `npm run bench:train -- replay`. The aim: at most 60 us and 0.1 us a buffer (a parameter or a result of the program).

import { NullDevice } from "../../../kernel/lib/device/nullDevice.js"
import { activeXla, installXla } from "../../../kernel/lib/train/install.js"
import { stepCompiler } from "../../../kernel/lib/train/step/compile.js"
import { loadTf } from "../../../kernel/lib/train/tf.js"

/** Time inside the device, which is not the step's JavaScript. */
let inDevice = 0

class TimedDevice extends NullDevice {
  compile(text) {
    const executable = super.compile(text)
    const { run } = executable
    executable.run = (...args) => {
      const start = performance.now()
      const results = run(...args)
      inDevice += performance.now() - start
      return results
    }
    return executable
  }
}

const tf = loadTf()
installXla(tf, new TimedDevice())
const compile = stepCompiler(() => tf, activeXla)

/** Adam on `count` weights: a weight, two slots each, in and out. */
function stepOf(count) {
  const weights = Array.from({ length: count }, () => tf.variable(tf.ones([4])))
  const optimizer = tf.train.adam(0.01)
  const loss = x => tf.addN(weights.map(weight => tf.sum(tf.mul(weight, x))))
  return compile(x => optimizer.minimize(() => loss(x), true, weights))
}

const steps = 2000
const rows = []
for (const count of [2, 20, 60, 100]) {
  const step = stepOf(count)
  const x = tf.tensor1d([1, 2, 3, 4])
  for (let i = 0; i < 500; i++) step(x).dispose()
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < 5; round++) {
    inDevice = 0
    const start = performance.now()
    for (let i = 0; i < steps; i++) step(x).dispose()
    best = Math.min(best, ((performance.now() - start - inDevice) * 1000) / steps)
  }
  if (step.why !== undefined) throw new Error(step.why)
  const buffers = 6 * count + 5
  rows.push({ buffers, us: best })
  console.log(`${String(buffers).padStart(4)} buffers   ${best.toFixed(1).padStart(6)} us a step`)
}

const mean = values => values.reduce((sum, value) => sum + value, 0) / values.length
const [x, y] = [mean(rows.map(row => row.buffers)), mean(rows.map(row => row.us))]
const slope =
  rows.reduce((sum, row) => sum + (row.buffers - x) * (row.us - y), 0) /
  rows.reduce((sum, row) => sum + (row.buffers - x) ** 2, 0)
console.log(`so ${(y - slope * x).toFixed(1)} us a step and ${slope.toFixed(3)} us a buffer; aim: 60 and 0.1`)
