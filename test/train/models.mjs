// The six networks that training is judged by, at two sizes: `full` is timed (test/bench/train), `small` is compared with tfjs's
// own backend step by step (models.real.test.ts). Each is plain tfjs, so that every backend can run it. Data is drawn from a seed.

/**
 * @typedef {import("@tensorflow/tfjs").LayersModel} LayersModel
 * @typedef {import("@tensorflow/tfjs").Tensor} Tensor
 * @typedef {{ model: LayersModel, loss: string, batch: number, data: (rows: number) => { x: Tensor | Tensor[], y: Tensor } }} Network
 */

/** @type {Record<string, { name: string, sizes: Record<"full" | "small", object>, make: (tf: typeof import("@tensorflow/tfjs"), size: object) => Network }>} */
export const networks = {
  mlp: {
    name: "MLP 784-512-256-10, batch 128",
    sizes: {
      full: { inputs: 784, hidden: [512, 256], batch: 128 },
      small: { inputs: 12, hidden: [16, 8], batch: 16 },
    },
    make(tf, { inputs, hidden, batch }) {
      const make = layersOf(tf)
      const layers = hidden.map(units => make.dense({ units, activation: "relu" }))
      const x = tf.input({ shape: [inputs] })
      const y = chain(x, [...layers, make.dense({ units: 10, activation: "softmax" })])
      return { model: tf.model({ inputs: x, outputs: y }), batch, ...classes(tf, [inputs], 10) }
    },
  },
  cnn: {
    name: "CNN conv32-conv64-pool-dense128, 28x28, batch 64",
    sizes: { full: { side: 28, filters: 32, batch: 64 }, small: { side: 8, filters: 4, batch: 8 } },
    make(tf, { side, filters, batch }) {
      const make = layersOf(tf)
      const x = tf.input({ shape: [side, side, 1] })
      const y = chain(x, [
        make.conv2d({ filters, kernelSize: 3, activation: "relu" }),
        make.conv2d({ filters: filters * 2, kernelSize: 3, activation: "relu" }),
        tf.layers.maxPooling2d({ poolSize: 2 }),
        tf.layers.flatten(),
        make.dense({ units: filters * 4, activation: "relu" }),
        make.dense({ units: 10, activation: "softmax" }),
      ])
      return { model: tf.model({ inputs: x, outputs: y }), batch, ...classes(tf, [side, side, 1], 10) }
    },
  },
  resnet: {
    name: "ResNet-20, 32x32, batch 64",
    sizes: {
      full: { side: 32, filters: [16, 32, 64], blocks: 3, batch: 64 },
      small: { side: 6, filters: [2, 4], blocks: 1, batch: 8 },
    },
    make(tf, { side, filters, blocks, batch }) {
      const x = tf.input({ shape: [side, side, 3] })
      return {
        model: tf.model({ inputs: x, outputs: resnet(tf, x, filters, blocks) }),
        batch,
        ...classes(tf, [side, side, 3], 10),
      }
    },
  },
  lstm: {
    name: "LSTM 64 over 32 steps of 16, batch 64",
    sizes: {
      full: { steps: 32, width: 16, units: 64, batch: 64 },
      small: { steps: 5, width: 3, units: 6, batch: 8 },
    },
    make(tf, { steps, width, units, batch }) {
      const make = layersOf(tf)
      const x = tf.input({ shape: [steps, width] })
      const y = chain(x, [make.lstm({ units }), make.dense({ units: 10, activation: "softmax" })])
      return { model: tf.model({ inputs: x, outputs: y }), batch, ...classes(tf, [steps, width], 10) }
    },
  },
  gpt: {
    name: "GPT, 2 blocks of 128, 4 heads, 64 tokens, batch 16",
    sizes: {
      full: { vocabulary: 256, tokens: 64, width: 128, heads: 4, blocks: 2, batch: 16 },
      small: { vocabulary: 11, tokens: 5, width: 8, heads: 2, blocks: 1, batch: 4 },
    },
    make(tf, size) {
      const { vocabulary, tokens, batch } = size
      const x = tf.input({ shape: [tokens], dtype: "int32" })
      const data = rows => {
        const ids = seed => tf.randomUniform([rows, tokens], 0, vocabulary, "float32", seed).floor()
        return { x: ids(3).toInt(), y: ids(4).expandDims(2) }
      }
      const model = tf.model({ inputs: x, outputs: gpt(tf, x, size) })
      return { model, batch, loss: "sparseCategoricalCrossentropy", data }
    },
  },
  recommender: {
    name: "recommender, 10,000 users, 5,000 items, width 32, batch 512",
    sizes: {
      full: { users: 10_000, items: 5_000, width: 32, dense: 16, batch: 512 },
      small: { users: 20, items: 10, width: 4, dense: 3, batch: 16 },
    },
    make(tf, { users, items, width, dense, batch }) {
      const make = layersOf(tf)
      const inputs = [
        tf.input({ shape: [1], dtype: "int32" }),
        tf.input({ shape: [1], dtype: "int32" }),
        tf.input({ shape: [dense] }),
      ]
      const embedded = [users, items].map((inputDim, i) =>
        chain(inputs[i], [make.embedding({ inputDim, outputDim: width }), tf.layers.flatten()]),
      )
      const joined = tf.layers.concatenate().apply([...embedded, inputs[2]])
      const y = chain(joined, [
        make.dense({ units: width * 4, activation: "relu" }),
        make.dense({ units: width * 2, activation: "relu" }),
        make.dense({ units: 1, activation: "sigmoid" }),
      ])
      const data = rows => {
        const ids = (n, seed) => tf.randomUniform([rows, 1], 0, n, "float32", seed).floor().toInt()
        const x = [ids(users, 3), ids(items, 4), tf.randomNormal([rows, dense], 0, 1, "float32", 5)]
        return { x, y: tf.randomUniform([rows, 1], 0, 2, "float32", 6).floor() }
      }
      return { model: tf.model({ inputs, outputs: y }), batch, loss: "binaryCrossentropy", data }
    },
  },
}

