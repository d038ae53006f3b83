// `%compress model --to int8`: makes a model smaller and measures what that costs.

import type { Magic } from "./Magic.js"
import { callText, objectText, shardlab } from "./object.js"

export const compress: Magic = {
  name: "compress",
  kind: "line",
  doc: "Compresses a model and reports accuracy, bytes and latency before and after.",
  args: [{ name: "model", type: "expression", doc: "The model.", required: true }],
  options: [
    { name: "to", type: ["int8"], doc: "The number format of the weights." },
    { name: "calibrate", type: "expression", doc: "A frame whose values set the ranges." },
    { name: "evaluate", type: "expression", doc: "A frame to measure accuracy on." },
    { name: "features", type: "string", doc: "The column that goes in." },
    { name: "label", type: "string", doc: "The column to predict." },
  ],
  example: "%compress model --to int8 --calibrate sample --evaluate test",
  expand: ({ args, options }) => ({
    code: [`await ${callText(`${shardlab}.compress`, args.model!, objectText(options))}`],
  }),
}
