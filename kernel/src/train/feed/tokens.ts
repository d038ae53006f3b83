// A column of text as numbers of words: a vocabulary made of the training rows, and rows of one length. 0 is padding, 1 a
// word that the vocabulary does not have; the rest by how often they occur. Padded and cut in front, as Keras does it by
// default, so that a recurrent layer ends on the last words.

import { checkOptions, fail } from "../../errors.js"

export interface TextOptions {
  /** The column of text. */
  readonly column: string
  /** Words a row; shorter texts are padded in front, of longer ones the end stays. */
  readonly length: number
  /** Different numbers in all, padding and unknown words among them; the most frequent words get one. Default 10,000. */
  readonly vocabulary?: number
}

const reserved = 2

/** @throws UNKNOWN_OPTION, BAD_VALUE */
export function checkText(text: TextOptions): void {
  checkOptions("train: text", text, ["column", "length", "vocabulary"])
  const bad = (name: string, value: unknown, fix: string) =>
    fail("BAD_VALUE", { where: "train", name: `text.${name}`, value: String(value), fix })
  if (typeof text.column !== "string") throw bad("column", text.column, "Name the column of text.")
  if (!(Number.isSafeInteger(text.length) && text.length > 0))
    throw bad("length", text.length, "Give the words of a row: a whole number from 1 on.")
  if (text.vocabulary !== undefined && !(Number.isSafeInteger(text.vocabulary) && text.vocabulary > reserved))
    throw bad("vocabulary", text.vocabulary, `Give a whole number from ${reserved + 1} on.`)
}

/** Runs of letters and digits in lower case, an apostrophe inside among them. */
export function words(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+(?:['’]\p{L}+)*/gu) ?? []
}

export class Vocabulary {
  #numbers: ReadonlyMap<string, number> = new Map()
  readonly #counts = new Map<string, number>()

  constructor(
    readonly length: number,
    private readonly size: number,
  ) {}

  /** One that has nothing to learn. */
  static of(list: readonly string[], length: number): Vocabulary {
    const made = new Vocabulary(length, list.length + reserved)
    made.#number(list)
    return made
  }

  /** Words in the order of their numbers, from 2 on. */
  get list(): readonly string[] {
    return [...this.#numbers.keys()]
  }

  meet(text: string): void {
    for (const word of words(text)) this.#counts.set(word, (this.#counts.get(word) ?? 0) + 1)
  }

  /** The most frequent words get their numbers; of two that are as frequent, the one earlier in the alphabet. */
  settle(): void {
    const order = [...this.#counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    this.#number(order.slice(0, this.size - reserved).map(([word]) => word))
    this.#counts.clear()
  }

  /** Writes a row of numbers. */
  fill(text: string, row: Float32Array): void {
    const found = words(text).slice(-this.length)
    row.fill(0)
    const from = this.length - found.length
    for (const [i, word] of found.entries()) row[from + i] = this.#numbers.get(word) ?? 1
  }

  #number(list: readonly string[]): void {
    this.#numbers = new Map(list.map((word, i) => [word, i + reserved]))
  }
}
