// Activation functions. Those that TensorFlow.js's layers have by name become such layers.

import type { Building, Operator, Tensor, Tf } from "../Operator.js"
import type { Value } from "../Value.js"

const named =
  (name: "relu" | "sigmoid" | "tanh" | "softplus" | "softsign" | "selu") =>
  ({ tf, name: as, layer, live }: Building): readonly Value[] | undefined => {
    const x = live(0)
    if (x === undefined || x.type !== "float32") return undefined
    return [layer(tf.layers.activation({ activation: name, name: as }), [x], x.order)]
  }

const plain = (run: (tf: Tf, x: Tensor) => Tensor, build?: Operator["build"]): Operator => ({
  order: "same",
  run: ({ tf, x }) => run(tf, x),
  ...(build !== undefined && { build }),
})

const gate = (tf: Tf, x: Tensor, alpha: number, beta: number) =>
  tf.clipByValue(tf.add(tf.mul(x, alpha), beta), 0, 1)

export function gelu(tf: Tf, x: Tensor, approximate: boolean): Tensor {
  const inner = approximate
    ? tf.tanh(tf.mul(Math.sqrt(2 / Math.PI), tf.add(x, tf.mul(0.044715, tf.mul(x, tf.square(x))))))
    : tf.erf(tf.mul(x, Math.SQRT1_2))
  return tf.mul(tf.mul(x, 0.5), tf.add(inner, 1))
}

/** Before operator set 13 the axes from `axis` on were one; since then there is one axis. */
function overAxis(run: (tf: Tf, x: Tensor) => Tensor): Operator {
  return {
    order: "axes",
    run: call => {
      const { tf, x, operatorSet } = call
      const rank = x.rank
      if (operatorSet < 13) {
        const first = call.number("axis", 1)
        const at = first < 0 ? first + rank : first
        if (call.order === "file" || at === rank - 1) {
          const rows = x.shape.slice(0, at).reduce((size, length) => size * length, 1)
          return tf.reshape(run(tf, tf.reshape(x, [rows, -1])), x.shape)
        }
      }
      const axis = call.axis(call.number("axis", operatorSet < 13 ? 1 : -1))
      if (axis === rank - 1) return run(tf, x)
      const perm = Array.from({ length: rank }, (_, i) => (i === axis ? rank - 1 : i === rank - 1 ? axis : i))
      return tf.transpose(run(tf, tf.transpose(x, perm)), perm)
    },
  }
}

function softmaxLayer({ tf, name, node, live, layer }: Building): readonly Value[] | undefined {
  const x = live(0)
  if (x === undefined || x.order === "last") return undefined
  const rank = x.dims.length
  const axis = node.number("axis", node.operatorSet < 13 ? 1 : -1)
  if ((axis + rank) % rank !== rank - 1) return undefined
  return [layer(tf.layers.softmax({ axis: rank - 1, name }), [x], "file")]
}

/** A clip that starts at zero is a ReLU with an end. */
function reluLayer({ tf, name, node, inputs, live, known, layer }: Building): readonly Value[] | undefined {
  const x = live(0)
  const [low, high] = [
    known(1)?.data[0] ?? node.number("min", -Infinity),
    known(2)?.data[0] ?? node.number("max", Infinity),
  ]
  if (x === undefined || x.type !== "float32" || low !== 0) return undefined
  if ([1, 2].some(i => inputs[i] !== undefined && known(i) === undefined)) return undefined
  return [layer(tf.layers.reLU({ name, ...(high < 1e30 && { maxValue: high }) }), [x], x.order)]
}

