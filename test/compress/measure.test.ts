// The words and figures of a report: intervals that hold, verdicts, metrics, tables.
import { describe, expect, test } from "vitest"
import type { Latency } from "../../kernel/src/compress/measure/latency.js"
import { percentiles } from "../../kernel/src/compress/measure/latency.js"
import { metricOf } from "../../kernel/src/compress/measure/Metric.js"
import { PairedDrop } from "../../kernel/src/compress/measure/pairedDrop.js"
import { hasDotProduct } from "../../kernel/src/compress/measure/processor.js"
import { verdict } from "../../kernel/src/compress/measure/verdict.js"
import { Report, type ReportRow } from "../../kernel/src/compress/Report.js"
import { displaySymbol } from "../../kernel/src/display.js"
import type { Graph } from "../../kernel/src/onnx/Graph.js"
import { seeded } from "../../kernel/src/train/feed/random.js"

type LayersModel = import("@tensorflow/tfjs").LayersModel

function dropOf(losses: readonly number[], isBinary: boolean) {
  const drop = new PairedDrop(isBinary)
  for (const loss of losses) drop.add(loss)
  return drop.result()
}

describe("the interval of a drop", () => {
  test("is Bonett and Price's for shares", () => {
    // The example of the R package statpsych, ci.prop.ps(.05, 12, 4, 26, 6): 0.2548067 to 0.6251933.
    const { value, low, high } = dropOf(
      [...Array(26).fill(1), ...Array(4).fill(-1), ...Array(18).fill(0)],
      true,
    )
    expect(value).toBeCloseTo(22 / 48, 12)
    expect(low).toBeCloseTo(0.2548067, 6)
    expect(high).toBeCloseTo(0.6251933, 6)
  })

  test("does not claim certainty when the two networks never disagree", () => {
    const { value, low, high } = dropOf(Array(200).fill(0), true)
    expect(value).toBe(0)
    expect(high).toBeCloseTo(-low, 12)
    expect(high).toBeGreaterThan(0.005)
    expect(high).toBeLessThan(0.03)
  })

  test.each([
    [100, 0.1, 0.05],
    [500, 0.02, 0.01],
    [2000, 0.01, 0.01],
  ])("holds the truth 95 times in 100: %i rows, %f lost, %f won", (rows, lost, won) => {
    const random = seeded(rows)
    let held = 0
    const trials = 2000
    for (let trial = 0; trial < trials; trial++) {
      const losses = Array.from({ length: rows }, () => {
        const u = random()
        return u < lost ? 1 : u < lost + won ? -1 : 0
      })
      const { low, high } = dropOf(losses, true)
      if (low <= lost - won && lost - won <= high) held++
    }
    expect(held / trials).toBeGreaterThan(0.93)
    expect(held / trials).toBeLessThan(0.985)
  })

  test("is that of a mean for errors", () => {
    const { value, low, high } = dropOf([1, 2, 3, 4], false)
    // The deviation of 1, 2, 3, 4 is 1.290994, over the root of 4.
    expect([value, low, high]).toEqual([
      2.5,
      expect.closeTo(2.5 - 1.26515, 4),
      expect.closeTo(2.5 + 1.26515, 4),
    ])
  })
})

describe("metricOf", () => {
  const model = (loss: unknown, activation: string, outputs: number) => {
    const sourceLayer = { getClassName: () => "Dense", getConfig: () => ({ activation }) }
    return { loss, outputs: [{ shape: [null, outputs], sourceLayer }] } as unknown as LayersModel
  }
  const score = (metric: ReturnType<typeof metricOf>, output: number[], label: number[]) =>
    metric.score(Float32Array.from(output), Float32Array.from(label))

  test("classes, by number and one-hot", () => {
    for (const loss of ["sparseCategoricalCrossentropy", "categoricalCrossentropy"]) {
      const sparse = metricOf(model(loss, "linear", 3), 1)
      expect(sparse.name).toBe("accuracy")
      expect([score(sparse, [1, 3, 2], [1]), score(sparse, [1, 3, 2], [2])]).toEqual([1, 0])
      expect(score(metricOf(model(loss, "softmax", 3), 3), [1, 3, 2], [0, 1, 0])).toBe(1)
    }
    expect(metricOf(model(undefined, "softmax", 3), 1).name).toBe("accuracy")
  })

  test("one probability, and several", () => {
    const one = metricOf(model("binaryCrossentropy", "sigmoid", 1), 1)
    expect([one.name, one.isBinary, score(one, [0.6], [1]), score(one, [0.5], [1])]).toEqual([
      "binary accuracy",
      true,
      1,
      0,
    ])
    const many = metricOf(model(undefined, "sigmoid", 4), 4)
    expect([many.isBinary, score(many, [0.9, 0.1, 0.9, 0.1], [1, 0, 0, 0])]).toEqual([false, 0.75])
  })

  test("numbers, and losses of one's own", () => {
    for (const loss of ["meanSquaredError", () => 0, undefined]) {
      const metric = metricOf(model(loss, "linear", 2), 2)
      expect([metric.name, metric.better, score(metric, [1, 2], [1, 4])]).toEqual([
        "mean squared error",
        "lower",
        2,
      ])
    }
  })

  test("says when labels have another width", () => {
    expect(() => metricOf(model("meanSquaredError", "linear", 2), 1)).toThrow(
      "`evaluate` is with labels of 1 numbers a row, and the model gives 2",
    )
  })
})

