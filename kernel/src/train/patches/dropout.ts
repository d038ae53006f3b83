// Dropout whose random numbers are made on the device: a hash of each element's number and of one seed a step. tfjs draws
// them in JavaScript and uploads them, which costs more than the rest of a step and cannot be replayed.

import {
  add,
  binary,
  compare,
  constant,
  convert,
  fill,
  iota,
  multiply,
  reshape,
  select,
} from "../../ir/build.js"
import type { Node } from "../../ir/node.js"
import { elements, type Shape } from "../../ir/types.js"
import { loadCore, type Tf } from "../tf.js"
import type { XlaBackend } from "../XlaBackend.js"

type Tensor = import("@tensorflow/tfjs").Tensor

/** Two rounds of the multiply and shift mix of murmur3's finaliser: enough for noise, on integers every device has. */
function mixed(x: Node): Node {
  const shift = (bits: number, value: Node) =>
    binary("xor", value, binary("shift_right_logical", value, fill(bits, value)))
  const times = (factor: number, value: Node) => multiply(value, fill(factor | 0, value))
  return shift(16, times(0xc2b2ae35, shift(13, times(0x85ebca6b, shift(16, x)))))
}

/** Uniform in [0, 1): 24 bits of the hash. */
export function uniform(seed: Node, shape: Shape): Node {
  const places = iota("i32", [elements(shape)], 0)
  const bits = mixed(add(mixed(places), seed))
  const high = binary("shift_right_logical", bits, fill(8, bits))
  const scale = constant(2 ** -24, { dtype: "f32", shape: [] })
  return reshape(multiply(convert(high, "f32"), scale), shape)
}

export function dropoutOnDevice(tf: Tf, active: () => XlaBackend | undefined): void {
  const core = loadCore() as unknown as { dropout: typeof tf.dropout }
  const original = core.dropout
  core.dropout = (x, rate, noiseShape, seed) => {
    const backend = active()
    // A user's own seed asks for tfjs's own numbers.
    if (backend === undefined || seed !== undefined || !(x instanceof tf.Tensor) || !(rate > 0 && rate < 1))
      return original(x, rate, noiseShape, seed)
    return tf.mul(x, mask(tf, backend, noiseShape ?? x.shape, rate))
  }
}

function mask(tf: Tf, backend: XlaBackend, shape: readonly number[], rate: number): Tensor {
  const noise = uniform(backend.seed(), shape)
  const kept = compare("GE", noise, fill(rate, noise))
  const node = select(kept, fill(1 / (1 - rate), noise), fill(0, noise))
  return tf.engine().makeTensorFromTensorInfo(backend.record(node))
}
