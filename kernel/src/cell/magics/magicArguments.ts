// The rest of a magic's line to its arguments and options, checked against what the magic says it takes.

import { didYouMean, fail } from "../../errors.js"
import type { Magic, MagicCall, MagicParameter } from "./Magic.js"

/** Throws UNKNOWN_OPTION or BAD_VALUE for what the magic does not take. */
export function magicCall(magic: Magic, line: string, body: string): MagicCall {
  const where = `${magic.kind === "cell" ? "%%" : "%"}${magic.name}`
  const args: Record<string, string> = {}
  const options: Record<string, string> = {}
  const words = splitWords(line)
  let position = 0
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!
    if (!/^--\w/.test(word)) {
      const parameter = magic.args[position++]
      if (parameter === undefined) throw tooMany(where, word, magic)
      args[parameter.name] = valueText(where, parameter, word)
      continue
    }
    const [, name, attached] = /^--([\w-]+)(?:=(.*))?$/s.exec(word) ?? []
    const parameter = magic.options.find(option => option.name === camel(name ?? ""))
    if (parameter === undefined) throw unknownOption(where, name ?? word, magic)
    if (parameter.type === "flag") options[parameter.name] = attached ?? "true"
    else options[parameter.name] = valueText(where, parameter, attached ?? words[++at])
  }
  requireAll(where, magic.args, args, magic)
  requireAll(where, magic.options, options, magic)
  return { args, options, body }
}

function camel(name: string): string {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
}

/** Words between blanks; quotes and brackets hold a word together. */
export function splitWords(line: string): string[] {
  return line.match(/(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\([^)]*\)|\[[^\]]*\]|\{[^}]*\}|\S)+/g) ?? []
}

function valueText(where: string, { name, type }: MagicParameter, word: string | undefined): string {
  const bad = (value: string, fix: string) => fail("BAD_VALUE", { where, name, value, fix })
  if (word === undefined) throw bad("without a value", `Write \`--${name} VALUE\`.`)
  if (type === "number") {
    if (word.trim() === "" || Number.isNaN(Number(word))) throw bad(`\`${word}\``, "It must be a number.")
    return word
  }
  if (type === "name") {
    if (!/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(word)) throw bad(`\`${word}\``, "It must be a name.")
    return word
  }
  if (type === "expression" || type === "flag") return word
  const text = unquoted(word)
  if (typeof type !== "string" && !type.includes(text)) {
    throw bad(`\`${text}\``, `It must be one of: ${type.join(", ")}.${didYouMean(text, type)}`)
  }
  return JSON.stringify(text)
}

function unquoted(word: string): string {
  const quoted = /^(["'])(.*)\1$/s.exec(word)
  return quoted?.[2] ?? word
}

function requireAll(
  where: string,
  parameters: readonly MagicParameter[],
  given: Readonly<Record<string, string>>,
  magic: Magic,
): void {
  const missing = parameters.find(
    parameter => parameter.required === true && given[parameter.name] === undefined,
  )
  if (missing === undefined) return
  const fix = `Such as: ${magic.example.split("\n")[0]}`
  throw fail("BAD_VALUE", { where, name: missing.name, value: "missing", fix })
}

function unknownOption(where: string, name: string, magic: Magic): Error {
  const known = magic.options.map(option => option.name)
  return fail("UNKNOWN_OPTION", {
    where,
    name,
    nearest: didYouMean(name, known),
    known: known.length === 0 ? "none" : known.map(option => `--${option}`).join(", "),
  })
}

function tooMany(where: string, word: string, magic: Magic): Error {
  const fix = `It takes ${magic.args.length} argument(s). Such as: ${magic.example.split("\n")[0]}`
  return fail("BAD_VALUE", { where, name: word, value: "one argument too many", fix })
}
