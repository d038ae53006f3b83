// A server cuts an Arrow batch that is larger than a message into numbered pieces; this puts them together again.

import { fail } from "../../errors.js"
import type { ExecutePlanResponse_ArrowBatch } from "./gen/spark/connect/base_pb.js"

type Chunk = Pick<ExecutePlanResponse_ArrowBatch, "data" | "chunkIndex" | "numChunksInBatch">

export class ChunkJoiner {
  #parts: Uint8Array[] = []

  /** The whole batch once its last piece came; undefined before. @throws OPERATION_CUT for a piece out of order. */
  add({ data, chunkIndex, numChunksInBatch }: Chunk): Uint8Array | undefined {
    if (numChunksInBatch === undefined || numChunksInBatch <= 1n) return data
    if (chunkIndex !== BigInt(this.#parts.length)) {
      const cause = `piece ${chunkIndex} of ${numChunksInBatch} of a batch came after ${this.#parts.length}`
      throw fail("OPERATION_CUT", { server: "The server", cause })
    }
    this.#parts.push(data)
    if (BigInt(this.#parts.length) < numChunksInBatch) return undefined
    const whole = Buffer.concat(this.#parts)
    this.#parts = []
    return whole
  }
}
