// A training of three processes that loses one goes on with two from its last checkpoint, and learns what a training in peace
// learns. Since a batch is the same batch in however many processes, only the order of additions differs.
import { existsSync, mkdtempSync, readdirSync, readFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"
import { ended, openMpiProblem } from "../services/openMpi.mjs"
import { root } from "../services/service.mjs"
import { lossesHere, lossesOf, printed, trainingNotebook } from "./notebook.js"
import { difference } from "./onXla.js"

const problem = openMpiProblem()
const command = join(root, "kernel/lib/main.js")

async function until<T>(look: () => T | undefined): Promise<T> {
  for (;;) {
    const found = look()
    if (found !== undefined) return found
    await new Promise(done => setTimeout(done, 50))
  }
}

test.skipIf(problem !== undefined)(
  `kill -9 of one of three processes${problem === undefined ? "" : `: ${problem}`}`,
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "shardlab-elastic-"))
    const epochs = 30
    const checkpoint = join(folder, "checkpoints")
    // Each process leaves its number where the test can find it.
    const before = `import { writeFileSync } from "node:fs"
writeFileSync(${JSON.stringify(folder)} + "/pid-" + process.env.OMPI_COMM_WORLD_RANK + "-of-" + process.env.OMPI_COMM_WORLD_SIZE, String(process.pid))`
    const input = trainingNotebook(folder, { epochs, before, checkpoint, pauseMs: 300 })
    const output = join(folder, "out.ipynb")
    const running = ended([process.execPath, command, "launch", "-n", "3", input, output])
    let over = false
    void running.then(() => {
      over = true
    })
    const saved = () =>
      existsSync(checkpoint) ? readdirSync(checkpoint).some(name => name.startsWith("step-")) : false
    await until(() => (saved() || over ? true : undefined))
    process.kill(Number(readFileSync(join(folder, "pid-1-of-3"), "utf8")), "SIGKILL")
    const run = await running
    expect(run, run.output).toMatchObject({ code: 0 })
    expect(run.output).toContain("2 of 3 go on from the last checkpoint")
    expect(existsSync(join(folder, "pid-1-of-2"))).toBe(true)
    expect(printed(output)).toMatch(/resumed \d+/)
    const losses = lossesOf(output)
    expect(losses).toHaveLength(epochs)
    expect(difference(await lossesHere({ epochs }), losses)).toBeLessThan(1e-5)
  },
)

test.skipIf(problem !== undefined)(
  "a cell that fails in one process ends all of them, and says why",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "shardlab-elastic-"))
    const before = 'if (process.env.OMPI_COMM_WORLD_RANK === "1") throw new Error("no disk here")'
    const input = trainingNotebook(folder, { epochs: 3, before })
    const run = await ended([
      process.execPath,
      command,
      "launch",
      "-n",
      "2",
      input,
      join(folder, "out.ipynb"),
    ])
    expect(run.code).toBe(1)
    expect(run.output).toContain("no disk here")
  },
)
