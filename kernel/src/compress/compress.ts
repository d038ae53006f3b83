// `compress`: a network and a few words; what comes back is a smaller file that does the same, and what that cost. Only the
// public call: the work is loaded with its first use.

import type { Compressed } from "./Compressed.js"
import type { CompressOptions } from "./compressOptions.js"

type LayersModel = import("@tensorflow/tfjs").LayersModel

/**
 * Compresses `model` and measures both networks side by side: bytes, accuracy with the interval of its drop, latency.
 *
 * @throws UNKNOWN_OPTION, BAD_VALUE; LAYER_NOT_EXPORTABLE naming the layer; COMPRESS_NO_ROWS; NOT_FINITE; RUNTIME_MISSING.
 * @example const small = await compress(model, { to: "int8", calibrate: train.limit(512), evaluate: test })
 */
export async function compress(model: LayersModel, options: CompressOptions): Promise<Compressed> {
  const { compressModel } = await import("./compressModel.js")
  return compressModel(model, options)
}
