// Gradients of Sum and Mean without the array of ones that tfjs builds in JavaScript and sends over at every call (39 % of
// the JavaScript time of a ResNet-50 step): the upstream gradient is broadcast in the graph instead.

import type { Tf } from "../tf.js"

type Tensor = import("@tensorflow/tfjs").Tensor

export function broadcastingGradients(tf: Tf): void {
  const spread = (dy: Tensor, x: Tensor, axis: unknown): Tensor => {
    const axes = tf.util.parseAxisParam(axis as number[], x.shape)
    const kept = x.shape.map((size, i) => (axes.includes(i) ? 1 : size))
    return tf.broadcastTo(tf.reshape(dy, kept), x.shape)
  }
  const replace = (kernelName: string, gradient: (dy: Tensor, x: Tensor, axis: unknown) => Tensor) => {
    tf.unregisterGradient(kernelName)
    tf.registerGradient({
      kernelName,
      inputsToSave: ["x"],
      gradFunc: (dy, saved, attrs) => ({ x: () => gradient(dy as Tensor, saved[0]!, attrs.axis) }),
    })
  }
  replace("Sum", spread)
  replace("Mean", (dy, x, axis) => {
    const axes = tf.util.parseAxisParam(axis as number[], x.shape)
    const count = axes.reduce((size, i) => size * x.shape[i]!, 1)
    return spread(tf.div(dy, count), x, axis)
  })
}
