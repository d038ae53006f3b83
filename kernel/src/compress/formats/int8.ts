// Static int8: signed weights and unsigned activations in eight bits, ranges learnt from rows. The one format that makes convolutions and
// dense layers both smaller and faster on a CPU.

import { reducedInt8, symmetricInt8 } from "../quantize/affine.js"
import { calibrate } from "../quantize/calibrate.js"
import { foldBatchNorm } from "../quantize/foldBatchNorm.js"
import { foldPadding } from "../quantize/foldPadding.js"
import { insertQdq } from "../quantize/insertQdq.js"
import { planInt8 } from "../quantize/planInt8.js"
import type { Format } from "./Format.js"

export const int8: Format = async (graph, context) => {
  const folded = foldPadding(foldBatchNorm(graph))
  const plan = planInt8(folded)
  const ranges = await calibrate(folded, [...new Set(plan.sources.values())], context.samples, context)
  return insertQdq(folded, plan, ranges, context.reduceRange ? reducedInt8 : symmetricInt8)
}
