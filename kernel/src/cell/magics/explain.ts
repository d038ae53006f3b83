// `%explain late`: the plan of a frame and where it will run.

import type { Magic } from "./Magic.js"

export const explain: Magic = {
  name: "explain",
  kind: "line",
  doc: "Shows a frame's plan: what was pushed down and where it will run. Runs nothing.",
  args: [{ name: "frame", type: "expression", doc: "The frame.", required: true }],
  options: [],
  example: "%explain late",
  expand: ({ args }) => ({ code: [`${args.frame}.explain()`] }),
}
