// Every ONNX operator that can be imported, by its name. To add one: a row in a file of operators/, and nothing else; the
// conformance cases that ONNX ships find it by themselves.

import type { Operator } from "./Operator.js"
import { activation } from "./operators/activation.js"
import { convolution } from "./operators/convolution.js"
import { elementwise } from "./operators/elementwise.js"
import { indexing } from "./operators/indexing.js"
import { linear } from "./operators/linear.js"
import { normalisation } from "./operators/normalisation.js"
import { pooling } from "./operators/pooling.js"
import { reduction } from "./operators/reduction.js"
import { resizing } from "./operators/resize.js"
import { shape } from "./operators/shape.js"

export const operators: ReadonlyMap<string, Operator> = new Map(
  Object.entries({
    ...activation,
    ...convolution,
    ...elementwise,
    ...indexing,
    ...linear,
    ...normalisation,
    ...pooling,
    ...reduction,
    ...resizing,
    ...shape,
  }),
)
