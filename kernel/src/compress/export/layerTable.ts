// What each class of layer becomes in ONNX, by the name tfjs gives the class. To add one: a row in a file of layers/, and a
// case in test/compress/export.real.test.ts.

import type { LayerRow } from "./LayerCall.js"
import { activationRows } from "./layers/activation.js"
import { convolutionRows } from "./layers/convolution.js"
import { denseRows } from "./layers/dense.js"
import { mergeRows } from "./layers/merge.js"
import { normalisationRows } from "./layers/normalisation.js"
import { poolingRows } from "./layers/pooling.js"
import { shapeRows } from "./layers/shape.js"

export const layerTable: Readonly<Record<string, LayerRow>> = {
  ...denseRows,
  ...convolutionRows,
  ...poolingRows,
  ...shapeRows,
  ...mergeRows,
  ...normalisationRows,
  ...activationRows,
}
