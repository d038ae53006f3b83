// `%scale pool --policy hpa --target 8`: lets a policy decide how many workers a pool has.

import type { Magic } from "./Magic.js"
import { callText, objectText, shardlab } from "./object.js"

export const scale: Magic = {
  name: "scale",
  kind: "line",
  doc: "Puts a pool of workers under a scaling policy.",
  args: [{ name: "pool", type: "expression", doc: "The pool, from `workers()`.", required: true }],
  options: [
    { name: "policy", type: ["hpa"], doc: "Which policy decides." },
    { name: "metric", type: "string", doc: "What it looks at; `backlogPerWorker` when not given." },
    { name: "target", type: "number", doc: "The value of the metric to hold.", required: true },
    { name: "min", type: "number", doc: "Fewest workers." },
    { name: "max", type: "number", doc: "Most workers.", required: true },
  ],
  example: "%scale pool --policy hpa --target 8 --max 4",
  expand: ({ args, options: { policy = '"hpa"', metric = '"backlogPerWorker"', ...rest } }) => ({
    code: [
      `${args.pool}.autoscale(${callText(`${shardlab}.scale.${JSON.parse(policy)}`, objectText({ metric, min: "1", ...rest }))})`,
    ],
  }),
}