const network = (one: number, many: number, bytes = 100) => ({ bytes, latency: times(one, many) })
const times = (one: number, many: number): Latency[] => [
  { batch: 1, p50: one, p95: one * 1.2 },
  { batch: 64, p50: many, p95: many * 1.2 },
]
const graph = (...ops: string[]): Graph => ({
  name: "test",
  inputs: [{ name: "x" }],
  outputs: [{ name: "y" }],
  nodes: [
    ...ops.map(op => ({ op, name: op, inputs: ["d"], output: op, attributes: {} })),
    { op: "DequantizeLinear", name: "d", inputs: ["q"], output: "d", attributes: {} },
    { op: "Softmax", name: "y", inputs: ["d"], output: "y", attributes: {} },
  ],
  constants: new Map(),
})

describe("verdict", () => {
  const machine = { name: "test", hasDotProduct: true }

  test("faster, at either size", () => {
    expect(verdict(network(1, 10), network(0.98, 5), graph(), machine)).toEqual({
      speed: "faster",
      note: "1.02x at batch 1, 2.00x at batch 64",
    })
  })

  test("smaller on disk only, when less than 5 % either way", () => {
    expect(verdict(network(1, 10), network(0.97, 10.3, 30), graph(), machine)).toEqual({
      speed: "smaller on disk only",
      note: "1.03x at batch 1, 0.97x at batch 64: smaller on disk only",
    })
  })

  test("no gain, when the file grew as well", () => {
    expect(verdict(network(1, 10), network(1, 10, 101), graph(), machine)).toEqual({
      speed: "no gain",
      note: "1.00x at batch 1, 1.00x at batch 64: no gain, so small a network has little to compress",
    })
  })

  const slower = (ops: string[], before: Latency[], hasDotProduct: boolean | undefined) =>
    verdict({ bytes: 1, latency: before }, network(2, 20), graph(...ops), { name: "test", hasDotProduct })
      .note

  test("slower, with the likeliest cause", () => {
    expect(slower(["Elu", "Conv", "Elu"], times(1, 10), true)).toContain(
      "slower, because Elu run in float32 between",
    )
    expect(slower([], times(0.05, 10), false)).toContain("because so small a network")
    expect(slower([], times(1, 10), false)).toContain("because this processor has no int8 dot products")
    expect(slower([], times(1, 10), true)).toContain("for a reason that is not known")
  })
})

test("processors that multiply int8 four at a time", () => {
  expect(hasDotProduct("model name\t: x\nflags\t\t: fpu avx2 avx512_vnni sse")).toBe(true)
  expect(hasDotProduct("flags\t\t: fpu avx2 avx_vnni_int16 sse")).toBe(false)
  expect(hasDotProduct("Features\t: fp asimd asimddp")).toBe(true)
  expect(hasDotProduct("")).toBeUndefined()
})

test("percentiles are runs that happened", () => {
  const twenty = Array.from({ length: 20 }, (_, i) => 20 - i)
  expect(percentiles(twenty)).toEqual({ p50: 10, p95: 19 })
  expect(percentiles([3])).toEqual({ p50: 3, p95: 3 })
})

describe("the report as a table", () => {
  const rows: ReportRow[] = [
    {
      format: "float32",
      bytes: 4000,
      score: 0.95,
      drop: undefined,
      latency: times(1, 20),
      speed: undefined,
      note: "",
    },
    {
      format: "int8",
      bytes: 1020,
      score: 0.9501,
      drop: { value: -0.0001, low: -0.003, high: -0.00001 },
      latency: times(0.5, 10),
      speed: "faster",
      note: "2.00x at batch 1, 2.00x at batch 64",
    },
  ]
  const fields = { calibrated: 512, runtime: "onnxruntime-node 1.30.0", threads: 1, processor: "A processor" }

  test("with accuracy", () => {
    const report = new Report({ ...fields, rows, metric: "accuracy", evaluated: 2000 })
    const bundle = report[displaySymbol]()
    expect(bundle["text/plain"]).toBe(
      [
        "int8: accuracy on 2,000 rows; ranges from 512 rows; onnxruntime-node 1.30.0, 1 thread, A processor",
        "format   bytes           accuracy  drop (95 % interval)         batch 1, p50 / p95 ms  batch 64, p50 / p95 ms  note",
        "float32  4,000           95.00 %                                1.000 / 1.200          20.0 / 24.0",
        "int8     1,020 (25.5 %)  95.01 %   -0.01 % (-0.30 % to 0.00 %)  0.500 / 0.600          10.0 / 12.0             2.00x at batch 1, 2.00x at batch 64",
      ].join("\n"),
    )
    expect(bundle["text/html"]).toContain("<td>1,020 (25.5 %)</td>")
  })

  test("without, and says so", () => {
    const plain = rows.map(row => ({ ...row, score: undefined, drop: undefined }))
    const report = new Report({ ...fields, rows: plain, metric: undefined, evaluated: 0 })
    const text = String(report[displaySymbol]()["text/plain"])
    expect(text).toContain("int8: accuracy not measured: pass `evaluate`; ranges from 512 rows")
    expect(text).not.toContain("drop")
  })

  test("squared errors are no percentages", () => {
    const drop = { value: 0.01234, low: -0.001, high: 0.025 }
    const errors = [rows[0]!, { ...rows[1]!, score: 1.23456, drop }]
    const report = new Report({ ...fields, rows: errors, metric: "mean squared error", evaluated: 10 })
    const text = report[displaySymbol]()["text/plain"]
    expect(text).toContain("rise (95 % interval)")
    expect(text).toMatch(/ 1\.235 +0\.01234 \(-0\.001 to 0\.025\) /)
  })
})
