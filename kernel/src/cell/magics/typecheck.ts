// `%typecheck off|warn|on`: what a type error does from this cell on.

import type { Magic } from "./Magic.js"

export const typecheck: Magic = {
  name: "typecheck",
  kind: "line",
  doc: "Type errors stop the cell (on), are shown while it runs (warn), or are not looked for (off). One cell alone: `// @ts-nocheck`.",
  args: [{ name: "mode", type: ["on", "warn", "off"], doc: "From this cell on.", required: true }],
  options: [],
  example: "%typecheck warn",
  expand: ({ args }) => ({ code: [], typecheck: JSON.parse(args.mode!) as "on" | "warn" | "off" }),
}
