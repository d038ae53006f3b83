// Which of the rows that executors keep belong to a plan. Spark names them by the physical plan that made them, and explains
// a plan that reads them with the same lines below `InMemoryRelation`; the numbers of its columns make a line unique.

import type { RestKept } from "./monitor/rest.js"

/** Undefined when the plan reads no kept rows; without bytes when the executors do not tell, or hold none of it yet. */
export function keptBytes(explained: string, held: readonly RestKept[]): { bytes?: number } | undefined {
  const lines = explained.split("\n").map(bare)
  const start = lines.findIndex(line => line.startsWith("InMemoryRelation"))
  if (start < 0) return undefined
  const below = lines.slice(start + 1)
  const places = held.map(one => {
    const mark = markOf(one.name)
    return { one, place: below.findIndex(line => line.startsWith(mark)) }
  })
  // A cache of a cache has both below it; its own comes first.
  const [own] = places.filter(({ place }) => place >= 0).sort((a, b) => a.place - b.place)
  return own === undefined ? {} : { bytes: own.one.memoryUsed + own.one.diskUsed }
}

/** The first line that names a column by its number, else the first of all; these lines also list their output. */
function markOf(name: string): string {
  const lines = name.split("\n")
  const line = lines.find(text => /#\d/.test(text)) ?? lines[0]!
  return bare(line).replace(/(?:, output=\[.*|\.\.\.)$/, "")
}

/** Without the branches of the tree and the numbers of generated code. */
function bare(line: string): string {
  return line.replace(/^[\s:+-]*(?:\*\(\d+\) )?/, "")
}
