// `%magics`: lists them all.

import type { Magic } from "./Magic.js"

/** @param all called when the list is shown: it holds this magic too. */
export function listMagic(all: () => readonly Magic[]): Magic {
  return {
    name: "magics",
    kind: "line",
    doc: "Lists the magics.",
    args: [],
    options: [],
    example: "%magics",
    expand: () => ({ code: [], display: listing(all()) }),
  }
}

function listing(all: readonly Magic[]): Record<string, unknown> {
  const rows = all.map(magic => ({ call: magic.example.split("\n")[0]!, doc: magic.doc }))
  const width = Math.max(...rows.map(({ call }) => call.length))
  return {
    "text/plain": rows.map(({ call, doc }) => `${call.padEnd(width)}  ${doc}`).join("\n"),
    "text/markdown": ["| magic | |", "|---|---|", ...rows.map(r => `| \`${r.call}\` | ${r.doc} |`)].join(
      "\n",
    ),
  }
}
