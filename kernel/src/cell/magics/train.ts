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
    { name: "steps", type: "number", doc: "Steps in all, in place of epochs." },
    { name: "batchSize", type: "number", doc: "Rows a step." },
    { name: "validation", type: "expression", doc: "A frame to measure on after each epoch." },
    { name: "validationSplit", type: "number", doc: "Share of the rows kept aside to measure on." },
    { name: "normalise", type: ["standard", "none"], doc: "Inputs minus their mean, over their deviation." },
    { name: "encode", type: ["onehot", "none"], doc: "Text columns become one input a text." },
    { name: "text", type: "expression", doc: 'A column of text as words: { column: "review", length: 64 }.' },
    {
      name: "images",
      type: "expression",
      doc: 'A column of PNG or JPEG files: { column: "photo", size: 32 }.',
    },
    { name: "augment", type: "expression", doc: 'Images change at random: { flip: "horizontal", crop: 4 }.' },
    { name: "missing", type: ["error", "drop"], doc: "What happens to rows with a missing value." },
    { name: "classWeight", type: "expression", doc: 'What a class counts for: { yes: 3 } or "balanced".' },
    { name: "sampleWeight", type: "string", doc: "The column that says what a row counts for." },
    { name: "schedule", type: "expression", doc: 'The learning rate: { type: "cosine", warmup: 100 }.' },
    { name: "clip", type: "expression", doc: "Limits gradients: { norm: 1 } or { value: 0.5 }." },
    { name: "ema", type: "number", doc: "Share of the weights' average that stays at each step: 0.999." },
    { name: "earlyStop", type: "expression", doc: 'When to end: { monitor: "val_loss", patience: 2 }.' },
    { name: "checkpoint", type: "string", doc: "A folder for checkpoints." },
    { name: "resume", type: "flag", doc: "Goes on from the newest checkpoint." },
    {
      name: "record",
      type: "string",
      doc: "Records the run: a folder like mlruns, or an MLflow server's address.",
    },
    { name: "seed", type: "number", doc: "Order, split and dropout repeat." },
    { name: "optimizer", type: "string", doc: "Such as adam, where the model is not compiled." },
    { name: "loss", type: "string", doc: "Such as binaryCrossentropy, where the model is not compiled." },
    { name: "precision", type: ["f32", "bf16", "f16"], doc: "What products are computed in." },
    { name: "devices", type: "number", doc: "Devices that share each batch." },
  ],
  example: "%train model --data train --label digit --epochs 5",
  expand: ({ args, options }) => ({
    code: [`await ${callText(`${shardlab}.train`, args.model!, objectText(withColumns(options)))}`],
  }),
}
