// TensorFlow.js on its own cpu backend, without XLA: the reference that exported graphs are compared with.
import { loadTf, type Tf } from "../../kernel/src/train/tf.js"

export function tfCpu(): Tf {
  const tf = loadTf()
  tf.setBackend("cpu")
  const cpu = tf.findBackend("cpu") as unknown as { firstUse: boolean }
  cpu.firstUse = false
  return tf
}

/** Weights of no special value: glorot leaves biases at 0 and normalisations at 1, which would hide mistakes. */
export function randomWeights(tf: Tf, model: import("@tensorflow/tfjs").LayersModel, seed = 1): void {
  const random = tf.tidy(() =>
    model.weights.map((weight, i) => {
      const shape = weight.shape as number[]
      // A variance is above zero.
      return weight.name.includes("variance")
        ? tf.randomUniform(shape, 0.5, 2, "float32", seed + i)
        : tf.randomNormal(shape, 0, 0.5, "float32", seed + i)
    }),
  )
  model.setWeights(random)
}
