// Small models with seeded weights, their data, and what they have learnt: shared by the tests of training on several
// devices and in several processes.
import type { Tf } from "../../kernel/src/train/tf.js"

type Sequential = import("@tensorflow/tfjs").Sequential
type Tensor = import("@tensorflow/tfjs").Tensor

export function mlp(tf: Tf, hidden = 16): Sequential {
  const glorot = (seed: number) => tf.initializers.glorotUniform({ seed })
  return tf.sequential({
    layers: [
      tf.layers.dense({ inputShape: [12], units: hidden, activation: "relu", kernelInitializer: glorot(1) }),
      tf.layers.dense({ units: 4, activation: "softmax", kernelInitializer: glorot(2) }),
    ],
  })
}

/** Convolution, batch normalisation, both pools. */
export function cnn(tf: Tf): Sequential {
  const glorot = (seed: number) => tf.initializers.glorotUniform({ seed })
  return tf.sequential({
    layers: [
      tf.layers.conv2d({
        inputShape: [8, 8, 2],
        filters: 4,
        kernelSize: 3,
        padding: "same",
        activation: "relu",
        kernelInitializer: glorot(1),
      }),
      tf.layers.batchNormalization(),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.averagePooling2d({ poolSize: 2 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 4, activation: "softmax", kernelInitializer: glorot(3) }),
    ],
  })
}

export function rows(tf: Tf, shape: number[], count: number): { x: Tensor; y: Tensor } {
  const x = tf.randomNormal([count, ...shape], 0, 1, "float32", 7)
  const classes = Int32Array.from({ length: count }, (_, i) => (i * 7) % 4)
  return { x, y: tf.cast(tf.oneHot(tf.tensor1d(classes, "int32"), 4), "float32") }
}

export const weightsOf = (model: Sequential) =>
  model.getWeights().flatMap(weight => Array.from(weight.dataSync() as Float32Array))
