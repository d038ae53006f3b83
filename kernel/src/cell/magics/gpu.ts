// `%gpu`: the devices that training can use.

import type { Magic } from "./Magic.js"
import { shardlab } from "./object.js"

export const gpu: Magic = {
  name: "gpu",
  kind: "line",
  doc: "Lists the devices: memory, plugin and its version, and why a plugin that is here cannot be used.",
  args: [],
  options: [],
  example: "%gpu",
  expand: () => ({ code: [`await ${shardlab}.devices()`] }),
}
