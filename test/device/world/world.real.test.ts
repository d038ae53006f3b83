// Processes of one launch, each with the threads of its own, exchange values; one is killed. The faults: world.test.ts.
import { join } from "node:path"
import { expect, test } from "vitest"
import { asRank, type Ended, ended, launchEnvironment } from "./launched.js"

const member = join(import.meta.dirname, "child/member.mjs")

async function launched(what: string, size: number): Promise<Ended[]> {
  const shared = await launchEnvironment()
  const ranks = Array.from({ length: size }, (_, rank) => ({ ...shared, ...asRank(rank, size) }))
  return Promise.all(ranks.map(env => ended([member, what], env)))
}

test("three processes read what each of them gave", async () => {
  const all = ["hello of 0", "hello of 1", "hello of 2"]
  const processes = await launched("exchange", 3)
  expect(processes.map(({ told, stderr }) => [told, stderr])).toEqual(
    [0, 1, 2].map(rank => [[{ rank, all }], ""]),
  )
})

test("a rank that is killed ends the waiting of the others", async () => {
  const [zero, one, two] = await launched("dies", 3)
  expect(one!.signal).toBe("SIGKILL")
  for (const other of [zero, two]) {
    expect(other!.told).toEqual([
      { code: "WORLD_LOST", message: expect.stringContaining("Rank 1 of 3 processes is gone.") },
    ])
  }
})
