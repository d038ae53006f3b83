// The signatures of the catalog, read from their text: `(text, prefix: text) -> boolean`,
// `(list<E>, function: (E) => U) -> list<U>`, `(T, ...others: T) -> T`, `(N, digits: integer = 0) -> N?`.
// Not inference: typing.ts binds the variables. N stands for any number, I for integers, D for dates and timestamps,
// any other capital for any type. `name?:` may be left out. `=name` is a rule of resultRules.ts. `?` says the result can be NULL
// although no argument is.

import { type DataType, type SimpleKind, simpleKinds, typeOf } from "../types.js"

export type TypeClass = "any" | "number" | "integer" | "temporal"

export type TypeSpec =
  | { readonly is: "type"; readonly type: DataType }
  | { readonly is: "class"; readonly name: TypeClass }
  | { readonly is: "variable"; readonly name: string; readonly of: TypeClass }
  | { readonly is: "list"; readonly item: TypeSpec }
  | { readonly is: "map"; readonly key: TypeSpec; readonly value: TypeSpec }
  | { readonly is: "struct" }
  | { readonly is: "rule"; readonly name: string }
  | { readonly is: "lambda"; readonly params: readonly TypeSpec[]; readonly result: TypeSpec }

export interface Parameter {
  readonly name: string
  readonly type: TypeSpec
  /** Takes this and any further arguments. */
  readonly rest: boolean
  /** Filled in when the argument is left out. */
  readonly byDefault?: string | number | boolean
  /** May be left out. */
  readonly optional: boolean
}

export interface Signature {
  readonly parameters: readonly Parameter[]
  readonly result: TypeSpec
  readonly nullable: boolean
}

const variableClasses: Record<string, TypeClass> = { N: "number", I: "integer", D: "temporal" }
const words: Record<string, TypeSpec> = {
  any: { is: "class", name: "any" },
  number: { is: "class", name: "number" },
  integer: { is: "class", name: "integer" },
  temporal: { is: "class", name: "temporal" },
  struct: { is: "struct" },
  text: { is: "type", type: typeOf("utf8") },
  ...Object.fromEntries(
    simpleKinds.map((kind: SimpleKind): [string, TypeSpec] => [kind, { is: "type", type: typeOf(kind) }]),
  ),
}

export function parseSignature(text: string): Signature {
  const reader = new Reader(text)
  const parameters: Parameter[] = []
  reader.take("(")
  while (!reader.peek(")")) {
    parameters.push(parameter(reader, parameters.length))
    if (!reader.peek(")")) reader.take(",")
  }
  reader.take(")")
  reader.take("->")
  const result = typeSpec(reader)
  const nullable = reader.optional("?")
  reader.end()
  return { parameters, result, nullable }
}

function parameter(reader: Reader, index: number): Parameter {
  const rest = reader.optional("...")
  const named = reader.label()
  const type = typeSpec(reader)
  const byDefault = reader.optional("=") ? reader.constant() : undefined
  const name = named?.replace("?", "") ?? (index === 0 ? "value" : `value${index + 1}`)
  const optional = rest || byDefault !== undefined || named?.endsWith("?") === true
  return { name, type, rest, optional, ...(byDefault === undefined ? {} : { byDefault }) }
}

function typeSpec(reader: Reader): TypeSpec {
  if (reader.optional("=")) return { is: "rule", name: reader.word() }
  if (reader.optional("(")) {
    const params = [typeSpec(reader)]
    while (reader.optional(",")) params.push(typeSpec(reader))
    reader.take(")")
    reader.take("=>")
    return { is: "lambda", params, result: typeSpec(reader) }
  }
  const word = reader.word()
  if (word === "list") {
    reader.take("<")
    const item = typeSpec(reader)
    reader.take(">")
    return { is: "list", item }
  }
  if (word === "map") {
    reader.take("<")
    const key = typeSpec(reader)
    reader.take(",")
    const value = typeSpec(reader)
    reader.take(">")
    return { is: "map", key, value }
  }
  if (/^[A-Z]$/.test(word)) return { is: "variable", name: word, of: variableClasses[word] ?? "any" }
  return words[word] ?? reader.wrong(`no type ${word}`)
}

class Reader {
  #at = 0
  constructor(private readonly text: string) {}

  #skip(): void {
    while (this.text[this.#at] === " ") this.#at++
  }
  peek(token: string): boolean {
    this.#skip()
    return this.text.startsWith(token, this.#at)
  }
  optional(token: string): boolean {
    if (!this.peek(token)) return false
    this.#at += token.length
    return true
  }
  take(token: string): void {
    if (!this.optional(token)) this.wrong(`${token} expected`)
  }
  word(): string {
    return this.#match(/[A-Za-z]\w*/y) ?? this.wrong("a word expected")
  }
  /** `name:` or `name?:`, without the colon; nothing is taken when there is none. */
  label(): string | undefined {
    return this.#match(/[A-Za-z]\w*\??:/y)?.slice(0, -1)
  }
  constant(): string | number | boolean {
    const text = this.#match(/"[^"]*"|-?[\d.]+|true|false/y) ?? this.wrong("a constant expected")
    return JSON.parse(text) as string | number | boolean
  }
  end(): void {
    this.#skip()
    if (this.#at < this.text.length) this.wrong("the end expected")
  }
  wrong(problem: string): never {
    throw new Error(`signature \`${this.text}\`, character ${this.#at}: ${problem}`)
  }
  #match(pattern: RegExp): string | undefined {
    this.#skip()
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.text)?.[0]
    if (found !== undefined) this.#at += found.length
    return found
  }
}
