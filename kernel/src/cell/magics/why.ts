// `%why`: the last scaling decision and its reason.

import type { Magic } from "./Magic.js"
import { shardlab } from "./object.js"

export const why: Magic = {
  name: "why",
  kind: "line",
  doc: "Explains the last scaling decision.",
  args: [],
  options: [],
  example: "%why",
  expand: () => ({ code: [`${shardlab}.scale.why()`] }),
}
