// TypeScript of one cell to the script that the runner evaluates, with a source map to the user's text. No checking: the
// language service has done that, and says here only which imported names are types.

import { decodedMappings, encodedMap, TraceMap } from "@jridgewell/trace-mapping"
import ts from "typescript"
import { type CellText, lineAndColumn } from "./CellText.js"
import { afterTypes, beforeTypes, type CellPlace } from "./transform.js"

export interface Emitted {
  readonly js: string
  /** Source map v3, JSON. */
  readonly map: string
}

const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleDetection: ts.ModuleDetectionKind.Force,
  // Unused imports must stay: in a notebook the cells that follow use them.
  verbatimModuleSyntax: true,
  sourceMap: true,
  experimentalDecorators: false,
}

/** @param typeOnly local names of imports that are types only. */
export function emitCell(cell: CellText, typeOnly: ReadonlySet<string>, place: CellPlace): Emitted {
  const output = ts.transpileModule(cell.typescript, {
    compilerOptions: options,
    fileName: "cell.ts",
    transformers: { before: [beforeTypes(typeOnly, place)], after: [afterTypes] },
  })
  const js = output.outputText.replace(/\n?\/\/# sourceMappingURL=.*\s*$/, "\n")
  return { js, map: mapToUser(output.sourceMapText ?? "", cell) }
}

/** Replaces positions of the TypeScript by those of the user's text; with no magic they are the same. */
function mapToUser(text: string, cell: CellText): string {
  if (cell.user === cell.typescript) return text
  const map = new TraceMap(text)
  const starts = lineStarts(cell.typescript)
  const mappings = decodedMappings(map).map(line =>
    line.map(segment => {
      if (segment.length === 1) return segment
      const [generated, source, line, column] = segment
      const user = lineAndColumn(cell.user, cell.toUser((starts[line] ?? 0) + column))
      return [generated, source, user.line - 1, user.column - 1] as [number, number, number, number]
    }),
  )
  const mapped = new TraceMap({ version: 3, names: [], sources: ["cell.ts"], mappings })
  return JSON.stringify(encodedMap(mapped))
}

function lineStarts(text: string): number[] {
  const starts = [0]
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1)
  return starts
}
