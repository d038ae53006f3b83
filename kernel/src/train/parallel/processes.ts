// How one call of `train` takes part in a training of several processes: who it trains with, the same weights at the start,
// its own random numbers, and a step that is split where the processes meet.

import { launchOf } from "../../device/world/launch.js"
import { fail } from "../../errors.js"
import { activeXla } from "../install.js"
import type { Tf } from "../tf.js"
import type { Communicator } from "./Communicator.js"
import { communicator } from "./mpi.js"
import { type SplitModel, SplitStep } from "./SplitStep.js"
import { trainedModel } from "./splitting.js"

type LayersModel = import("@tensorflow/tfjs").LayersModel

export interface SplitWish {
  readonly accumulate?: number | undefined
  /** Default: when a launcher started several processes. */
  readonly distributed?: boolean | undefined
}

/**
 * The processes to train with, undefined for this one alone.
 * @throws NOT_LAUNCHED, MPI_MISSING, MPI_OTHER_WORLD
 */
export function processesOf({ distributed }: SplitWish): Communicator | undefined {
  if (distributed === false) return undefined
  const launch = launchOf()
  if (launch === undefined && distributed === true) throw fail("NOT_LAUNCHED", {})
  return communicator(launch)
}

/** The split step that the options and the processes ask for; undefined when a plain step will do. */
export function splitStep(
  tf: Tf,
  model: LayersModel,
  { accumulate = 1 }: SplitWish,
  processes: Communicator | undefined,
): SplitStep | undefined {
  if (accumulate === 1 && processes === undefined) return undefined
  return new SplitStep(tf, trainedModel(model) as SplitModel, { accumulate, exchange: processes })
}

/** Every process begins with the weights of rank 0, and with random numbers of its own. */
export function meetAtStart(tf: Tf, model: LayersModel, processes: Communicator | undefined): void {
  if (processes === undefined) return
  shareWeights(tf, model, processes)
  if (processes.rank === 0 || processes.drawsAlike) return
  const cutter = activeXla(tf)?.cutter
  cutter?.setSeed(cutter.seed ^ Math.imul(processes.rank, 0x9e3779b1))
}

/** The weights of rank 0 in all processes. */
export function shareWeights(tf: Tf, model: LayersModel, processes: Communicator | undefined): void {
  if (processes === undefined) return
  const weights = model.getWeights()
  const flat = new Float32Array(weights.reduce((size, weight) => size + weight.size, 0))
  let at = 0
  for (const weight of weights) {
    flat.set(weight.dataSync(), at)
    at += weight.size
  }
  processes.broadcast(flat)
  // Where all make the same calls, rank 0 makes these too.
  if (processes.rank === 0 && !processes.drawsAlike) return
  at = 0
  tf.tidy(() => {
    const received = weights.map(({ size, shape, dtype }) => {
      const values = flat.subarray(at, at + size)
      at += size
      return tf.cast(tf.tensor(values.slice(), shape, "float32"), dtype)
    })
    model.setWeights(received)
  })
}
