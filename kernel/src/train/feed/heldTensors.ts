// Tensors that a training is validated on, and what their rows count for. Tables: prepareSource.ts.

import { fail } from "../../errors.js"
import type { Tf } from "../tf.js"
import type { ValidationTensors } from "../trainOptions.js"
import { oneEach } from "./labels.js"
import { weightTensor } from "./rowWeights.js"
import type { WholeData } from "./split.js"
import { checkTensors } from "./tensorChecks.js"

type Tensor = import("@tensorflow/tfjs").Tensor
type LayersModel = import("@tensorflow/tfjs").LayersModel

/** What validates, and which of it was made here; the rest stays the user's. */
export interface Held {
  readonly held: WholeData
  readonly made: readonly Tensor[]
}

export async function heldTensors(tf: Tf, model: LayersModel, validation: ValidationTensors): Promise<Held> {
  const held = await checkTensors(tf, model, validation, "train: validation")
  const { sampleWeight } = validation
  if (sampleWeight === undefined) return { held, made: [] }
  const name = "validation.sampleWeight"
  oneEach(model, "train", name)
  const w = weightTensor(tf, model, await numbersOf(sampleWeight, held.x[0]!.shape[0]!, name))
  // In batches, tfjs does not make columns of numbers.
  const y = held.y.map(one => tf.reshape(one, one.rank === 1 ? [-1, 1] : one.shape))
  return { held: { ...held, y, w }, made: [...y, w] }
}

/** One number a row, from 0 on. @throws BAD_VALUE */
export async function numbersOf(
  weight: string | Tensor,
  rows: number,
  name = "sampleWeight",
): Promise<Float32Array> {
  const bad = (value: string) =>
    fail("BAD_VALUE", {
      where: "train",
      name,
      value,
      fix: "Beside `data: { x, y }` it is a tensor of one number from 0 on a row.",
    })
  if (typeof weight === "string") throw bad(`\`${weight}\`, which is no tensor`)
  if (weight.size !== rows) throw bad(`${weight.size} numbers for ${rows} rows`)
  const values = Float32Array.from(await weight.data())
  const at = values.findIndex(value => !(value >= 0 && Number.isFinite(value)))
  if (at >= 0) throw bad(`${values[at]} in row ${at} (from 0)`)
  return values
}
