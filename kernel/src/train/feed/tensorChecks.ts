// Tensors given as data, checked before any step: shapes against the model's layers, labels against its classes, values for
// NaN and infinities. Tables are checked where they become numbers: cells.ts.

import { fail } from "../../errors.js"
import { activeXla } from "../install.js"
import type { Tf } from "../tf.js"
import type { TensorData } from "../trainOptions.js"
import { labelRange } from "./cells.js"
import { firstLayer, labelRule, lastLayer, takesClassNumbers } from "./labels.js"

type Tensor = import("@tensorflow/tfjs").Tensor
type LayersModel = import("@tensorflow/tfjs").LayersModel
type Shape = readonly (number | null)[]

/** @throws BAD_VALUE, TRAIN_NO_DATA, SHAPE_MISMATCH with the layer, DATA_NOT_FINITE and LABEL_RANGE with the row */
export async function checkTensors(
  tf: Tf,
  model: LayersModel,
  { x, y }: TensorData,
  where: string,
): Promise<void> {
  if (!(x instanceof tf.Tensor) || !(y instanceof tf.Tensor))
    throw fail("BAD_VALUE", {
      where,
      name: "data",
      value: "neither a DataFrame nor { x, y } tensors",
      fix: "Pass `data: frame`, or `data: { x, y }`.",
    })
  if (x.shape[0] === 0) throw fail("TRAIN_NO_DATA", { where, fix: "The tensor `x` has no rows." })
  if (x.shape[0] !== y.shape[0])
    throw fail("BAD_VALUE", {
      where,
      name: "y",
      value: `${y.shape[0] ?? 1} rows, and \`x\` has ${x.shape[0] ?? 1}`,
      fix: "Give one target a row.",
    })
  checkShapes(model, x, y, where)
  await checkFinite(tf, x, "`x`", where)
  await checkFinite(tf, y, "`y`", where)
  await checkLabels(model, y, where)
}

function checkShapes(model: LayersModel, x: Tensor, y: Tensor, where: string): void {
  const wanted = model.inputs[0]!.shape.slice(1)
  if (!fits(x.shape.slice(1), wanted))
    throw fail("SHAPE_MISMATCH", {
      where,
      layer: firstLayer(model),
      verb: "takes",
      expected: shapeText(wanted),
      found: `\`x\` has rows of ${shapeText(x.shape.slice(1))}`,
      fix: "Reshape `x`, or give the first layer that `inputShape`.",
    })
  const output = model.outputs[0]!.shape.slice(1, takesClassNumbers(model) ? -1 : undefined)
  if (fits(trimmed(y.shape.slice(1)), trimmed(output))) return
  const sparse = takesClassNumbers(model) ? " (the loss takes one class number a row)" : ""
  throw fail("SHAPE_MISMATCH", {
    where,
    layer: lastLayer(model),
    verb: "gives",
    expected: shapeText(output),
    found: `\`y\` has rows of ${shapeText(y.shape.slice(1))}${sparse}`,
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

async function checkLabels(model: LayersModel, y: Tensor, where: string): Promise<void> {
  const rule = labelRule(model)
  // One number a class: any share will do.
  if (rule === undefined || trimmed(y.shape.slice(1)).length > 0) return
  const values = await y.data()
  const row = values.findIndex(value => !rule.allows(value))
  if (row >= 0) throw labelRange(values[row], { where, name: "y", row }, rule)
}
