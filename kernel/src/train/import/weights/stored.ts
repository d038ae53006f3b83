// Weights as a file has them: names, shapes, and numbers that are decoded when asked for.

import { fail } from "../../../errors.js"
import { bytesOf, decodeElements, type StoredType } from "../../../onnx/elements.js"
import { safetensorsEntries } from "../../checkpoint/safetensors.js"

export interface Stored {
  readonly name: string
  /** All of the name but its last part: the module of PyTorch, the layer of Keras. */
  readonly module: string
  /** The last part: `weight`, `kernel`, `running_mean`. */
  readonly kind: string
  readonly shape: readonly number[]
  values(): Float32Array
}

/** @throws MODEL_FILE for a file that is damaged, or a type that is no number of TensorFlow.js. */
export function readStored(bytes: Uint8Array, file: string): Stored[] {
  const damaged = (problem: string) =>
    fail("MODEL_FILE", { path: file, problem, fix: "Copy or save it again." })
  return safetensorsEntries(bytes, damaged).map(({ name, dtype, shape, bytes: part }) => {
    if (!(dtype in bytesOf))
      throw damaged(`\`${name}\` is ${dtype}, and known are ${Object.keys(bytesOf).join(", ")}`)
    // Checkpoints of ours begin with the weight's place in the model.
    const own = name.replace(/^\d+\/(?=.*\/)/, "")
    const cut = Math.max(own.lastIndexOf("."), own.lastIndexOf("/"))
    return {
      name,
      module: own.slice(0, Math.max(cut, 0)),
      kind: own.slice(cut + 1),
      shape,
      values: () => Float32Array.from(decodeElements(dtype as StoredType, part)),
    }
  })
}
