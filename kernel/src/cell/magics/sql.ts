// `%%sql late`: SQL into a frame of that name. Frames of the notebook come in as `${flights}`, which stays TypeScript.

import type { BodySlice, Magic } from "./Magic.js"
import { shardlab } from "./object.js"

export const sql: Magic = {
  name: "sql",
  kind: "cell",
  doc: "Runs SQL into a frame. Frames come in by name as ${flights}; without a name the result is shown.",
  args: [{ name: "name", type: "name", doc: "The frame to declare." }],
  options: [],
  example: "%%sql late\nselect origin, count(*) n from ${flights} group by origin",
  expand: ({ args, body }) => ({
    code: [
      `${args.name === undefined ? "" : `const ${args.name} = `}${shardlab}.sql\``,
      ...template(body),
      "`",
    ],
  }),
}

/** The body between backticks: what is not an interpolation is escaped, so that SQL keeps its backslashes. */
function template(body: string): (string | BodySlice)[] {
  const pieces: (string | BodySlice)[] = []
  let at = 0
  while (at < body.length) {
    const open = body.indexOf("${", at)
    const close = open < 0 ? -1 : closingBrace(body, open + 2)
    if (close < 0) break
    pieces.push(escaped(body.slice(at, open)), { start: open, end: close + 1 })
    at = close + 1
  }
  pieces.push(escaped(body.slice(at)))
  return pieces.filter(piece => piece !== "")
}

function escaped(sqlText: string): string {
  return sqlText.replace(/[\\`]/g, "\\$&").replaceAll("${", "\\${")
}

function closingBrace(text: string, from: number): number {
  let depth = 1
  for (let at = from; at < text.length; at++) {
    if (text[at] === "{") depth++
    else if (text[at] === "}" && --depth === 0) return at
  }
  return -1
}
