// Data that cannot be trained on: each is refused before the first step, by name, and the model stays as it was.
import { beforeAll, describe, expect, test } from "vitest"
import { fromColumns } from "../../kernel/src/train/feed/BatchSource.js"
import type { Tf } from "../../kernel/src/train/tf.js"
import { train } from "../../kernel/src/train/train.js"
import type { TrainOptions } from "../../kernel/src/train/trainOptions.js"
import { xla } from "./onXla.js"

type LayersModel = import("@tensorflow/tfjs").Sequential

let tf: Tf
beforeAll(async () => {
  tf = await xla()
})

function model(loss: string, units: number): LayersModel {
  const made = tf.sequential({
    layers: [
      tf.layers.dense({ inputShape: [2], units: 3, activation: "relu", name: "hidden" }),
      tf.layers.dense({ units, name: "answer" }),
    ],
  })
  made.compile({ optimizer: "sgd", loss })
  return made
}
const sparse = () => model("sparseCategoricalCrossentropy", 4)
const binary = () => model("binaryCrossentropy", 1)
const weightsOf = (made: LayersModel) => made.getWeights().map(weight => [...weight.dataSync()])

async function refused(made: LayersModel, options: TrainOptions, code: string, ...parts: string[]) {
  const before = weightsOf(made)
  const error = await train(made, options).catch(reason => reason)
  expect(error).toMatchObject({ code })
  for (const part of parts) expect(error.message).toContain(part)
  expect(weightsOf(made)).toEqual(before)
  // It trains on what is right afterwards.
  await train(made, { data: { x: tf.zeros([4, 2]), y: tf.zeros([4, 1]) } })
}

const good = { a: [1, 2, 3, 4], b: Float32Array.of(1, 2, 3, 4), y: [0, 1, 2, 3] }
const rows = (more: Record<string, ArrayLike<unknown>>, options: object = {}) => ({
  data: fromColumns({ ...good, ...more }),
  label: "y",
  ...options,
})

describe("a table", () => {
  const cases: [string, () => LayersModel, TrainOptions, string, string[]][] = [
    [
      "too narrow",
      sparse,
      rows({}, { features: "a" }),
      "SHAPE_MISMATCH",
      ["layer `hidden_input` takes rows of [2]: 2 numbers", "1 numbers a row (a)"],
    ],
    [
      "a class too high",
      sparse,
      rows({ y: [0, 1, 4, 3] }),
      "LABEL_RANGE",
      ["row 2 (from 0) of column `y` is 4", "`answer` tells 4 classes apart: whole numbers from 0 to 3"],
    ],
    ["a class below 0", sparse, rows({ y: [0, -1, 2, 3] }), "LABEL_RANGE", ["row 1", "is -1"]],
    ["half a class", sparse, rows({ y: [0, 1, 1.5, 3] }), "LABEL_RANGE", ["row 2", "is 1.5"]],
    [
      "a label that is no share",
      binary,
      rows({ y: [0, 1, 2, 1] }),
      "LABEL_RANGE",
      ["row 2", "0, 1 or a share"],
    ],
    [
      "more texts than units",
      sparse,
      rows({ a: [1, 2, 3, 4, 5], b: [1, 2, 3, 4, 5], y: ["a", "b", "c", "d", "e"] }),
      "LABEL_RANGE",
      ['row 4 (from 0) of column `y` is "e"', "Give the last layer 5 units"],
    ],
    [
      "a text that only the validation rows have",
      sparse,
      rows({ y: ["a", "b", "c", "c"] }, { validation: fromColumns({ ...good, y: ["a", "cc", "c", "a"] }) }),
      "LABEL_RANGE",
      ['row 1 (from 0) of column `y` is "cc"', "Did you mean `c`?"],
    ],
    [
      "an infinity",
      sparse,
      rows({ b: Float64Array.of(1, 2, 3, Number.NEGATIVE_INFINITY) }),
      "DATA_NOT_FINITE",
      ["row 3 (from 0) of column `b` is -Infinity"],
    ],
    ["more than 32 bits hold", sparse, rows({ a: [1, 1e300, 3, 4] }), "DATA_NOT_FINITE", ["row 1", "1e+300"]],
    [
      "a NaN",
      sparse,
      rows({ b: Float32Array.of(1, 2, Number.NaN, 4) }),
      "TRAIN_COLUMN_TYPE",
      ["`b`", "row 2"],
    ],
    [
      "a NaN in a list",
      sparse,
      rows(
        {
          a: [
            [1, 2],
            [3, 4],
            [5, Number.NaN],
            [7, 8],
          ],
        },
        { features: "a" },
      ),
      "DATA_NOT_FINITE",
      ["row 2 (from 0) of column `a`, element 1 is NaN"],
    ],
    [
      "texts among numbers",
      sparse,
      rows({ a: [1, 2, "3", 4] }),
      "DATA_MIXED",
      ['row 2 (from 0) of column `a` holds "3", while the column holds numbers'],
    ],
    [
      "numbers among texts",
      sparse,
      rows({ a: ["x", "y", 3, "x"] }, { features: ["a"], encode: "onehot" }),
      "DATA_MIXED",
      ["row 2 (from 0) of column `a` holds 3, while the column holds texts"],
    ],
    ["no rows", sparse, { data: fromColumns({ a: [], y: [] }), label: "y" }, "TRAIN_NO_DATA", ["no rows"]],
    [
      "no rows to validate on",
      sparse,
      rows({}, { validation: fromColumns({ a: [], b: [], y: [] }) }),
      "TRAIN_NO_DATA",
      ["train: validation"],
    ],
    [
      "a batch of more rows than there are",
      sparse,
      rows({}, { batchSize: 8 }),
      "BAD_VALUE",
      ["8, and there are 4 rows"],
    ],
    ["a misspelt option", sparse, rows({}, { epoch: 3 }), "UNKNOWN_OPTION", ["Did you mean `epochs`?"]],
  ]
  test.each(cases)("%s", (_, made, options, code, parts) => refused(made(), options, code, ...parts))
})

