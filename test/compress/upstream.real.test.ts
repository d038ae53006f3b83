// The whole way equal to onnxruntime's Python quantiser (see upstream.test.ts): calibration by running the network, then
// every integer, scale and zero point that both write. Where ours differs on purpose, the last test says so.
import { beforeAll, describe, expect, test } from "vitest"
import { int8 } from "../../kernel/src/compress/formats/int8.js"
import type { Samples } from "../../kernel/src/compress/samples.js"
import type { Attribute, Constant, Graph, GraphNode } from "../../kernel/src/onnx/Graph.js"
import { vectors } from "../scale/vectors.js"

interface Numbers {
  readonly shape: number[]
  readonly data: number[]
}

interface NetworkCase {
  readonly kind: string
  readonly reduceRange: boolean
  readonly nodes: (Omit<GraphNode, "attributes"> & { attributes: Record<string, Attribute> })[]
  readonly constants: Record<string, Numbers>
  readonly rows: Numbers
  /** Upstream's constants by their names. */
  readonly made: Record<string, number[]>
}

const networks = vectors<NetworkCase>("ort_quantization").filter(({ kind }) => kind === "network")

function graphOf({ nodes, constants }: NetworkCase): Graph {
  const floats = Object.entries(constants).map(([name, { shape, data }]): [string, Constant] => [
    name,
    { shape, data: Float32Array.from(data) },
  ])
  return {
    name: "golden",
    inputs: [{ name: "image", shape: ["batch", 8, 8, 2] }],
    outputs: [{ name: "head/softmax", shape: ["batch", 3] }],
    nodes,
    constants: new Map(floats),
  }
}

function samplesOf({ rows }: NetworkCase): Samples {
  const [count, ...shape] = rows.shape as [number, ...number[]]
  return {
    shape,
    labelWidth: 0,
    async *batches() {
      yield { count, x: Float32Array.from(rows.data), y: new Float32Array(0) }
    },
  }
}

describe.each(networks)("a network, seven bits: $reduceRange", network => {
  let ours: Graph
  beforeAll(async () => {
    const signal = new AbortController().signal
    const options = { observer: "minMax", reduceRange: network.reduceRange, threads: 1, signal } as const
    ours = await int8(graphOf(network), { ...options, samples: samplesOf(network) })
  })

  const mine = (name: string) => Array.from(ours.constants.get(name)!.data as Int8Array)

  test("activations", () => {
    // Upstream transposes first and quantises then; ours the other way round, which moves a quarter of the bytes.
    const tensors = {
      image: "image/channelsFirst",
      "first/relu": "first/relu",
      second: "second",
      mean: "mean",
    }
    const more = { "sum/relu": "sum/relu", each: "each", "dense/relu": "dense/relu" }
    for (const [tensor, theirs] of Object.entries({ ...tensors, ...more })) {
      expect([tensor, mine(`${tensor}/scale`)]).toEqual([tensor, network.made[`${theirs}_scale`]])
      expect([tensor, mine(`${tensor}/zero`)]).toEqual([tensor, network.made[`${theirs}_zero_point`]])
    }
  })

  test.each(["first", "second", "each", "dense", "head"])("kernel and bias of %s", name => {
    const { made } = network
    expect(mine(`${name}/kernel/quantized`)).toEqual(made[`${name}/kernel_quantized`])
    expect(mine(`${name}/kernel/scale`)).toEqual(made[`${name}/kernel_scale`])
    expect(mine(`${name}/bias/quantized`)).toEqual(made[`${name}/bias_quantized`])
    expect(mine(`${name}/bias/scale`)).toEqual(made[`${name}/bias_quantized_scale`])
  })

  test("the scores before the softmax stay float32 in ours, and the softmax is not quantised", () => {
    expect(ours.constants.has("head/scale")).toBe(false)
    expect(network.made.head_scale).toBeDefined()
    expect(ours.nodes.at(-1)!).toMatchObject({ op: "Softmax", inputs: ["head"], output: "head/softmax" })
  })
})
