// Training in processes that share one client: `train(..., { devices: "all" })` under a launcher, without MPI. The plugin
// (device/world/spanning.c) stands on the real CPU plugin; each process has two of four devices.
import { mkdtempSync, readFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"
import { ended } from "../device/world/launched.js"
import { hasCompiler, spanning } from "../device/world/spanningPlugin.js"
import { difference } from "./onXla.js"

const child = join(import.meta.dirname, "child/ranks.mjs")

interface Learnt {
  readonly history: Readonly<Record<string, readonly number[]>>
  readonly samples: number
  readonly weights: readonly number[]
}

test.skipIf(!hasCompiler)("two processes on four devices learn what one process learns", async () => {
  const folder = mkdtempSync(join(tmpdir(), "shardlab-spanning-"))
  const alone = mkdtempSync(join(tmpdir(), "shardlab-spanning-"))
  const options = { devices: "all", shardOptimizer: true, checkpoint: join(folder, "checkpoints") }
  const processes = await spanning([child, folder, JSON.stringify(options)], 2)
  expect(processes.map(({ code, stdout, stderr }) => [code, code === 0 ? "" : stdout, stderr])).toEqual([
    [0, "", ""],
    [0, "", ""],
  ])
  await ended([child, alone, "{}"], {})
  const learnt = (from: string, rank: number) =>
    JSON.parse(readFileSync(join(from, `rank-${rank}.json`), "utf8")) as Learnt
  const one = learnt(alone, 0)
  const ranks = [0, 1].map(rank => learnt(folder, rank))
  for (const rank of ranks) {
    expect(difference(one.history.loss!, rank.history.loss!)).toBeLessThan(1e-5)
    expect(difference(one.weights, rank.weights)).toBeLessThan(1e-5)
    expect(rank.samples).toBe(one.samples)
  }
  expect(ranks[0]!.weights).toEqual(ranks[1]!.weights)
})
