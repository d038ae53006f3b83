// `%shards flights`: the files or row groups behind a frame.

import type { Magic } from "./Magic.js"

export const shards: Magic = {
  name: "shards",
  kind: "line",
  doc: "Shows the shards of a frame: files or row groups with rows, bytes, minimum and maximum.",
  args: [{ name: "frame", type: "expression", doc: "The frame.", required: true }],
  options: [],
  example: "%shards flights",
  expand: ({ args }) => ({ code: [`await ${args.frame}.shards()`] }),
}
