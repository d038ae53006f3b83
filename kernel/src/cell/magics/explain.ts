// `%explain late --mode cost`: the plan of a frame and where it will run.

import type { Magic } from "./Magic.js"
import { callText } from "./object.js"

export const explain: Magic = {
  name: "explain",
  kind: "line",
  doc: "Shows a frame's plan: what was pushed down and where it will run. Runs nothing.",
  args: [{ name: "frame", type: "expression", doc: "The frame.", required: true }],
  options: [
    {
      name: "mode",
      type: ["simple", "extended", "codegen", "cost", "formatted"],
      doc: "`extended` adds the engine's logical plans, `codegen` what it runs, `cost` its estimates, `formatted` its drawing.",
    },
  ],
  example: "%explain late --mode cost",
  expand: ({ args, options: { mode = "" } }) => ({
    code: [`await ${callText(`${args.frame}.explain`, mode)}`],
  }),
}
