// Activation functions, by the names that tfjs gives them, and the layers that are nothing else. They work on each number
// alone, so any layout will do; softmax runs along tfjs's last axis and asks for it.

import { type LayerCall, type LayerRow, row } from "../LayerCall.js"
import type { Value } from "../Value.js"
import { permuted } from "../Weight.js"

type Activation = (call: LayerCall<unknown>, x: Value) => Value

/** A node of the same name and no settings of its own. */
const plain =
  (op: string, part: string): Activation =>
  (call, x) =>
    call.node(op, [x], { part, layout: x.layout })

const withSettings =
  (op: string, part: string, settings: Readonly<Record<string, number>>): Activation =>
  (call, x) => {
    const attributes = Object.fromEntries(Object.entries(settings).map(([name, float]) => [name, { float }]))
    return call.node(op, [x], { part, layout: x.layout, attributes })
  }

const alongLast =
  (op: string, part: string): Activation =>
  (call, x) => {
    const attributes = { axis: { int: -1 } }
    return call.node(op, [call.graph.channelsLast(x)], { part, layout: "last", attributes })
  }

const clipped =
  (low: number, high: number, part: string): Activation =>
  (call, x) => {
    const bounds = [call.scalar(`${part}/low`, low), call.scalar(`${part}/high`, high)]
    return call.node("Clip", [x, ...bounds], { part, layout: x.layout })
  }

/** x times a gate made of x. */
const gated =
  (part: string, gate: (call: LayerCall<unknown>, x: Value) => Value): Activation =>
  (call, x) =>
    call.node("Mul", [x, gate(call, x)], { part, layout: x.layout })

const sigmoid = plain("Sigmoid", "sigmoid")
const softplus = plain("Softplus", "softplus")
const tanh = plain("Tanh", "tanh")

/** x / 2 * (1 + erf(x / sqrt 2)). */
const gelu = gated("gelu", (call, x) => {
  const { layout } = x
  const scaled = call.node("Mul", [x, call.scalar("gelu/scale", Math.SQRT1_2)], {
    part: "gelu/scaled",
    layout,
  })
  const erf = call.node("Erf", [scaled], { part: "gelu/erf", layout })
  const shifted = call.node("Add", [erf, call.scalar("gelu/one", 1)], { part: "gelu/shifted", layout })
  return call.node("Mul", [shifted, call.scalar("gelu/half", 0.5)], { part: "gelu/gate", layout })
})

const activations: Readonly<Record<string, Activation>> = {
  linear: (_, x) => x,
  relu: plain("Relu", "relu"),
  relu6: clipped(0, 6, "relu6"),
  elu: withSettings("Elu", "elu", { alpha: 1 }),
  selu: plain("Selu", "selu"),
  sigmoid,
  hardSigmoid: withSettings("HardSigmoid", "hardSigmoid", { alpha: 0.2, beta: 0.5 }),
  softplus,
  softsign: plain("Softsign", "softsign"),
  tanh,
  softmax: alongLast("Softmax", "softmax"),
  logSoftmax: alongLast("LogSoftmax", "logSoftmax"),
  swish: gated("swish", sigmoid),
  mish: gated("mish", (call, x) => tanh(call, softplus(call, x))),
  gelu,
}

/** What the activation named in a layer's configuration makes of `x`. */
export function activate(call: LayerCall<unknown>, x: Value, name: string | undefined): Value {
  const activation = activations[name ?? "linear"]
  if (activation !== undefined) return activation(call, x)
  const known = Object.keys(activations).join(", ")
  throw call.refuse(`its activation \`${name}\` has no ONNX form here`, `Use one of: ${known}.`)
}

const prelu: LayerRow = call => {
  const x = call.input.layout === "first" ? call.first : call.last
  const [alpha] = call.weights
  const axes = alpha!.shape.length
  if (x.layout === "last" || axes < 2) {
    const slope = call.weight("alpha", alpha!)
    return call.node("PRelu", [x, slope], { layout: x.layout })
  }
  const order = [axes - 1, ...Array.from({ length: axes - 1 }, (_, i) => i)]
  const slope = call.weight("alpha/channelsFirst", permuted(alpha!, order))
  return call.node("PRelu", [x, slope], { layout: "first" })
}

const softmaxLayer = row<{ axis: number | readonly number[] }>(call => {
  const axes = [call.config.axis].flat()
  if (axes.length > 1) throw call.refuse("it runs along several axes", "Give it one axis.")
  const attributes = { axis: { int: axes[0]! } }
  return call.node("Softmax", [call.last], { part: "softmax", layout: "last", attributes })
})

export const activationRows: Readonly<Record<string, LayerRow>> = {
  Activation: row<{ activation: string }>(call => activate(call, call.input, call.config.activation)),
  ReLU: row<{ maxValue?: number | null }>(call => {
    const { maxValue } = call.config
    const relu = maxValue === undefined || maxValue === null
    return relu ? activate(call, call.input, "relu") : clipped(0, maxValue, "relu")(call, call.input)
  }),
  LeakyReLU: row<{ alpha: number }>(call =>
    withSettings("LeakyRelu", "leakyRelu", { alpha: call.config.alpha })(call, call.input),
  ),
  // tfjs takes no other alpha than 1.
  ELU: call => activate(call, call.input, "elu"),
  ThresholdedReLU: row<{ theta: number }>(call =>
    withSettings("ThresholdedRelu", "relu", { alpha: call.config.theta })(call, call.input),
  ),
  PReLU: prelu,
  Softmax: softmaxLayer,
}
