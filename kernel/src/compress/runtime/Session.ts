// An ONNX model opened on onnxruntime's CPU provider, and run on rows of float32. Whoever opens one closes it: its memory
// is native, and the garbage collector does not see it.

import { loadRuntime } from "./loadRuntime.js"

type InferenceSession = import("onnxruntime-node").InferenceSession

export interface SessionOptions {
  /** Threads of one operation. Given always: left to itself the runtime counts the machine's cores, not the container's. */
  readonly threads: number
  /** Where to write the graph as the runtime rewrote it, to see which kernels it chose. */
  readonly optimizedTo?: string
}

export interface Rows {
  /** As the model's input: rows first. */
  readonly shape: readonly number[]
  readonly data: Float32Array
}

export interface Session {
  /** Every output by its name. */
  run(inputs: Readonly<Record<string, Rows>>): Promise<ReadonlyMap<string, Rows>>
  close(): Promise<void>
}

export async function openSession(bytes: Uint8Array, options: SessionOptions): Promise<Session> {
  const { InferenceSession, Tensor } = loadRuntime()
  const { optimizedTo } = options
  const session: InferenceSession = await InferenceSession.create(bytes, {
    executionProviders: ["cpu"],
    intraOpNumThreads: options.threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: "all",
    logSeverityLevel: 4,
    ...(optimizedTo === undefined ? {} : { optimizedModelFilePath: optimizedTo }),
  })
  return {
    async run(inputs) {
      const feeds = Object.entries(inputs).map(
        ([name, { data, shape }]) => [name, new Tensor("float32", data, shape)] as const,
      )
      const results = await session.run(Object.fromEntries(feeds))
      const rows = Object.entries(results).map(
        ([name, { data, dims }]) => [name, { data: data as Float32Array, shape: dims }] as const,
      )
      return new Map(rows)
    },
    close: () => session.release(),
  }
}
