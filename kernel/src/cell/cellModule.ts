// The text of a cell as a module: the names that it uses from earlier cells before it, its own names exported after it.
// Both additions keep the cell's own text in one piece, so positions differ by one number.

import type ts from "typescript"
import type { CellState, NameEntry } from "./CellState.js"
import { type Declared, declaredNames, mentionedNames } from "./declarations.js"

export interface CellModuleText {
  readonly text: string
  /** Where the cell's own text starts. */
  readonly start: number
  readonly declared: readonly Declared[]
}

/** @param complete false while the cell is being typed: then nothing follows it, for the parser to stumble over. */
export function cellModule(source: ts.SourceFile, state: CellState, complete: boolean): CellModuleText {
  const declared = declaredNames(source)
  const own = new Set(declared.map(({ name }) => name))
  const links: string[] = ["export {};"]
  for (const name of mentionedNames(source)) {
    const entry = own.has(name) ? undefined : state.names.get(name)
    if (entry !== undefined) links.push(link(entry))
  }
  const before = `${links.join(" ")}\n`
  const exported = declared.filter(one => !one.exported).map(one => one.name)
  const after = complete && exported.length > 0 ? `\nexport { ${exported.join(", ")} };\n` : ""
  return { text: before + source.text + after, start: before.length, declared }
}

/** A `let` of an earlier cell may be assigned to, which an import may not. */
function link({ name, module, kind }: NameEntry): string {
  const from = JSON.stringify(`./${module}`)
  return kind === "let"
    ? `declare let ${name}: typeof import(${from}).${name};`
    : `import { ${name} } from ${from};`
}
