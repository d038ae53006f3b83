// Text as numbers of words: which words get which number, padding, unknown ones, and the same rows again from the recipe.
import { expect, test } from "vitest"
import { RowMaker, type RowOptions } from "../../kernel/src/train/feed/RowMaker.js"
import { checkText, Vocabulary, words } from "../../kernel/src/train/feed/tokens.js"

test("words are runs of letters and digits, in lower case, of any script", () => {
  expect(words("Don't PANIC, it's 42!")).toEqual(["don't", "panic", "it's", "42"])
  expect(words("Größe über-alles; 東京 был")).toEqual(["größe", "über", "alles", "東京", "был"])
  expect(words("  ")).toEqual([])
})

test("the most frequent words get the smallest numbers; padded and cut in front", () => {
  const made = new Vocabulary(4, 5)
  for (const text of ["the cat sat", "the dog sat", "the end"]) made.meet(text)
  made.settle()
  // Of cat, dog and end, which are as frequent, there is room for one.
  expect(made.list).toEqual(["the", "sat", "cat"])
  const row = new Float32Array(4).fill(9)
  made.fill("The dog sat", row)
  expect([...row]).toEqual([0, 2, 1, 3])
  made.fill("a b c the cat sat down", row)
  expect([...row]).toEqual([2, 4, 3, 1])
  const again = Vocabulary.of(made.list, 4)
  again.fill("The dog sat", row)
  expect([...row]).toEqual([0, 2, 1, 3])
})

const options: RowOptions = {
  where: "train",
  features: undefined,
  label: "good",
  normalise: "standard",
  encode: "none",
  missing: "drop",
  text: { column: "review", length: 3, vocabulary: 100 },
}
const batch = {
  rows: 3,
  columns: { stars: [1, 5, null], review: ["bad film", "good film indeed", "no stars"], good: [0, 1, 1] },
}

test("a column of text beside numbers: only the numbers are normalised; the recipe makes the same rows", () => {
  const maker = new RowMaker(options)
  maker.meet(batch)
  maker.settle()
  maker.measure(maker.make(batch))
  maker.settleNormalisation()
  expect(maker.names).toEqual(["stars", "review"])
  expect(maker.width).toBe(4)
  const { x, count } = maker.make(batch)
  maker.normalise(x)
  expect(count).toBe(2)
  const [film, bad, good, indeed] = [2, 3, 4, 5]
  expect([...x]).toEqual([-1, 0, bad, film, 1, good, film, indeed])
  const again = RowMaker.of(
    JSON.parse(JSON.stringify({ ...maker.recipe, normalisation: undefined })),
    "predict",
  )
  const unseen = { rows: 1, columns: { stars: [2], review: ["a good book"], good: [1] } }
  expect([...again.make(unseen).x]).toEqual([2, 1, good, 1])
  expect(again.recipe.features).toEqual(maker.recipe.features)
})

test.each([
  [{ column: "review", lenght: 3 }, /no option `lenght`.*Did you mean `length`/],
  [{ column: "review", length: 0 }, /`text.length` is 0/],
  [{ column: "review", length: 3, vocabulary: 2 }, /`text.vocabulary` is 2.*from 3 on/],
  [{ length: 3 }, /`text.column` is undefined/],
])("%j is refused", (text, message) => {
  expect(() => checkText(text as never)).toThrow(message)
})

test("a text column that is not there, or holds numbers, is said by name", () => {
  const missing = new RowMaker({ ...options, text: { column: "reviews", length: 3 } })
  expect(() => missing.meet(batch)).toThrow(/no column `reviews`.*Did you mean `review`/)
  const maker = new RowMaker(options)
  maker.meet(batch)
  maker.settle()
  const mixed = { rows: 1, columns: { stars: [1], review: [7], good: [1] } }
  expect(() => maker.make(mixed)).toThrow(
    /row 0 \(from 0\) of column `review` holds 7, while the column holds texts/,
  )
})
