// `%cache`: the frames whose rows are kept; `%cache clear` lets them go.

import type { Magic } from "./Magic.js"
import { shardlab } from "./object.js"

export const cache: Magic = {
  name: "cache",
  kind: "line",
  doc: "Lists the frames whose rows are kept, here and on clusters, with their size where it is known; `clear` lets them go.",
  args: [{ name: "what", type: ["list", "clear"], doc: "`list` when not given." }],
  options: [],
  example: "%cache clear",
  expand: ({ args }) => ({
    code: [`await ${shardlab}.caches${args.what === '"clear"' ? ".clear" : ""}()`],
  }),
}
