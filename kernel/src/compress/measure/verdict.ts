// What the measured figures say about a compressed network, in words: how much faster, smaller on disk only, neither, or
// slower and probably why.

import type { Graph } from "../../onnx/Graph.js"
import { int8Operations } from "../quantize/int8Operations.js"
import type { Latency } from "./latency.js"
import type { Processor } from "./processor.js"

export interface Verdict {
  readonly speed: "faster" | "smaller on disk only" | "no gain" | "slower"
  /** For people. */
  readonly note: string
}

/** What was measured of one network; latencies by the same batch sizes as the other's. */
export interface Figures {
  readonly bytes: number
  readonly latency: readonly Latency[]
}

/** Less than this either way is noise. */
const noticeable = 0.05
/** Below this many milliseconds a run is mostly getting in and out of the runtime. */
const tinyMs = 0.1

export function verdict(before: Figures, after: Figures, graph: Graph, processor: Processor): Verdict {
  const ratios = before.latency.map(({ batch, p50 }, i) => ({ batch, ratio: p50 / after.latency[i]!.p50 }))
  const told = ratios.map(({ batch, ratio }) => `${ratio.toFixed(2)}x at batch ${batch}`).join(", ")
  if (ratios.some(({ ratio }) => ratio < 1 - noticeable))
    return { speed: "slower", note: `${told}: slower, ${cause(before.latency, graph, processor)}` }
  if (ratios.some(({ ratio }) => ratio >= 1 + noticeable)) return { speed: "faster", note: told }
  if (after.bytes < before.bytes)
    return { speed: "smaller on disk only", note: `${told}: smaller on disk only` }
  return { speed: "no gain", note: `${told}: no gain, so small a network has little to compress` }
}

function cause(before: readonly Latency[], graph: Graph, { hasDotProduct }: Processor): string {
  const islands = floatIslands(graph)
  if (islands.length > 0)
    return `because ${islands.join(", ")} run in float32 between conversions of their inputs and outputs`
  if (before.some(({ p50 }) => p50 < tinyMs))
    return "because so small a network costs less than converting its inputs to int8 and back"
  if (hasDotProduct === false) return "because this processor has no int8 dot products (VNNI)"
  return "for a reason that is not known: please report it with the network"
}

/** Operations in the middle of the network that read int8 values and compute on float32. */
export function floatIslands({ nodes, outputs }: Graph): string[] {
  const isInt8 = new Set(nodes.filter(({ op }) => op === "DequantizeLinear").map(({ output }) => output))
  const isLast = new Set(outputs.map(output => output.name))
  const islands = nodes.filter(
    ({ op, inputs, output }) =>
      int8Operations[op] === undefined && !isLast.has(output) && inputs.some(input => isInt8.has(input)),
  )
  return [...new Set(islands.map(({ op }) => op))]
}
