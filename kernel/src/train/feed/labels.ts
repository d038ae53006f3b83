// What a model's labels may be, as its loss and its last layer say: class numbers, a share, or any number.

type LayersModel = import("@tensorflow/tfjs").LayersModel

export interface LabelRule {
  /** As part of a sentence: `layer x tells 10 classes apart: whole numbers from 0 to 9`. */
  readonly expected: string
  allows(value: number): boolean
}

/** Loss takes one class number a row, not one number a class. */
export function takesClassNumbers(model: LayersModel): boolean {
  return String((model as { loss?: unknown }).loss).startsWith("sparse")
}

/** Numbers of a row of the model's output: its last axis. */
export function outputsOf(model: LayersModel): number {
  return (model.outputs[0]!.shape.at(-1) as number | null) ?? 1
}

/** Undefined where any number is a label. */
export function labelRule(model: LayersModel): LabelRule | undefined {
  const layer = lastLayer(model)
  const outputs = outputsOf(model)
  if (outputs > 1 || takesClassNumbers(model))
    return {
      expected: `layer \`${layer}\` tells ${outputs} classes apart: whole numbers from 0 to ${outputs - 1}`,
      allows: value => Number.isInteger(value) && value >= 0 && value < outputs,
    }
  if (String((model as { loss?: unknown }).loss) !== "binaryCrossentropy") return undefined
  return {
    expected: "binaryCrossentropy takes 0, 1 or a share between",
    allows: value => value >= 0 && value <= 1,
  }
}

export function firstLayer(model: LayersModel): string {
  return sourceLayer(model.inputs[0]!)
}

export function lastLayer(model: LayersModel): string {
  return sourceLayer(model.outputs[0]!)
}

function sourceLayer(tensor: unknown): string {
  return (tensor as { sourceLayer: { name: string } }).sourceLayer.name
}
