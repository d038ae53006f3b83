// How busy processes are: CPU time of each since the last look, from /proc. Undefined where there is none (macOS, Windows):
// a policy that follows `cpu` then holds and says why.

import { readFileSync } from "node:fs"

/** Linux counts in hundredths of a second (USER_HZ), whatever the kernel's own tick is. */
const ticksPerSecond = 100

export class CpuMeter {
  #last = new Map<number, number>()
  #at = performance.now()
  #share: number | undefined
  readonly #leastMs: number

  /** Looks closer together than `leastMs` repeat the last answer: a tick is too coarse for less. */
  constructor(leastMs = 250) {
    this.#leastMs = leastMs
  }

  /** Percent of one core that a process used on average since the last look; 0 to 100 for single-threaded work. */
  percent(pids: readonly number[]): number | undefined {
    const now = performance.now()
    const seconds = (now - this.#at) / 1000
    if (seconds * 1000 < this.#leastMs) return this.#share
    const next = new Map(pids.map(pid => [pid, cpuSeconds(pid)] as const))
    const used = pids.map(pid => next.get(pid)! - (this.#last.get(pid) ?? next.get(pid)!))
    const known = used.filter(Number.isFinite)
    this.#share =
      known.length === 0 ? undefined : (100 * known.reduce((a, b) => a + b, 0)) / known.length / seconds
    this.#last = next
    this.#at = now
    return this.#share
  }
}

function cpuSeconds(pid: number): number {
  try {
    // The second field is the command in brackets, which may hold blanks; utime and stime are the 14th and 15th.
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ")
    return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
  } catch {
    return Number.NaN // ended, or no /proc here
  }
}
