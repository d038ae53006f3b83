// TypeScript's messages as a notebook shows them: those about our own rewriting left out, positions in the user's text,
// and the lines around them.

import ts from "typescript"
import { type CellText, lineAndColumn } from "./CellText.js"
import type { Diagnostic } from "./Checker.js"

/**
 * Codes that say nothing to the author of a cell.
 * - 70xx "implicitly has an 'any' type": a notebook may leave types out. Not by `noImplicitAny: false`, with which `[]` is
 *   `never[]`.
 * - 7016: a JavaScript package without typings.
 * - 2528, 1208 and so on do not arise: every cell is a module.
 */
const hiddenCodes = new Set([
  7005, 7006, 7008, 7010, 7011, 7016, 7018, 7019, 7022, 7023, 7024, 7031, 7032, 7033, 7034,
])
const implicitIndexCodes = new Set([7015, 7017, 7053])
const assignedImport = 2632

export function isHidden(diagnostic: ts.Diagnostic): boolean {
  const { code } = diagnostic
  if (hiddenCodes.has(code) || (code >= 4000 && code < 5000)) return true
  // An index by a literal that is not there is a misspelt name; by anything else it is a dictionary without a type.
  return implicitIndexCodes.has(code) && !/Property '.*' does not exist/.test(flat(diagnostic))
}

/** @param start where the cell's text begins in the file that was checked. */
export function toDiagnostic(
  diagnostic: ts.Diagnostic,
  cell: CellText,
  start: number,
  severity: Diagnostic["severity"],
  cwd: string,
): Diagnostic {
  const from = (diagnostic.start ?? start) - start
  const begin = cell.toUser(clamp(from, 0, cell.typescript.length))
  const end = cell.toUser(clamp(from + (diagnostic.length ?? 1), 0, cell.typescript.length))
  const message = withoutCellNames(messageOf(diagnostic, cwd))
  return makeDiagnostic(cell.user, { begin, end, code: `TS${codeOf(diagnostic)}`, message, severity })
}

/** A message about a stretch of the cell, with the lines around it. */
export function makeDiagnostic(
  text: string,
  place: { begin: number; end: number; code: string; message: string; severity: Diagnostic["severity"] },
): Diagnostic {
  const { begin, end, code, message, severity } = place
  const { line, column } = lineAndColumn(text, begin)
  const frame = `${paint(severity, `${severity} ${code}`)}: ${message}\n${codeFrame(text, begin, end, severity)}`
  return { severity, code, message, line, column, frame }
}

function codeOf({ code }: ts.Diagnostic): number {
  return code === assignedImport ? 2588 : code
}

function messageOf(diagnostic: ts.Diagnostic, cwd: string): string {
  const text = flat(diagnostic)
  if (diagnostic.code === assignedImport) {
    const name = /'(.*?)'/.exec(text)?.[1] ?? "it"
    return `Cannot assign to '${name}' because an earlier cell declares it as a constant. Declare it there with \`let\`, or here again.`
  }
  const missing = diagnostic.code === 2307 ? /module '([^']+)'/.exec(text)?.[1] : undefined
  if (missing !== undefined && !/^[./]/.test(missing)) {
    const name = missing
      .split("/")
      .slice(0, missing.startsWith("@") ? 2 : 1)
      .join("/")
    return `Cannot find package '${missing}' from ${cwd}. Install it there with \`npm install ${name}\`.`
  }
  return text
}

function flat({ messageText }: ts.Diagnostic): string {
  return ts.flattenDiagnosticMessageText(messageText, "\n")
}

/** Earlier cells are modules only to the checker: `import("/path/__cell3").Row` is `Row` to the user. */
export function withoutCellNames(text: string): string {
  return text.replace(/(typeof )?import\("[^"]*__(?:cell|live|typing)\d*"\)\./g, "$1")
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value))
}

function paint(severity: Diagnostic["severity"], text: string): string {
  return `\u001b[${severity === "error" ? 31 : 33}m${text}\u001b[39m`
}

const linesBefore = 2

function codeFrame(text: string, begin: number, end: number, severity: Diagnostic["severity"]): string {
  const lines = text.split("\n")
  const { line, column } = lineAndColumn(text, begin)
  const width = String(line).length
  const shown: string[] = []
  for (let n = Math.max(1, line - linesBefore); n <= line; n++) {
    const mark = n === line ? paint(severity, ">") : " "
    shown.push(`${mark} ${String(n).padStart(width)} | ${lines[n - 1]}`)
  }
  const room = Math.max(1, (lines[line - 1]?.length ?? 0) - column + 1)
  const carets = "^".repeat(clamp(end - begin, 1, room))
  shown.push(`  ${" ".repeat(width)} | ${" ".repeat(column - 1)}${paint(severity, carets)}`)
  return shown.join("\n")
}