/** Layers whose weights are drawn from seeds of their own, so that two backends start alike. */
function layersOf(tf) {
  let seed = 0
  const draw = () => tf.initializers.glorotUniform({ seed: ++seed })
  return {
    dense: options => tf.layers.dense({ kernelInitializer: draw(), ...options }),
    conv2d: options => tf.layers.conv2d({ kernelInitializer: draw(), ...options }),
    lstm: options => tf.layers.lstm({ kernelInitializer: draw(), recurrentInitializer: draw(), ...options }),
    embedding: options => tf.layers.embedding({ embeddingsInitializer: draw(), ...options }),
  }
}

const chain = (x, layers) => layers.reduce((value, layer) => layer.apply(value), x)

function classes(tf, shape, count) {
  const data = rows => ({
    x: tf.randomNormal([rows, ...shape], 0, 1, "float32", 7),
    y: tf.oneHot(tf.randomUniform([rows], 0, count, "float32", 8).floor().toInt(), count).toFloat(),
  })
  return { loss: "categoricalCrossentropy", data }
}

/** He et al. 2015, section 4.2, with projections (option B) where the width grows. */
function resnet(tf, input, widths, blocks) {
  const make = layersOf(tf)
  const conv = (filters, options) =>
    make.conv2d({ filters, kernelSize: 3, padding: "same", useBias: false, ...options })
  const norm = () => tf.layers.batchNormalization()
  const relu = () => tf.layers.reLU()
  let x = chain(input, [conv(widths[0]), norm(), relu()])
  for (const [stage, filters] of widths.entries()) {
    for (let block = 0; block < blocks; block++) {
      const strides = stage > 0 && block === 0 ? 2 : 1
      const short = strides === 1 ? x : chain(x, [conv(filters, { kernelSize: 1, strides }), norm()])
      const long = chain(x, [conv(filters, { strides }), norm(), relu(), conv(filters), norm()])
      x = relu().apply(tf.layers.add().apply([long, short]))
    }
  }
  return chain(x, [tf.layers.globalAveragePooling2d({}), make.dense({ units: 10, activation: "softmax" })])
}

/** Pre-norm blocks with causal attention: GPT-2's shape. */
function gpt(tf, input, { vocabulary, tokens, width, heads, blocks }) {
  const make = layersOf(tf)
  const { Positions, CausalAttention } = attentionLayers(tf)
  const norm = () => tf.layers.layerNormalization()
  const plus = (a, b) => tf.layers.add().apply([a, b])
  let x = chain(input, [
    make.embedding({ inputDim: vocabulary, outputDim: width }),
    new Positions({ tokens, width }),
  ])
  for (let block = 0; block < blocks; block++) {
    // A bias of the keys has no gradient (softmax does not see it), and Adam would make steps of its rounding errors.
    const qkv = make.dense({ units: 3 * width, useBias: false })
    x = plus(x, chain(x, [norm(), qkv, new CausalAttention({ heads }), make.dense({ units: width })]))
    const hidden = make.dense({ units: 4 * width, activation: "relu" })
    x = plus(x, chain(x, [norm(), hidden, make.dense({ units: width })]))
  }
  return chain(x, [norm(), make.dense({ units: vocabulary, activation: "softmax" })])
}

/** What tfjs has no layer for, on the instance that is used. */
function attentionLayers(tf) {
  class Positions extends tf.layers.Layer {
    static className = "Positions"
    constructor(config) {
      super(config)
      this.size = [config.tokens, config.width]
    }
    build(shape) {
      const initializer = tf.initializers.randomNormal({ stddev: 0.02, seed: 99 })
      this.table = this.addWeight("table", this.size, "float32", initializer)
      super.build(shape)
    }
    call(inputs) {
      return tf.add(one(inputs), this.table.read())
    }
  }

  class CausalAttention extends tf.layers.Layer {
    static className = "CausalAttention"
    constructor(config) {
      super(config)
      this.heads = config.heads
    }
    computeOutputShape(shape) {
      const [batch, tokens, width] = Array.isArray(shape[0]) ? shape[0] : shape
      return [batch, tokens, width / 3]
    }
    /** @param inputs queries, keys and values side by side, [batch, tokens, 3 * width] */
    call(inputs) {
      return tf.tidy(() => {
        const x = one(inputs)
        const [batch, tokens, triple] = x.shape
        const size = triple / 3 / this.heads
        const split = tf.transpose(tf.reshape(x, [batch, tokens, 3, this.heads, size]), [2, 0, 3, 1, 4])
        const [q, k, v] = tf.unstack(split)
        const scores = tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(size))
        const past = tf.linalg.bandPart(tf.ones([tokens, tokens]), -1, 0)
        const masked = tf.add(scores, tf.mul(tf.sub(1, past), -1e9))
        const mixed = tf.matMul(tf.softmax(masked), v)
        return tf.reshape(tf.transpose(mixed, [0, 2, 1, 3]), [batch, tokens, triple / 3])
      })
    }
  }
  return { Positions, CausalAttention }
}

const one = inputs => (Array.isArray(inputs) ? inputs[0] : inputs)
