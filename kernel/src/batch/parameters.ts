// Parameters of a batch run: `-p name value` becomes a cell after the one tagged `parameters`, as papermill does it. The
// value is read as what the declaration says it is, so that `-p flag true` is a boolean and `-p n ten` is an error.

import ts from "typescript"
import { didYouMean, fail } from "../errors.js"
import { type Cell, type Notebook, sourceOf } from "./notebook.js"
import { newCellId } from "./outputs.js"

/** A name that the parameters cell declares; `type` is what is written, or what its initial value is. */
export interface Declared {
  readonly name: string
  readonly type: "number" | "string" | "boolean" | "bigint" | "other"
}

/** Puts the given values into the notebook: a tagged cell after the parameters cell (or first), replacing an old one. */
export function injectParameters(notebook: Notebook, given: ReadonlyMap<string, string>): void {
  const kept = notebook.cells.filter(cell => !hasTag(cell, "injected-parameters"))
  notebook.cells.splice(0, notebook.cells.length, ...kept)
  if (given.size === 0) return
  const at = notebook.cells.findIndex(cell => hasTag(cell, "parameters"))
  const declared = at < 0 ? undefined : declarations(sourceOf(notebook.cells[at]!))
  const lines = [...given].map(([name, text]) => `var ${name} = ${literal(name, text, declared)};`)
  notebook.cells.splice(at + 1, 0, {
    cell_type: "code",
    id: newCellId(),
    metadata: { tags: ["injected-parameters"] },
    source: `// Parameters\n${lines.join("\n")}`,
    execution_count: null,
    outputs: [],
  })
}

/** Top-level `let`, `const` and `var` names of a cell with their types. */
export function declarations(source: string): Declared[] {
  const file = ts.createSourceFile("parameters.ts", source, ts.ScriptTarget.ES2023, true)
  return file.statements.filter(ts.isVariableStatement).flatMap(statement =>
    statement.declarationList.declarations.flatMap(({ name, type, initializer }) => {
      if (!ts.isIdentifier(name)) return []
      return [
        { name: name.text, type: type === undefined ? typeOfValue(initializer) : typeOfText(type.getText()) },
      ]
    }),
  )
}

/** The TypeScript literal for a value from the command line. Without a parameters cell, JSON scalars are taken as such. */
function literal(name: string, text: string, declared: readonly Declared[] | undefined): string {
  if (!/^[A-Za-z_$][\w$]*$/.test(name))
    throw fail("USAGE", { problem: `\`${name}\` cannot be the name of a parameter.` })
  if (declared === undefined) return guess(text)
  const known = declared.find(parameter => parameter.name === name)
  if (known === undefined) {
    const names = declared.map(parameter => parameter.name)
    throw fail("UNKNOWN_PARAMETER", {
      name,
      nearest: didYouMean(name, names),
      known: names.join(", ") || "none",
    })
  }
  const value = readAs[known.type](text)
  if (value === undefined) throw fail("BAD_PARAMETER", { name, value: text, type: known.type })
  return value
}

const isNumber = (text: string) =>
  text.trim() !== "" && (Number.isFinite(Number(text)) || /^[-+]?(NaN|Infinity)$/.test(text))

const readAs: Record<Declared["type"], (text: string) => string | undefined> = {
  number: text => (isNumber(text) ? text.trim() : undefined),
  boolean: text => (/^(true|false)$/i.test(text) ? text.toLowerCase() : undefined),
  bigint: text => (/^-?\d+n?$/.test(text) ? `${text.replace(/n$/, "")}n` : undefined),
  string: text => JSON.stringify(text),
  other: guess,
}

function guess(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text))
  } catch {
    return JSON.stringify(text) // not JSON: text, as papermill takes it
  }
}

function typeOfText(type: string): Declared["type"] {
  return type === "number" || type === "string" || type === "boolean" || type === "bigint" ? type : "other"
}

function typeOfValue(value: ts.Expression | undefined): Declared["type"] {
  if (value === undefined) return "other"
  const inner = ts.isPrefixUnaryExpression(value) ? value.operand : value
  if (ts.isNumericLiteral(inner)) return "number"
  if (ts.isBigIntLiteral(inner)) return "bigint"
  if (ts.isStringLiteralLike(inner) || ts.isTemplateExpression(inner)) return "string"
  return inner.kind === ts.SyntaxKind.TrueKeyword || inner.kind === ts.SyntaxKind.FalseKeyword
    ? "boolean"
    : "other"
}

function hasTag(cell: Cell, tag: string): boolean {
  return cell.metadata.tags?.includes(tag) ?? false
}
