// Cell text with magics to TypeScript. A magic stands at the start of a line where a statement could: a `%` in a template
// literal, a comment or the middle of an expression is not one. An object literal alone gets the brackets that make it one.

import { didYouMean, fail, ShardlabError } from "../errors.js"
import type { TypecheckMode } from "./CellState.js"
import type { CellTextBuilder } from "./CellText.js"
import { CellText } from "./CellText.js"
import type { Diagnostic } from "./Checker.js"
import { makeDiagnostic } from "./diagnostics.js"
import type { Magic, MagicExpansion } from "./magics/Magic.js"
import { magicCall } from "./magics/magicArguments.js"
import { findMagic, magics } from "./magics/registry.js"
import { completeness, isObjectLiteral } from "./parse.js"

export interface ExpandedCell {
  readonly text: CellText
  readonly displays: readonly Record<string, unknown>[]
  readonly diagnostics: readonly Diagnostic[]
  readonly typecheck?: TypecheckMode
}

/** A line that calls a magic. */
export interface MagicLine {
  readonly start: number
  /** Without the line break. */
  readonly end: number
  readonly cell: boolean
  readonly name: string
  /** `%name?` */
  readonly asks: boolean
  readonly rest: string
}

const pattern = /^([ \t]*)(%%?)([A-Za-z]\w*)(\?)?[ \t]*(.*)$/

export function expandMagics(code: string): ExpandedCell {
  const builder = CellText.builder(code)
  const displays: Record<string, unknown>[] = []
  const diagnostics: Diagnostic[] = []
  let typecheck: TypecheckMode | undefined
  let at = 0
  const isObject = isObjectLiteral(code)
  if (isObject) builder.replace(0, 0, "(")
  for (const line of magicLines(code)) {
    builder.copy(at, line.start)
    const bodyStart = Math.min(code.length, line.end + 1)
    const end = line.cell && !line.asks ? code.length : line.end
    at = end
    try {
      const expansion = expandLine(line, code.slice(bodyStart))
      write(builder, expansion, line, bodyStart, end)
      if (expansion.display !== undefined) displays.push(expansion.display)
      typecheck = expansion.typecheck ?? typecheck
    } catch (error) {
      if (!(error instanceof ShardlabError)) throw error
      builder.replace(line.start, end, "")
      const { code: name, message } = error
      const begin = line.start + code.slice(line.start).search(/%/)
      diagnostics.push(makeDiagnostic(code, { begin, end: line.end, code: name, message, severity: "error" }))
    }
  }
  builder.copy(at, code.length)
  if (isObject) builder.replace(code.length, code.length, "\n)")
  return { text: builder.build(), displays, diagnostics, typecheck }
}

/** The magic lines of a cell, first to last; a cell magic is the last, since the rest of the cell is its body. */
export function magicLines(code: string): MagicLine[] {
  const found: MagicLine[] = []
  let before = ""
  let start = 0
  for (const line of code.split("\n")) {
    const match = pattern.exec(line)
    if (match !== null && isWhole(before)) {
      const [, , percents, name = "", asks, rest = ""] = match
      const cell = percents === "%%"
      found.push({ start, end: start + line.length, cell, name, asks: asks === "?", rest })
      if (cell && asks === undefined) return found
      before += "\n"
    } else before += `${line}\n`
    start += line.length + 1
  }
  return found
}

function isWhole(text: string): boolean {
  return completeness(text).status !== "incomplete"
}

function expandLine(line: MagicLine, body: string): MagicExpansion {
  const magic = findMagic(line.name)
  if (magic === undefined) {
    const known = magics.map(({ name }) => name)
    throw fail("UNKNOWN_MAGIC", { name: line.name, nearest: didYouMean(line.name, known) })
  }
  if (line.asks) return { code: [], display: helpOf(magic) }
  if (line.cell !== (magic.kind === "cell")) {
    const fix = `Write \`${magic.example.split("\n")[0]}\`.`
    throw fail("BAD_VALUE", {
      where: `%${magic.name}`,
      name: magic.name,
      value: `a ${magic.kind} magic`,
      fix,
    })
  }
  return magic.expand(magicCall(magic, line.rest, body))
}

function write(
  builder: CellTextBuilder,
  expansion: MagicExpansion,
  line: MagicLine,
  bodyStart: number,
  end: number,
): void {
  for (const piece of expansion.code) {
    if (typeof piece === "string") builder.replace(line.start, line.end, piece)
    else builder.copy(bodyStart + piece.start, bodyStart + piece.end)
  }
  if (expansion.code.length === 0) builder.replace(line.start, end, "")
}

/** What `%name?` shows: what it does, its options, and the TypeScript that its example stands for. */
export function helpOf(magic: Magic): Record<string, unknown> {
  const sign = magic.kind === "cell" ? "%%" : "%"
  const parameters = [
    ...magic.args.map(({ name, doc, required }) => [required ? name : `[${name}]`, doc] as const),
    ...magic.options.map(
      ({ name, type, doc }) => [`--${name}${type === "flag" ? "" : ` ${typeText(type)}`}`, doc] as const,
    ),
  ]
  const width = Math.max(0, ...parameters.map(([name]) => name.length))
  const expanded = expandMagics(magic.example).text.typescript
  const standsFor = expanded === "" ? [] : ["stands for", ...indented(expanded)]
  const plain = [
    `${sign}${magic.name}: ${magic.doc}`,
    ...parameters.map(([name, doc]) => `  ${name.padEnd(width)}  ${doc}`),
    ...indented(magic.example),
    ...standsFor,
  ]
  const markdown = [
    `**${sign}${magic.name}** ${magic.doc}`,
    parameters.map(([name, doc]) => `- \`${name}\` ${doc}`).join("\n"),
    `\`\`\`\n${magic.example}\n\`\`\``,
    expanded === "" ? "" : `stands for\n\`\`\`typescript\n${expanded}\n\`\`\``,
  ]
  return { "text/plain": plain.join("\n"), "text/markdown": markdown.filter(Boolean).join("\n\n") }
}

function indented(text: string): string[] {
  return text.split("\n").map(line => `    ${line}`)
}

function typeText(type: Magic["options"][number]["type"]): string {
  return typeof type === "string" ? type : type.join("|")
}
