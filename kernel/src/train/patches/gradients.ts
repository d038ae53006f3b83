// Gradients that tfjs computes in a way that a recording backend pays for. Sum and Mean: it builds an array of ones in JavaScript
// and sends it over at every call (39 % of the JavaScript time of a ResNet-50 step); here the upstream gradient is broadcast in the
// graph. Tile: it adds one slice for each copy (a LayerNormalization over 1,024 rows of 128: 2,304 slices); here it is one sum.

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
  replaceTile(tf)
  replace("Mean", (dy, x, axis) => {
    const axes = tf.util.parseAxisParam(axis as number[], x.shape)
    const count = axes.reduce((size, i) => size * x.shape[i]!, 1)
    return spread(tf.div(dy, count), x, axis)
  })
}

function replaceTile(tf: Tf): void {
  tf.unregisterGradient("Tile")
  tf.registerGradient({
    kernelName: "Tile",
    inputsToSave: ["x"],
    gradFunc: (dy, saved, attrs) => {
      const [x, reps] = [saved[0]!, attrs.reps as number[]]
      const copies = x.shape.flatMap((size, axis) => [reps[axis]!, size])
      const axes = x.shape.map((_, axis) => 2 * axis)
      return { x: () => tf.sum(tf.reshape(dy as Tensor, copies), axes) }
    },
  })
}
