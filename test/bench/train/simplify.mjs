// What the simplifier saves: operations, text and compile time of a training step, as recorded and simplified.
// `npm run bench:train -- simplify`.

process.env.SHARDLAB_COMPILE_CACHE = "off"
const { nodeCount, simplify } = await import("../../../kernel/lib/ir/simplify.js")
const { toStableHlo } = await import("../../../kernel/lib/ir/stablehlo.js")
const { ensureBackend } = await import("../../../kernel/lib/train/backend.js")
const { Cutter } = await import("../../../kernel/lib/train/Cutter.js")
const { activeXla } = await import("../../../kernel/lib/train/install.js")
const { loadTf } = await import("../../../kernel/lib/train/tf.js")
const { prepared } = await import("./prepared.mjs")

await ensureBackend()
const tf = loadTf()
const { device } = activeXla(tf)

/** The largest program of one step. */
async function stepOf(network) {
  const seen = []
  const { compileAhead } = Cutter.prototype
  Cutter.prototype.compileAhead = function (key, cut) {
    seen.push(cut.program)
    return compileAhead.call(this, key, cut)
  }
  const { model, x, y, batch } = prepared(tf, network, 1)
  await model.fit(x, y, { epochs: 1, batchSize: batch, verbose: 0 })
  Cutter.prototype.compileAhead = compileAhead
  return seen.sort((a, b) => nodeCount(b) - nodeCount(a))[0]
}

function compileMs(text) {
  const start = performance.now()
  device.compile(text).free()
  return performance.now() - start
}

for (const name of ["mlp", "cnn", "lstm", "gpt"]) {
  const program = await stepOf(name)
  const start = performance.now()
  const simple = simplify(program)
  const simplifyMs = performance.now() - start
  const [before, after] = [toStableHlo(program), toStableHlo(simple)]
  const times = [[], []]
  for (let round = 0; round < 3; round++) {
    times[0].push(compileMs(before))
    times[1].push(compileMs(after))
  }
  const [slow, fast] = times.map(list => Math.min(...list))
  console.log(
    `${name.padEnd(5)} ${nodeCount(program)} operations to ${nodeCount(simple)} in ${simplifyMs.toFixed(1)} ms,   text ${(before.length / 1024).toFixed(0)} to ` +
      `${(after.length / 1024).toFixed(0)} KiB,   compile ${slow.toFixed(0)} to ${fast.toFixed(0)} ms (best of 3)`,
  )
}
