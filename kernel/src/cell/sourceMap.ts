// Position in a cell's JavaScript to position in the user's text, for tracebacks. Lines and columns count from 1, as in
// the text of a V8 stack.

import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping"

export interface Position {
  readonly line: number
  readonly column: number
}

/** Undefined where the JavaScript is the transform's own, such as the line of an import. */
export function mapPosition(map: string | TraceMap, line: number, column: number): Position | undefined {
  if (map === "") return undefined
  const trace = typeof map === "string" ? new TraceMap(map) : map
  const found = originalPositionFor(trace, { line, column: Math.max(0, column - 1) })
  return found.line === null ? undefined : { line: found.line, column: found.column + 1 }
}
