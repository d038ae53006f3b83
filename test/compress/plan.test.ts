// What the int8 rewrite does to a graph, without running it: who becomes int8, which scales are shared, what is folded away
// and what is left alone.
import { describe, expect, test } from "vitest"
import { reducedInt8 } from "../../kernel/src/compress/quantize/affine.js"
import { foldBatchNorm } from "../../kernel/src/compress/quantize/foldBatchNorm.js"
import { foldPadding } from "../../kernel/src/compress/quantize/foldPadding.js"
import { insertQdq } from "../../kernel/src/compress/quantize/insertQdq.js"
import { planInt8 } from "../../kernel/src/compress/quantize/planInt8.js"
import type { Constant, Graph, GraphNode } from "../../kernel/src/onnx/Graph.js"

type Step = [op: string, output: string, inputs: string[], attributes?: GraphNode["attributes"]]

const ones = (...shape: number[]): Constant => ({
  shape,
  data: new Float32Array(shape.reduce((size, length) => size * length, 1)).fill(1),
})

/** Steps in order; the last one is the output. Names ending in K or B are weights. */
function graph(steps: Step[], constants: Record<string, Constant> = {}): Graph {
  const weights = steps.flatMap(([op, , inputs]) =>
    inputs
      .filter(name => /[KB]$/.test(name))
      .map((name): [string, Constant] => [name, name.endsWith("B") ? ones(2) : kernel(op)]),
  )
  return {
    name: "test",
    inputs: [{ name: "x" }],
    outputs: [{ name: steps.at(-1)![1] }],
    nodes: steps.map(([op, output, inputs, attributes = {}]) => ({
      op,
      name: output,
      inputs,
      output,
      attributes,
    })),
    constants: new Map([...weights, ...Object.entries(constants)]),
  }
}

const kernel = (op: string) => (op === "Conv" ? ones(2, 2, 1, 1) : ones(2, 2))

/** Every tensor from 0 to 1, so that zero is the lowest integer. */
function quantized(float: Graph): Graph {
  const plan = planInt8(float)
  const ranges = new Map([...plan.sources.values()].map(source => [source, { min: 0, max: 1 }]))
  return insertQdq(float, plan, ranges, reducedInt8)
}

const ops = ({ nodes }: Graph) => nodes.map(node => node.op)
const node = (found: Graph, name: string) => found.nodes.find(one => one.name === name)!
const int8 = (float: Graph) => [...planInt8(float).sources.keys()]

describe("planInt8", () => {
  test("a convolution, its Relu, a pooling and a dense layer share as few scales as there are ranges", () => {
    const plan = planInt8(
      graph([
        ["Transpose", "turned", ["x"]],
        ["Conv", "conv", ["turned", "cK", "cB"]],
        ["Relu", "relu", ["conv"]],
        ["MaxPool", "pool", ["relu"]],
        ["Flatten", "flat", ["pool"]],
        ["Gemm", "head", ["flat", "hK", "hB"]],
        ["Softmax", "out", ["head"]],
      ]),
    )
    expect(Object.fromEntries(plan.sources)).toEqual({
      x: "x",
      turned: "x",
      relu: "relu",
      pool: "relu",
      flat: "relu",
    })
  })

  test("what is computed in float32 stays so: other activations, the last dense layer, operations with constants", () => {
    const steps: Step[] = [
      ["Gemm", "first", ["x", "fK", "fB"]],
      ["Tanh", "tanh", ["first"]],
      ["Gemm", "second", ["tanh", "sK", "sB"]],
      ["Mul", "scaled", ["second", "half"]],
    ]
    expect(int8(graph(steps, { half: ones() }))).toEqual(["x", "tanh"])
  })

  test("a sum of two branches is int8 where they are", () => {
    const steps: Step[] = [
      ["Conv", "a", ["x", "aK", "aB"]],
      ["Conv", "b", ["a", "bK", "bB"]],
      ["Add", "sum", ["a", "b"]],
      ["Relu", "relu", ["sum"]],
      ["GlobalAveragePool", "mean", ["relu"]],
    ]
    expect(int8(graph(steps))).toEqual(["x", "a", "b", "relu", "mean"])
  })

  test("a Relu whose input somebody else reads is not taken in", () => {
    const steps: Step[] = [
      ["Conv", "conv", ["x", "cK", "cB"]],
      ["Relu", "relu", ["conv"]],
      ["Add", "sum", ["relu", "conv"]],
    ]
    const plan = planInt8(graph(steps))
    expect(plan.absorbed.size).toBe(0)
    expect([...plan.sources.keys()]).toEqual(["x", "conv", "relu", "sum"])
  })
})

