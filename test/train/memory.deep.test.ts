// Memory over long runs, each in a process of its own: 20,000 steps, a thousand models made and disposed, and device memory that
// nobody frees. What is in use after a fifth of a run is in use at its end.
import { execFile } from "node:child_process"
import { join } from "node:path"
import { promisify } from "node:util"
import { expect, test } from "vitest"

interface Mark {
  readonly rss: number
  readonly heap: number
  readonly device: number
  readonly numTensors: number
  readonly numBytes: number
}

const megabyte = 2 ** 20

/** What was in use after each fifth of the run. */
async function marksOf(what: string, count: number): Promise<Mark[]> {
  const child = join(import.meta.dirname, "child/longRuns.mjs")
  const args = ["--expose-gc", child, what, String(count)]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  const marks = JSON.parse(stdout) as Mark[]
  console.log(
    what,
    marks.map(({ rss, heap, device, numTensors }) => [rss, heap, device, numTensors].join(" ")),
  )
  return marks
}

/** The first mark is before the run; the second is after a fifth of it, when everything is warm. */
function expectFlat([, warm, ...later]: Mark[], slack: { rss: number; heap: number }): void {
  for (const mark of later) {
    expect(mark.numTensors).toBe(warm!.numTensors)
    expect(mark.numBytes).toBe(warm!.numBytes)
    expect(mark.device).toBeLessThanOrEqual(warm!.device)
  }
  expect(later.at(-1)!.rss - warm!.rss).toBeLessThan(slack.rss)
  expect(later.at(-1)!.heap - warm!.heap).toBeLessThan(slack.heap)
}

test("20,000 steps", async () => {
  expectFlat(await marksOf("steps", 20_000), { rss: 25 * megabyte, heap: 2 * megabyte })
})

test("1,000 models made, trained and disposed", async () => {
  expectFlat(await marksOf("models", 1000), { rss: 25 * megabyte, heap: 2 * megabyte })
})

test("100,000 buffers of 10 kB that nobody frees", async () => {
  const marks = await marksOf("forgotten", 100_000)
  expectFlat(marks, { rss: 25 * megabyte, heap: 2 * megabyte })
  expect(marks.at(-1)!.device).toBeLessThan(megabyte)
})