describe("tensors", () => {
  const x = (values: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 8]) => tf.tensor2d([...values], [4, 2])
  const cases: [string, () => LayersModel, () => TrainOptions["data"], string, string[]][] = [
    [
      "rows of another shape",
      sparse,
      () => ({ x: tf.zeros([4, 3]), y: tf.zeros([4]) }),
      "SHAPE_MISMATCH",
      ["layer `hidden_input` takes rows of [2], and `x` has rows of [3]"],
    ],
    [
      "targets of another shape",
      sparse,
      () => ({ x: x(), y: tf.zeros([4, 4]) }),
      "SHAPE_MISMATCH",
      ["layer `answer` gives rows of [], and `y` has rows of [4]", "one class number a row"],
    ],
    [
      "fewer targets than rows",
      sparse,
      () => ({ x: x(), y: tf.zeros([3]) }),
      "BAD_VALUE",
      ["3 rows, and `x` has 4"],
    ],
    [
      "a class too high",
      sparse,
      () => ({ x: x(), y: tf.tensor1d([0, 1, 2, 7]) }),
      "LABEL_RANGE",
      ["row 3 (from 0)", "is 7", "from 0 to 3"],
    ],
    [
      "a NaN from the host",
      sparse,
      () => ({ x: x([1, 2, 3, Number.NaN, 5, 6, 7, 8]), y: tf.zeros([4]) }),
      "DATA_NOT_FINITE",
      ["row 1 (from 0) of `x`, element 1 of the row is NaN"],
    ],
    [
      "an infinity that only the device has",
      sparse,
      () => ({ x: tf.div(1, tf.tensor2d([1, 2, 3, 4, 5, 0, 7, 8], [4, 2])), y: tf.zeros([4]) }),
      "DATA_NOT_FINITE",
      ["row 2 (from 0) of `x`, element 1 of the row is Infinity"],
    ],
    [
      "texts",
      sparse,
      () => ({ x: tf.fill([4, 2], "a" as never), y: tf.zeros([4]) }),
      "BAD_VALUE",
      ["string tensor"],
    ],
    [
      "no rows",
      sparse,
      () => ({ x: tf.zeros([0, 2]), y: tf.zeros([0]) }),
      "TRAIN_NO_DATA",
      ["`x` has no rows"],
    ],
    ["neither", sparse, () => ({ x: [1, 2] }) as never, "BAD_VALUE", ["data: { x, y }"]],
  ]
  test.each(cases)("%s", (_, made, data, code, parts) => refused(made(), { data: data() }, code, ...parts))

  test("validation tensors are checked the same way, and stay the user's", async () => {
    const validation = { x: tf.zeros([2, 3]), y: tf.zeros([2]) }
    await refused(sparse(), { ...rows({}), validation }, "SHAPE_MISMATCH", "train: validation")
    const fine = { x: tf.zeros([2, 2]), y: tf.zeros([2, 1]) }
    await train(sparse(), { ...rows({}), validation: fine })
    expect(fine.x.isDisposed).toBe(false)
  })
})
