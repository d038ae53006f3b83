// What a model's labels may be, as its loss and its last layer say: class numbers, a share, or any number.

import { fail } from "../../errors.js"

type LayersModel = import("@tensorflow/tfjs").LayersModel

export interface LabelRule {
  /** As part of a sentence: `layer x tells 10 classes apart: whole numbers from 0 to 9`. */
  readonly expected: string
  allows(value: number): boolean
}

/** Loss takes one class number a row, not one number a class. `output` is the place of one among several. */
export function takesClassNumbers(model: LayersModel, output = 0): boolean {
  return lossOf(model, output).startsWith("sparse")
}

/** One for all outputs, or a list or a record with one each. */
function lossOf(model: LayersModel, output: number): string {
  const { loss } = model as { loss?: unknown }
  if (typeof loss !== "object" || loss === null) return String(loss)
  const key = Array.isArray(loss) ? output : model.outputNames[output]!
  return String((loss as Record<string | number, unknown>)[key])
}

/** Numbers of a row of the model's output: its last axis. */
export function outputsOf(model: LayersModel, output = 0): number {
  return (model.outputs[output]!.shape.at(-1) as number | null) ?? 1
}

/** Undefined where any number is a label. */
export function labelRule(model: LayersModel, output = 0): LabelRule | undefined {
  const layer = lastLayer(model, output)
  const outputs = outputsOf(model, output)
  if (outputs > 1 || takesClassNumbers(model, output))
    return {
      expected: `layer \`${layer}\` tells ${outputs} classes apart: whole numbers from 0 to ${outputs - 1}`,
      allows: value => Number.isInteger(value) && value >= 0 && value < outputs,
    }
  if (lossOf(model, output) !== "binaryCrossentropy") return undefined
  return {
    expected: "binaryCrossentropy takes 0, 1 or a share between",
    allows: value => value >= 0 && value <= 1,
  }
}

export function firstLayer(model: LayersModel, input = 0): string {
  return sourceLayer(model.inputs[input]!)
}

export function lastLayer(model: LayersModel, output = 0): string {
  return sourceLayer(model.outputs[output]!)
}

/** @throws BAD_VALUE for a model of several inputs or outputs */
export function oneEach(model: LayersModel, where: string, name: string): void {
  const [inputs, outputs] = [model.inputs.length, model.outputs.length]
  if (inputs === 1 && outputs === 1) return
  const value = `given for a model of ${inputs} inputs and ${outputs} outputs`
  throw fail("BAD_VALUE", { where, name, value, fix: "It is for models of one input and one output." })
}

function sourceLayer(tensor: unknown): string {
  return (tensor as { sourceLayer: { name: string } }).sourceLayer.name
}
