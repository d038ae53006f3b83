// What the Python side and the Node child say to each other over the child's stdin and stdout: a letter, the length of the
// body (32 bits, little-endian), the body. Python speaks, the child answers until it is done.

import type { ErrorCode } from "../../errors.js"
import type { MapUnit } from "../../frame/nodes/MapBatches.js"
import type { Field } from "../../frame/types.js"

export const ask = {
  /** A function, as JSON of `Job`; answered with done or failed. */
  load: "L",
  /** The id of a loaded function, a line feed, and one batch as an Arrow IPC stream; answered with results, then done. */
  batch: "B",
} as const
export const answer = { result: "R", done: "D", failed: "X" } as const

/** A function and how to call it. Plain data. */
export interface Job {
  readonly id: string
  readonly name: string
  readonly script: string
  readonly unit: MapUnit | "group"
  /** Of a group. */
  readonly keys: readonly string[]
  readonly input: readonly Field[]
  readonly output: readonly Field[]
}

/** What a child tells of a failure. */
export interface FunctionFailure {
  /** Of the function's code. */
  readonly id: string
  readonly code: ErrorCode
  /** What fills the row of the error table. */
  readonly values: Readonly<Record<string, string>>
  /** The user's error, if there is one. */
  readonly cause?: { readonly name: string; readonly message: string; readonly stack: string }
}

/** Before a failure in an error's text. */
export const failureMark = "SHARDLAB_FUNCTION_FAILURE"
/** The name under which V8 knows a function's script, in stacks. */
export const functionFile = "shardlab-function.js"
