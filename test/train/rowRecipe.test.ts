// Rows made again from a training's recipe are the rows the training saw: same columns, texts, classes, spread.
import { expect, test } from "vitest"
import type { SourceBatch } from "../../kernel/src/train/feed/BatchSource.js"
import { RowMaker, type RowOptions } from "../../kernel/src/train/feed/RowMaker.js"

const options: RowOptions = {
  where: "train",
  features: ["a", "kind", "pixels"],
  label: "late",
  normalise: "standard",
  encode: "onehot",
  missing: "drop",
}
const batch: SourceBatch = {
  rows: 4,
  columns: {
    a: [1, 2, null, 4],
    kind: ["low", "top", "mid", "low"],
    pixels: [new Uint8Array([1, 2]), new Uint8Array([3, 4]), new Uint8Array([5, 6]), new Uint8Array([7, 9])],
    late: ["yes", "no", "no", "yes"],
  },
}

function learnt(): RowMaker {
  const maker = new RowMaker(options)
  maker.meet(batch)
  maker.settle()
  maker.measure(maker.make(batch))
  maker.settleNormalisation()
  return maker
}

test("a maker of the recipe makes the same rows", () => {
  const first = learnt()
  const again = RowMaker.of(first.recipe, "compress")
  const [wanted, found] = [first.make(batch), again.make(batch)]
  first.normalise(wanted.x)
  again.normalise(found.x)
  expect(found).toEqual(wanted)
  expect(wanted.count).toBe(3)
  expect(again.recipe).toEqual(first.recipe)
})

test("a batch of one text only keeps every place of the recipe", () => {
  const again = RowMaker.of(learnt().recipe, "compress")
  const one = { rows: 1, columns: { a: [3], kind: ["top"], pixels: [[1, 2]], late: ["no"] } }
  expect(again.make(one).x).toEqual(Float32Array.of(3, 0, 0, 1, 1, 2))
  expect(again.make(one).y).toEqual(Float32Array.of(0))
})

test("says which column of the recipe a batch lacks, and which became text", () => {
  const again = RowMaker.of(learnt().recipe, "compress")
  const renamed = { rows: 1, columns: { aa: [3], kind: ["top"], pixels: [[1, 2]], late: ["no"] } }
  expect(() => again.make(renamed)).toThrow("compress: there is no column `a`. Did you mean `aa`?")
  const text = { rows: 1, columns: { a: ["3"], kind: ["top"], pixels: [[1, 2]], late: ["no"] } }
  expect(() => again.make(text)).toThrow("compress: column `a` holds text")
})
