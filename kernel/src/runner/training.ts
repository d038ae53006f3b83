// Training as a cell sees it: `tf`, `train` and `devices`, with fits that stop when their cell is interrupted.

import { cellSignal } from "../interrupt.js"
import { stopTrainingOn } from "../train/interruption.js"

stopTrainingOn(cellSignal)

export { backendReport, devices, ensureBackend } from "../train/backend.js"
export { loadModel } from "../train/import/loadModel.js"
export { loadWeights } from "../train/import/weights/loadWeights.js"
export { type Mesh, type MeshOptions, mesh } from "../train/parallel/Mesh.js"
export { precision } from "../train/precision.js"
export { predict } from "../train/predict.js"
export { tf } from "../train/tf.js"
export { train } from "../train/train.js"
export { freeze, unfreeze } from "../train/transfer/freeze.js"
export { withHead } from "../train/transfer/withHead.js"
export { lrFind } from "../train/tune/lrFind.js"
export { tune } from "./tuning.js"