export const activation: Readonly<Record<string, Operator>> = {
  Relu: plain((tf, x) => tf.relu(x), named("relu")),
  Sigmoid: plain((tf, x) => tf.sigmoid(x), named("sigmoid")),
  Tanh: plain((tf, x) => tf.tanh(x), named("tanh")),
  Softplus: plain((tf, x) => tf.softplus(x), named("softplus")),
  Softsign: plain((tf, x) => tf.div(x, tf.add(tf.abs(x), 1)), named("softsign")),
  HardSwish: plain((tf, x) => tf.mul(x, gate(tf, x, 1 / 6, 0.5))),
  Mish: plain((tf, x) => tf.mul(x, tf.tanh(tf.softplus(x)))),
  Swish: {
    order: "same",
    run: call => call.tf.mul(call.x, call.tf.sigmoid(call.tf.mul(call.x, call.number("alpha", 1)))),
  },
  HardSigmoid: {
    order: "same",
    run: call => gate(call.tf, call.x, call.number("alpha", 0.2), call.number("beta", 0.5)),
  },
  Gelu: { order: "same", run: call => gelu(call.tf, call.x, call.text("approximate", "none") === "tanh") },
  LeakyRelu: {
    order: "same",
    run: call => call.tf.leakyRelu(call.x, call.number("alpha", 0.01)),
    build: ({ tf, name, node, live, layer }) => {
      const x = live(0)
      const alpha = node.number("alpha", 0.01)
      return x === undefined ? undefined : [layer(tf.layers.leakyReLU({ alpha, name }), [x], x.order)]
    },
  },
  Elu: {
    order: "same",
    run: call => {
      const { tf, x } = call
      const below = tf.mul(tf.expm1(tf.minimum(x, 0)), call.number("alpha", 1))
      return tf.add(tf.relu(x), below)
    },
  },
  Celu: {
    order: "same",
    run: call => {
      const { tf, x } = call
      const alpha = call.number("alpha", 1)
      return tf.add(tf.relu(x), tf.minimum(tf.mul(tf.expm1(tf.div(x, alpha)), alpha), 0))
    },
  },
  Selu: {
    order: "same",
    run: call => {
      const { tf, x } = call
      const [alpha, gamma] = [call.number("alpha", 1.6732632), call.number("gamma", 1.050701)]
      return tf.mul(tf.add(tf.relu(x), tf.mul(tf.expm1(tf.minimum(x, 0)), alpha)), gamma)
    },
  },
  ThresholdedRelu: {
    order: "same",
    run: call => {
      const { tf, x } = call
      return tf.mul(x, tf.cast(tf.greater(x, call.number("alpha", 1)), "float32"))
    },
  },
  Shrink: {
    order: "same",
    run: call => {
      const { tf, x } = call
      const [limit, bias] = [call.number("lambd", 0.5), call.number("bias", 0)]
      const above = tf.mul(tf.sub(x, bias), tf.cast(tf.greater(x, limit), "float32"))
      return tf.add(above, tf.mul(tf.add(x, bias), tf.cast(tf.less(x, -limit), "float32")))
    },
  },
  PRelu: {
    order: "together",
    run: call => call.tf.add(call.tf.relu(call.x), call.tf.mul(call.tensor(1), call.tf.minimum(call.x, 0))),
  },
  Clip: {
    order: "same",
    run: call => {
      const { tf, x } = call
      const low = call.optional(1) ?? (call.has("min") ? call.number("min", 0) : undefined)
      const high = call.optional(2) ?? (call.has("max") ? call.number("max", 0) : undefined)
      const raised = low === undefined ? x : tf.maximum(x, low)
      const clipped = high === undefined ? raised : tf.minimum(raised, high)
      return clipped.dtype === x.dtype ? clipped : tf.cast(clipped, x.dtype as "float32")
    },
    build: reluLayer,
  },
  Softmax: { ...overAxis((tf, x) => tf.softmax(x)), build: softmaxLayer },
  LogSoftmax: overAxis((tf, x) => tf.logSoftmax(x)),
  Hardmax: overAxis((tf, x) =>
    tf.cast(tf.oneHot(tf.argMax(x, -1).toInt(), x.shape.at(-1)!), x.dtype as "float32"),
  ),
}
