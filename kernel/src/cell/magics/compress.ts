// `%compress model --to int8`: makes a model smaller and measures what that costs.

import type { Magic } from "./Magic.js"
import { callText, objectText, shardlab, withColumns } from "./object.js"

export const compress: Magic = {
  name: "compress",
  kind: "line",
  doc: "Compresses a model and reports accuracy, bytes and latency before and after.",
  args: [{ name: "model", type: "expression", doc: "The model.", required: true }],
  options: [
    { name: "to", type: ["int8"], doc: "The number format of weights and activations.", required: true },
    {
      name: "calibrate",
      type: "expression",
      doc: "A frame, or { x }, whose values set the ranges.",
      required: true,
    },
    { name: "evaluate", type: "expression", doc: "A frame, or { x, y }, to measure accuracy on." },
    { name: "run", type: "expression", doc: "What train gave, where the model does not remember its rows." },
    { name: "features", type: "string", doc: "The column (or columns, with commas) that goes in." },
    { name: "label", type: "string", doc: "The column to predict." },
    { name: "threads", type: "number", doc: "Threads of the measured runs." },
  ],
  example: "%compress model --to int8 --calibrate sample --evaluate test",
  expand: ({ args, options }) => ({
    code: [`await ${callText(`${shardlab}.compress`, args.model!, objectText(withColumns(options)))}`],
  }),
}
