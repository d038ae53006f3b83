// `%train model --data train --label digit`: trains a model from a frame.

import type { Magic } from "./Magic.js"
import { callText, objectText, shardlab, withColumns } from "./object.js"

export const train: Magic = {
  name: "train",
  kind: "line",
  doc: "Trains a model on a frame, streamed and shuffled by shard.",
  args: [{ name: "model", type: "expression", doc: "A compiled tf model.", required: true }],
  options: [
    { name: "data", type: "expression", doc: "The frame to train on.", required: true },
    { name: "features", type: "string", doc: "The column (or columns, with commas) that goes in." },
    { name: "label", type: "string", doc: "The column to predict.", required: true },
    { name: "epochs", type: "number", doc: "Times through the data." },
    { name: "batchSize", type: "number", doc: "Rows a step." },
  ],
  example: "%train model --data train --label digit --epochs 5",
  expand: ({ args, options }) => ({
    code: [`await ${callText(`${shardlab}.train`, args.model!, objectText(withColumns(options)))}`],
  }),
}
