// Which models train by split steps at the moment: `train` says so for its run, the loops of tfjs ask at every step.

import type { SplitStep } from "./SplitStep.js"

const splits = new WeakMap<object, SplitStep>()

/** A Sequential trains the LayersModel inside it. */
export const trainedModel = (model: object): object => (model as { model?: object }).model ?? model

export function splitOf(model: object): SplitStep | undefined {
  return splits.get(model)
}

/** Has `model` train by `split` while `work` runs. */
export async function splitting<T>(
  model: object,
  split: SplitStep | undefined,
  work: () => Promise<T>,
): Promise<T> {
  if (split === undefined) return work()
  splits.set(trainedModel(model), split)
  try {
    return await work()
  } finally {
    splits.delete(trainedModel(model))
    split.close()
  }
}