describe("insertQdq", () => {
  const steps: Step[] = [
    ["Conv", "conv", ["x", "cK", "cB"]],
    ["Relu", "relu", ["conv"]],
    ["Gemm", "head", ["relu", "hK", "hB"]],
  ]

  test("drops the Relu that rounding does anyway", () => {
    const found = quantized(graph(steps))
    expect(ops(found)).not.toContain("Relu")
    expect(node(found, "relu/quantized").inputs).toEqual(["relu", "relu/scale", "relu/zero"])
    expect(node(found, "conv").output).toBe("relu")
    expect(found.constants.get("relu/zero")!.data).toEqual(Uint8Array.of(0))
  })

  test("keeps the Relu when zero is not the lowest integer", () => {
    const float = graph(steps)
    // No rectifier that ran gives these numbers, but a Clip from another bound would.
    const ranges = new Map([
      ["x", { min: 0, max: 1 }],
      ["relu", { min: -1, max: 1 }],
    ])
    expect(ops(insertQdq(float, planInt8(float), ranges, reducedInt8))).toContain("Relu")
  })

  test("an int8 output keeps its name", () => {
    const found = quantized(graph(steps.slice(0, 1)))
    expect(found.outputs).toEqual([{ name: "conv" }])
    expect(found.nodes.at(-1)).toMatchObject({ op: "DequantizeLinear", output: "conv" })
  })

  test("every tensor is made before it is read, and float weights are gone", () => {
    const found = quantized(graph(steps))
    const made = new Set(["x", ...found.constants.keys()])
    for (const { inputs, output } of found.nodes) {
      for (const input of inputs) expect(made).toContain(input)
      made.add(output)
    }
    expect(found.constants.has("cK")).toBe(false)
    expect(found.constants.get("conv/kernel/quantized")!.data).toBeInstanceOf(Int8Array)
    expect(found.constants.get("conv/bias/quantized")!.data).toBeInstanceOf(Int32Array)
  })
})

describe("foldBatchNorm", () => {
  const parameters = ["gamma", "beta", "mean", "variance"]
  const norm: Step = ["BatchNormalization", "norm", ["conv", ...parameters], { epsilon: { float: 0 } }]
  const given = {
    gamma: { shape: [2], data: Float32Array.of(2, 3) },
    beta: { shape: [2], data: Float32Array.of(10, 20) },
    mean: { shape: [2], data: Float32Array.of(1, 2) },
    variance: { shape: [2], data: Float32Array.of(4, 9) },
  }

  test("into the convolution before, with or without a bias", () => {
    const withBias = foldBatchNorm(graph([["Conv", "conv", ["x", "cK", "cB"]], norm], given))
    expect(withBias.nodes).toHaveLength(1)
    expect(withBias.nodes[0]).toMatchObject({ name: "conv", output: "norm" })
    // (1 - 1) * 2 / 2 + 10 and (1 - 2) * 3 / 3 + 20.
    expect([...withBias.constants.get("conv/folded/bias")!.data]).toEqual([10, 19])
    expect([...withBias.constants.get("conv/folded/kernel")!.data]).toEqual([1, 1, 1, 1])
    const without = foldBatchNorm(graph([["Conv", "conv", ["x", "cK"]], norm], given))
    expect([...without.constants.get("conv/folded/bias")!.data]).toEqual([9, 18])
    expect([...without.constants.keys()]).toEqual(["conv/folded/kernel", "conv/folded/bias"])
  })

  test("not where somebody else reads what the convolution gives, nor across an activation", () => {
    const shared = graph([["Conv", "conv", ["x", "cK", "cB"]], norm, ["Add", "sum", ["norm", "conv"]]], given)
    expect(ops(foldBatchNorm(shared))).toEqual(["Conv", "BatchNormalization", "Add"])
    const relu: Step[] = [
      ["Conv", "conv", ["x", "cK", "cB"]],
      ["Relu", "relu", ["conv"]],
      ["BatchNormalization", "norm", ["relu", ...parameters], { epsilon: { float: 0 } }],
    ]
    expect(ops(foldBatchNorm(graph(relu, given)))).toEqual(["Conv", "Relu", "BatchNormalization"])
  })
})

test("foldPadding adds a layer's padding to the convolution's own", () => {
  const pads = { shape: [8], data: BigInt64Array.from([0n, 0n, 1n, 2n, 0n, 0n, 3n, 4n]) }
  const own = { pads: { ints: [1, 1, 0, 0] } }
  const found = foldPadding(
    graph(
      [
        ["Pad", "pad", ["x", "pads"]],
        ["Conv", "conv", ["pad", "cK", "cB"], own],
      ],
      { pads },
    ),
  )
  expect(found.nodes).toHaveLength(1)
  expect(found.nodes[0]).toMatchObject({
    inputs: ["x", "cK", "cB"],
    attributes: { pads: { ints: [2, 3, 3, 4] } },
  })
})
