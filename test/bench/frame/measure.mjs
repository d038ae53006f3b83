// Milliseconds, medians and a table of figures; for the parts of bench/frame.mjs.

/** @returns milliseconds that `work` took */
export async function ms(work) {
  const start = performance.now()
  await work()
  return performance.now() - start
}

export function median(values) {
  return [...values].sort((a, b) => a - b)[values.length >> 1]
}

/** Runs every contender once a round, in turns, so that a slow minute of the machine hits all of them. `cpu` is what this
 * process spent, of all its threads: a ratio of it holds on a busy machine too.
 * @param {Record<string, () => unknown>} contenders
 * @returns {Promise<Record<string, { ms: number, cpu: number }>>} medians after one warm-up */
export async function interleaved(contenders, rounds) {
  const found = Object.fromEntries(Object.keys(contenders).map(name => [name, { ms: [], cpu: [] }]))
  for (let round = 0; round <= rounds; round++) {
    for (const [name, work] of Object.entries(contenders)) {
      const { ms, cpu } = await timed(work)
      if (round === 0) continue
      found[name].ms.push(ms)
      found[name].cpu.push(cpu)
    }
  }
  return Object.fromEntries(
    Object.entries(found).map(([name, { ms, cpu }]) => [name, { ms: median(ms), cpu: median(cpu) }]),
  )
}

/** A contender may measure itself, where the clocks have to run in another process. */
async function timed(work) {
  const [start, before] = [performance.now(), process.cpuUsage()]
  const own = await work()
  if (own !== undefined && "cpu" in own) return own
  const { user, system } = process.cpuUsage(before)
  return { ms: performance.now() - start, cpu: (user + system) / 1000 }
}

export function row(cells, width = 12) {
  console.log(
    cells.map((cell, i) => (i === 0 ? String(cell).padEnd(16) : String(cell).padStart(width))).join(""),
  )
}
