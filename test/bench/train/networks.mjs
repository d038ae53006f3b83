// The networks that the parts of this bench share: small ones of three kinds.

export const networks = {
  mlp: {
    input: [784],
    batch: 128,
    layers: ({ dense }) => [
      dense({ inputShape: [784], units: 512, activation: "relu" }),
      dense({ units: 256, activation: "relu" }),
      dense({ units: 10, activation: "softmax" }),
    ],
  },
  cnn: {
    input: [28, 28, 1],
    batch: 64,
    layers: ({ conv2d, maxPooling2d, flatten, dense }) => [
      conv2d({ inputShape: [28, 28, 1], filters: 32, kernelSize: 3, activation: "relu" }),
      conv2d({ filters: 64, kernelSize: 3, activation: "relu" }),
      maxPooling2d({ poolSize: 2 }),
      flatten(),
      dense({ units: 128, activation: "relu" }),
      dense({ units: 10, activation: "softmax" }),
    ],
  },
  lstm: {
    input: [16, 24],
    batch: 32,
    layers: ({ lstm, dense }) => [
      lstm({ inputShape: [16, 24], units: 48 }),
      dense({ units: 10, activation: "softmax" }),
    ],
  },
}

/** A compiled model of a network and data for some batches. */
export function prepared(tf, { input, batch, layers }, batches) {
  const model = tf.sequential({ layers: layers(tf.layers) })
  model.compile({ optimizer: tf.train.adam(1e-3), loss: "categoricalCrossentropy", metrics: ["accuracy"] })
  const rows = batch * batches
  const x = tf.randomUniform([rows, ...input], 0, 1, "float32", 7)
  const classes = Int32Array.from({ length: rows }, (_, i) => i % 10)
  const y = tf.oneHot(tf.tensor1d(classes, "int32"), 10).toFloat()
  return { model, x, y, batch }
}
