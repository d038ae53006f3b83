// A number format that a network can be compressed to: a rewrite of its float graph. Not measured and not saved here;
// the graph that comes back must compute what the first did, but for rounding, on the same inputs and outputs.

import type { Graph } from "../../onnx/Graph.js"
import type { ObserverName } from "../quantize/observers/registry.js"
import type { Samples } from "../samples.js"

export interface FormatContext {
  /** Typical rows, to learn ranges from. */
  readonly samples: Samples
  readonly observer: ObserverName
  /** Keep weights to seven bits, which every CPU adds up rightly. */
  readonly reduceRange: boolean
  readonly threads: number
  readonly signal: AbortSignal
}

export type Format = (graph: Graph, context: FormatContext) => Promise<Graph>
