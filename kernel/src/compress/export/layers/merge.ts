// Layers with several inputs. All inputs are brought into one layout first: channels first when one of them already is, so
// that the branches of a convolutional network meet without a transpose.

import { type LayerCall, type LayerRow, row } from "../LayerCall.js"
import { isFolded, sameLayout, type Value } from "../Value.js"

function together(call: LayerCall<unknown>, inputs = call.inputs): readonly Value[] {
  const { graph } = call
  const [head, ...rest] = inputs
  if (rest.some(input => input.shape.length !== head!.shape.length))
    throw call.refuse("its inputs have different numbers of axes", "Reshape the smaller one first.")
  if (rest.every(input => sameLayout(input.layout, head!.layout))) return inputs
  if (inputs.some(input => input.layout === "first")) return inputs.map(input => graph.channelsFirst(input))
  return inputs.map(input => graph.channelsLast(input))
}

/** ONNX takes two at a time, and so do onnxruntime's int8 kernels. */
const pairwise =
  (op: "Add" | "Mul"): LayerRow =>
  call =>
    together(call).reduce((left, right) => call.node(op, [left, right], { layout: left.layout }))

const all =
  (op: "Max" | "Min" | "Mean"): LayerRow =>
  call => {
    const inputs = together(call)
    return call.node(op, inputs, { layout: inputs[0]!.layout })
  }

const concatenate = row<{ axis: number }>(call => {
  // Rows of folded numbers, joined, would be in an order that nothing else knows.
  const plain = call.inputs.map(input => (isFolded(input.layout) ? call.graph.channelsLast(input) : input))
  const inputs = together(call, plain)
  const { layout, shape } = inputs[0]!
  const last = shape.length
  const axis = call.config.axis < 0 ? call.config.axis + last + 1 : call.config.axis
  if (axis === 0) throw call.refuse("it joins along the batch", "Join along another axis.")
  const firstAxis = axis === last ? 1 : axis + 1
  const attributes = { axis: { int: layout === "first" ? firstAxis : axis } }
  return call.node("Concat", inputs, { layout, attributes })
})

export const mergeRows: Readonly<Record<string, LayerRow>> = {
  Add: pairwise("Add"),
  Multiply: pairwise("Mul"),
  Average: all("Mean"),
  Maximum: all("Max"),
  Minimum: all("Min"),
  Concatenate: concatenate,
}
