// Several processes under the real mpirun learn what one process learns: each computes its own rows, gradients are added up
// over MPI. Also through the command that runs notebooks.
import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { ended, mpirun } from "../services/openMpi.mjs"
import { root } from "../services/service.mjs"
import { lossesHere, lossesOf, trainingNotebook } from "./notebook.js"
import { difference } from "./onXla.js"
import { learnt, problem } from "./ranks.js"

const command = join(root, "kernel/lib/main.js")

describe.skipIf(problem !== undefined)(`over MPI${problem === undefined ? "" : `: ${problem}`}`, () => {
  test("two processes are one: every row counted once, the weights of rank 0 at the start", async () => {
    const [one] = await learnt(1)
    const ranks = await learnt(2)
    for (const rank of ranks) {
      expect(difference(one!.history.loss!, rank.history.loss!)).toBeLessThan(1e-5)
      expect(difference(one!.history.acc!, rank.history.acc!)).toBeLessThan(1e-5)
      expect(difference(one!.weights, rank.weights)).toBeLessThan(1e-5)
      expect([rank.samples, rank.steps]).toEqual([one!.samples, one!.steps])
    }
    expect(ranks[0]!.weights).toEqual(ranks[1]!.weights)
  })

  test("what batch normalisation learns beside gradients is that of all rows, and the same everywhere", async () => {
    const ranks = await learnt(2, { normalised: true, accumulate: 2 })
    expect(ranks[0]!.weights).toEqual(ranks[1]!.weights)
    expect(ranks[0]!.history).toEqual(ranks[1]!.history)
    expect(ranks[0]!.history.loss!.at(-1)).toBeLessThan(ranks[0]!.history.loss![0]!)
  })

  test("shardlab run in two processes: one file, whose losses are those of one process", async () => {
    const folder = mkdtempSync(join(tmpdir(), "shardlab-ranks-"))
    const output = join(folder, "out.ipynb")
    const input = trainingNotebook(folder, { epochs: 3 })
    const run = await ended([...mpirun(2), process.execPath, command, "run", input, output])
    expect(run, run.output).toMatchObject({ code: 0 })
    expect(run.output.match(/written to/g)).toHaveLength(1)
    const losses = lossesOf(output)
    expect(losses).toHaveLength(3)
    expect(difference(await lossesHere({ epochs: 3 }), losses)).toBeLessThan(1e-5)
  })
})
