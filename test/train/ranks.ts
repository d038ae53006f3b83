// Trainings in one process or in several under the real mpirun, for the tests: child/ranks.mjs and what it wrote.
import { mkdtempSync, readFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { ended, mpirun, openMpiProblem } from "../services/openMpi.mjs"

export interface Learnt {
  readonly history: Readonly<Record<string, readonly number[]>>
  readonly samples: number
  readonly steps: number
  readonly weights: readonly number[]
  readonly skippedSteps?: number
}

export const problem = openMpiProblem()
const child = join(import.meta.dirname, "child/ranks.mjs")

/** What each process of a training has learnt, by rank. */
export async function learnt(processes: number, options: object = {}): Promise<Learnt[]> {
  const folder = mkdtempSync(join(tmpdir(), "shardlab-ranks-"))
  const program = [process.execPath, child, folder, JSON.stringify(options)]
  const { code, output } = await ended(processes === 1 ? program : [...mpirun(processes), ...program])
  if (code !== 0) throw new Error(`ended with ${code}: ${output}`)
  return Array.from({ length: processes }, (_, rank) =>
    JSON.parse(readFileSync(join(folder, `rank-${rank}.json`), "utf8")),
  )
}
