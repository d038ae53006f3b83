// Tensors given as data, checked before any step: shapes against the model's layers, labels against its classes, values for
// NaN and infinities. Tables are checked where they become numbers: cells.ts.

import { didYouMean, fail } from "../../errors.js"
import { activeXla } from "../install.js"
import type { Tf } from "../tf.js"
import type { Tensors, TrainTensors } from "../trainOptions.js"
import { labelRange } from "./cells.js"
import { firstLayer, labelRule, lastLayer, takesClassNumbers } from "./labels.js"

const plural = (count: number, word: string) => `${count} ${word}${count === 1 ? "" : "s"}`

type Tensor = import("@tensorflow/tfjs").Tensor
type LayersModel = import("@tensorflow/tfjs").LayersModel
type Shape = readonly (number | null)[]

/** Inputs and targets in the order of the model's. */
export interface CheckedTensors {
  readonly x: readonly Tensor[]
  readonly y: readonly Tensor[]
}

/** @throws BAD_VALUE, TRAIN_NO_DATA, SHAPE_MISMATCH with the layer, DATA_NOT_FINITE and LABEL_RANGE with the row */
export async function checkTensors(
  tf: Tf,
  model: LayersModel,
  data: TrainTensors,
  where: string,
): Promise<CheckedTensors> {
  const x = listed(tf, data.x, { names: model.inputNames, option: "x", where })
  const y = listed(tf, data.y, { names: model.outputNames, option: "y", where })
  const nameOf = (option: "x" | "y", i: number) => {
    const names = option === "x" ? model.inputNames : model.outputNames
    return names.length === 1 ? option : `${option}.${names[i]}`
  }
  const rows = x[0]!.shape[0]
  if (rows === 0) throw fail("TRAIN_NO_DATA", { where, fix: `The tensor \`${nameOf("x", 0)}\` has no rows.` })
  const all = [...x.map((one, i) => [nameOf("x", i), one]), ...y.map((one, i) => [nameOf("y", i), one])]
  for (const [name, tensor] of all as [string, Tensor][])
    if (tensor.shape[0] !== rows)
      throw fail("BAD_VALUE", {
        where,
        name,
        value: `${tensor.shape[0] ?? 1} rows, and \`${nameOf("x", 0)}\` has ${rows ?? 1}`,
        fix: "Give one target a row.",
      })
  for (const [i, one] of x.entries()) checkInput(model, i, one, { name: nameOf("x", i), where })
  for (const [i, one] of y.entries()) checkTarget(model, i, one, { name: nameOf("y", i), where })
  for (const [name, tensor] of all as [string, Tensor][]) await checkFinite(tf, tensor, `\`${name}\``, where)
  for (const [i, one] of y.entries()) await checkLabels(model, i, one, { name: nameOf("y", i), where })
  return { x, y }
}

interface Named {
  readonly name: string
  readonly where: string
}

/** One tensor, a list in the model's order, or a record by the model's names, as a list. */
function listed(
  tf: Tf,
  given: Tensors,
  { names, option, where }: { names: readonly string[]; option: "x" | "y"; where: string },
): readonly Tensor[] {
  const kind = option === "x" ? "input" : "output"
  const wanted = `${plural(names.length, kind)}: ${names.join(", ")}`
  const bad = (value: string, fix: string) => fail("BAD_VALUE", { where, name: option, value, fix })
  const list = given instanceof tf.Tensor ? [given] : Array.isArray(given) ? given : undefined
  if (list?.every(one => one instanceof tf.Tensor)) {
    if (list.length !== names.length)
      throw bad(
        `${plural(list.length, "tensor")}, and the model has ${wanted}`,
        "Give one each, in that order or by name.",
      )
    return list
  }
  if (list === undefined && typeof given === "object" && given !== null) {
    const record = given as Readonly<Record<string, Tensor>>
    for (const key of Object.keys(record))
      if (!names.includes(key))
        throw bad(`given for \`${key}\`, and the model has ${wanted}`, didYouMean(key, names).trim())
    const lacking = names.find(name => !(record[name] instanceof tf.Tensor))
    if (lacking === undefined) return names.map(name => record[name]!)
    throw bad(`without a tensor for \`${lacking}\``, `The model has ${wanted}.`)
  }
  throw fail("BAD_VALUE", {
    where,
    name: "data",
    value: "neither a DataFrame nor { x, y } tensors",
    fix: "Pass `data: frame`, or `data: { x, y }`.",
  })
}

