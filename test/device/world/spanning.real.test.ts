// Several processes whose client is one, over a plugin that stands on the real CPU plugin and asks for keys and values as
// XLA's GPU client does: what each sees and computes, and what it says when another one dies meanwhile.
import { join } from "node:path"
import { expect, test } from "vitest"
import { hasCompiler, spanning } from "./spanningPlugin.js"

const child = [join(import.meta.dirname, "child/spanning.mjs")]

// Skipped only where no C compiler can be installed (not root).
test.skipIf(!hasCompiler)("two processes with two devices each are one mesh of four", async () => {
  const processes = await spanning(child, 2)
  for (const [rank, { told, stderr }] of processes.entries()) {
    expect(stderr).toBe("")
    expect(told).toEqual([
      {
        id: `spanning:${2 * rank}`,
        count: 4,
        rank,
        processes: 2,
        ids: [0, 1, 2, 3],
        places: [2 * rank, 2 * rank + 1],
        siblings: [2 * rank, 2 * rank + 1],
        doubled: [2 + 2 * rank, 4],
        perDevice: 2,
        whole: true,
        negated: true,
        sum: [84, 92, 100],
        first: [10, 20],
        refused: "MESH_NOT_ALL",
      },
    ])
  }
})

test.skipIf(!hasCompiler)(
  "a rank that dies while the client is made ends the making on the others",
  async () => {
    const [zero, one] = await spanning(child, 2, { SPANNING_DIES: "1" })
    expect(one!.signal).toBe("SIGKILL")
    expect(zero!.told).toEqual([
      { code: "WORLD_LOST", message: expect.stringContaining("Rank 1 of 2 processes is gone.") },
    ])
  },
)
