// A real scheduler with worker processes for the tests of this folder, from an environment that the first test makes.
import { ensureCluster } from "../../../extension/setup/cluster.mjs"
import {
  connectDask,
  type DaskCluster,
  type DaskOptions,
} from "../../../kernel/src/engine/dask/connectDask.js"

/** Installing, and three Python processes. */
export const startMs = 300_000

export async function startDask(options: DaskOptions = {}): Promise<DaskCluster> {
  return connectDask("dask", { workers: 2, python: await daskPython(), ...options })
}

export async function daskPython(): Promise<string> {
  return (await ensureCluster("dask")) as string
}
