// Completion at a position of a cell: members, names (those of earlier cells first), strings that a type allows, paths of
// imports, and magics with their options.

import type ts from "typescript"
import type { CellState } from "./CellState.js"
import type { Completions } from "./Checker.js"
import { type MagicLine, magicLines } from "./expandMagics.js"
import type { Magic, MagicParameter } from "./magics/Magic.js"
import { splitWords } from "./magics/magicArguments.js"
import { findMagic, magics } from "./magics/registry.js"
import type { TypingView, View } from "./TypingView.js"

type Item = Completions["items"][number]

export function completeCell(
  code: string,
  offset: number,
  typing: TypingView,
  state: CellState,
): Completions {
  const line = lineAt(code, offset)
  const beforeCursor = code.slice(line.start, offset)
  const named = /^\s*%{1,2}(\w*)$/.exec(beforeCursor)
  if (named !== null && isMagicPlace(code, line.start)) return completeMagicName(named[1]!, offset)
  const magic = magicLines(code).find(({ start, end }) => start <= offset && offset <= end)
  if (magic !== undefined) return completeMagicLine(magic, beforeCursor, offset, typing, state)
  const view = typing.open(code, offset)
  return view === undefined
    ? { start: offset, end: offset, items: [] }
    : completeTypeScript(code, offset, view, state)
}

function lineAt(code: string, offset: number): { start: number } {
  return { start: code.lastIndexOf("\n", offset - 1) + 1 }
}

/** Whether a magic put at the start of this line would be one. */
function isMagicPlace(code: string, start: number): boolean {
  return magicLines(`${code.slice(0, start)}%magics`).some(line => line.start === start)
}

function completeMagicName(prefix: string, offset: number): Completions {
  const items = magics
    .filter(({ name }) => name.startsWith(prefix))
    .map(({ name, doc }) => ({ name, kind: "magic", detail: doc }))
  return { start: offset - prefix.length, end: offset, items }
}

function completeMagicLine(
  line: MagicLine,
  before: string,
  offset: number,
  typing: TypingView,
  state: CellState,
): Completions {
  const magic = findMagic(line.name)
  const word = /\S*$/.exec(before)?.[0] ?? ""
  const start = offset - word.length
  if (magic === undefined) return { start, end: offset, items: [] }
  const parameter = parameterAt(magic, before.slice(0, before.length - word.length))
  const matching = (items: readonly Item[]) => items.filter(({ name }) => name.startsWith(word))
  if (parameter !== undefined && typeof parameter.type !== "string") {
    const items = parameter.type.map(name => ({ name, kind: "value", detail: parameter.doc }))
    return { start, end: offset, items: matching(items) }
  }
  if (parameter?.type === "expression" && !word.startsWith("-")) {
    const completed = completeTypeScript(word, word.length, typing.open(word, word.length)!, state)
    const items = word === "" ? completed.items.filter(({ detail }) => detail === cellName) : completed.items
    return { start: start + completed.start, end: offset, items }
  }
  const options = magic.options.map(({ name, doc }) => ({ name: `--${name}`, kind: "option", detail: doc }))
  return { start, end: offset, items: matching(options) }
}

/** The parameter whose value is written next, or undefined where an option's name is. */
function parameterAt(magic: Magic, before: string): MagicParameter | undefined {
  const words = splitWords(before).slice(1)
  const last = /^--([\w-]+)$/.exec(words.at(-1) ?? "")?.[1]
  const option = magic.options.find(({ name }) => name === last)
  if (option !== undefined && option.type !== "flag") return option
  const isOptionValue = (at: number) => {
    const named = magic.options.find(({ name }) => `--${name}` === words[at - 1])
    return named !== undefined && named.type !== "flag"
  }
  const positional = words.filter((word, at) => !word.startsWith("--") && !isOptionValue(at))
  return magic.args[positional.length]
}

const cellName = "from an earlier cell"

function completeTypeScript(code: string, offset: number, view: View, state: CellState): Completions {
  const found = view.service.getCompletionsAtPosition(view.path, view.position, {
    includeCompletionsWithInsertText: false,
    includeCompletionsForModuleExports: false,
  })
  const word = /[\p{ID_Continue}$]*$/u.exec(code.slice(0, offset))?.[0] ?? ""
  const span = found?.optionalReplacementSpan ?? found?.entries[0]?.replacementSpan
  const start = span === undefined ? offset - word.length : view.toUser(span.start)
  const end = span === undefined ? offset : Math.max(offset, view.toUser(span.start + span.length))
  const typed = code.slice(start, offset)
  const entries = (found?.entries ?? []).filter(({ name }) => !name.startsWith("__"))
  const items = ranked(entries, isNamePosition(found), state)
  return { start, end, items: preferPrefix(items, typed) }
}

function isNamePosition(found: ts.WithMetadata<ts.CompletionInfo> | undefined): boolean {
  return (
    found !== undefined &&
    !found.isMemberCompletion &&
    found.entries.some(({ name }) => name === "globalThis")
  )
}

/** The cell's own names, then earlier cells' (latest first), then everything that is always there. */
function ranked(entries: readonly ts.CompletionEntry[], names: boolean, state: CellState): Item[] {
  const earlier = names ? [...state.names.values()].reverse() : []
  const isEarlier = new Set(earlier.map(({ name }) => name))
  // "11" and below is what TypeScript gives to names of this very file.
  const isLocal = (entry: ts.CompletionEntry) => entry.sortText <= "11" && !isEarlier.has(entry.name)
  const rest = entries.filter(entry => !isEarlier.has(entry.name))
  const item = ({ name, kind }: ts.CompletionEntry): Item => ({ name, kind })
  const sorted = (some: ts.CompletionEntry[]) =>
    some.sort((a, b) => (a.sortText < b.sortText ? -1 : 1)).map(item)
  if (!names) return sorted([...rest])
  return [
    ...sorted(rest.filter(isLocal)),
    ...earlier.map(({ name, kind }) => ({
      name,
      kind: kind === "import" ? "alias" : kind,
      detail: cellName,
    })),
    ...sorted(rest.filter(entry => !isLocal(entry))),
  ]
}

/** What begins with the typed text; where nothing does, what contains it. */
function preferPrefix(items: readonly Item[], typed: string): readonly Item[] {
  const wanted = typed.toLowerCase()
  const beginning = items.filter(({ name }) => name.toLowerCase().startsWith(wanted))
  return beginning.length > 0 ? beginning : items.filter(({ name }) => name.toLowerCase().includes(wanted))
}
