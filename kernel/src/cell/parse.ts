// Cell text to syntax tree, and whether it is a whole cell: what a console needs to know before it runs a line, and what
// tells a magic line from a `%` inside a template literal. No types here.

import ts from "typescript"
import type { Completeness } from "./Checker.js"

const scriptName = "/cell.ts"

/** Parses as a module, so that `await` is a keyword at the top. Positions are those of `text`. */
export function parseCell(text: string): ts.SourceFile {
  return ts.createSourceFile(
    scriptName,
    text,
    {
      languageVersion: ts.ScriptTarget.ES2023,
      setExternalModuleIndicator: file => {
        // The public type says Node; TypeScript itself stores `true` for "a module without saying so".
        ;(file as { externalModuleIndicator?: unknown }).externalModuleIndicator = true
      },
    },
    true,
    ts.ScriptKind.TS,
  )
}

/** Syntax errors of a parsed cell. */
export function syntaxErrors(source: ts.SourceFile): readonly ts.DiagnosticWithLocation[] {
  return (source as unknown as { parseDiagnostics: readonly ts.DiagnosticWithLocation[] }).parseDiagnostics
}

/** `{ a: 1, b: 2 }` alone in a cell is an object, as in any console, and not a block with a label. */
export function isObjectLiteral(text: string): boolean {
  if (!/^\s*\{/.test(text)) return false
  // The line break ends a comment on the last line.
  const source = parseCell(`(${text}\n)`)
  const [only, more] = source.statements
  return (
    syntaxErrors(source).length === 0 &&
    more === undefined &&
    only !== undefined &&
    ts.isExpressionStatement(only) &&
    ts.isParenthesizedExpression(only.expression) &&
    ts.isObjectLiteralExpression(only.expression.expression)
  )
}

const unterminated = new Set([
  1160, // Unterminated template literal.
  1010, // '*/' expected.
])

/** Whether TypeScript text is a whole cell, the beginning of one, or no TypeScript. */
export function completeness(text: string): Completeness {
  const errors = syntaxErrors(parseCell(text))
  const first = errors[0]
  if (first === undefined) return { status: "complete" }
  const end = text.trimEnd().length
  const atEnd = errors.some(error => error.start >= end || unterminated.has(error.code))
  const onlyAtEnd = first.start >= end || unterminated.has(first.code)
  if (atEnd && onlyAtEnd) return { status: "incomplete", indent: nextIndent(text) }
  return { status: "invalid" }
}

/** The last line's own indent, and two more after an opening bracket or an arrow. */
function nextIndent(text: string): string {
  const last = text.trimEnd().split("\n").at(-1) ?? ""
  const own = /^[ \t]*/.exec(last)?.[0] ?? ""
  return /([{([]|=>)$/.test(last) ? `${own}  ` : own
}