function checkInput(model: LayersModel, input: number, x: Tensor, { name, where }: Named): void {
  const wanted = model.inputs[input]!.shape.slice(1)
  if (fits(x.shape.slice(1), wanted)) return
  throw fail("SHAPE_MISMATCH", {
    where,
    layer: firstLayer(model, input),
    verb: "takes",
    expected: shapeText(wanted),
    found: `\`${name}\` has rows of ${shapeText(x.shape.slice(1))}`,
    fix: `Reshape \`${name}\`, or give the first layer that \`inputShape\`.`,
  })
}

function checkTarget(model: LayersModel, at: number, y: Tensor, { name, where }: Named): void {
  const output = model.outputs[at]!.shape.slice(1, takesClassNumbers(model, at) ? -1 : undefined)
  if (fits(trimmed(y.shape.slice(1)), trimmed(output))) return
  const sparse = takesClassNumbers(model, at) ? " (the loss takes one class number a row)" : ""
  throw fail("SHAPE_MISMATCH", {
    where,
    layer: lastLayer(model, at),
    verb: "gives",
    expected: shapeText(output),
    found: `\`${name}\` has rows of ${shapeText(y.shape.slice(1))}${sparse}`,
    fix: 'Class numbers go with loss "sparseCategoricalCrossentropy", one-hot rows with "categoricalCrossentropy".',
  })
}

const fits = (shape: Shape, wanted: Shape) =>
  shape.length === wanted.length && wanted.every((length, i) => length === null || length === shape[i])
const shapeText = (shape: Shape) => `[${shape.map(length => length ?? "any").join(", ")}]`

/** Without axes of one at the end: tfjs takes `[rows]` for `[rows, 1]`. */
function trimmed(shape: Shape): Shape {
  return shape.at(-1) === 1 ? trimmed(shape.slice(0, -1)) : shape
}

/** Tensors that only the device has are looked at there; they come to the host when there is something to name. */
async function checkFinite(tf: Tf, tensor: Tensor, name: string, where: string): Promise<void> {
  if (tensor.dtype !== "float32") {
    if (tensor.dtype === "int32" || tensor.dtype === "bool") return
    const fix = "Give float32, int32 or bool tensors."
    throw fail("BAD_VALUE", { where, name, value: `a ${tensor.dtype} tensor`, fix })
  }
  const backend = activeXla(tf)
  if (backend !== undefined && backend.hostOf(tensor.dataId) === undefined) {
    const whole = tf.tidy(() => tf.all(tf.isFinite(tensor)))
    const [fine] = await whole.data()
    whole.dispose()
    if (fine) return
  }
  const values = await tensor.data()
  const at = firstNotFinite(values)
  if (at < 0) return
  const width = tensor.size / tensor.shape[0]!
  const element = width === 1 ? "" : `, element ${at % width} of the row`
  throw fail("DATA_NOT_FINITE", {
    where,
    row: Math.floor(at / width),
    name: `${name}${element}`,
    value: values[at],
  })
}

/** A plain loop: of millions of pixels, `findIndex` takes seven times as long. */
function firstNotFinite(values: ArrayLike<number>): number {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return i
  return -1
}

async function checkLabels(model: LayersModel, at: number, y: Tensor, { name, where }: Named): Promise<void> {
  const rule = labelRule(model, at)
  // One number a class: any share will do.
  if (rule === undefined || trimmed(y.shape.slice(1)).length > 0) return
  const values = await y.data()
  const row = values.findIndex(value => !rule.allows(value))
  if (row >= 0) throw labelRange(values[row], { where, name, row }, rule)
}
