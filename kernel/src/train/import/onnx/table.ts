// Every ONNX operator that can be imported, by its name. To add one: a row in a file of operators/, and nothing else; the
// conformance cases that ONNX ships find it by themselves.

import type { Operator } from "./Operator.js"
import { activation } from "./operators/activation.js"
import { attending } from "./operators/attention.js"
import { convolution } from "./operators/convolution.js"
import { elementwise } from "./operators/elementwise.js"
import { fused } from "./operators/fused.js"
import { indexing } from "./operators/indexing.js"
import { linear } from "./operators/linear.js"
import { loss } from "./operators/loss.js"
import { normalisation } from "./operators/normalisation.js"
import { pooling } from "./operators/pooling.js"
import { quantised } from "./operators/quantised.js"
import { recurrence } from "./operators/recurrent.js"
import { reduction } from "./operators/reduction.js"
import { resizing } from "./operators/resize.js"
import { sampling } from "./operators/sampling.js"
import { shape } from "./operators/shape.js"
import { tabular } from "./operators/tabular.js"

export const operators: ReadonlyMap<string, Operator> = new Map(
  Object.entries({
    ...activation,
    ...attending,
    ...convolution,
    ...elementwise,
    ...fused,
    ...indexing,
    ...linear,
    ...loss,
    ...normalisation,
    ...pooling,
    ...quantised,
    ...recurrence,
    ...reduction,
    ...resizing,
    ...sampling,
    ...shape,
    ...tabular,
  }),
)
