// How the front and the runner put messages on their pipes: a length, a kind, a body. Stream text travels as it is;
// everything else as V8's structured clone, which carries typed arrays, bigints and buffers. Not the messages (protocol.ts).

import { writeSync } from "node:fs"
import { deserialize, serialize } from "node:v8"

const kinds = ["message", "stdout", "stderr"] as const
export type FrameKind = (typeof kinds)[number]
const headerBytes = 5

export function frame(kind: FrameKind, body: Uint8Array): Buffer {
  const framed = Buffer.allocUnsafe(headerBytes + body.byteLength)
  framed.writeUInt32LE(body.byteLength, 0)
  framed.writeUInt8(kinds.indexOf(kind), 4)
  framed.set(body, headerBytes)
  return framed
}

export function messageFrame(message: unknown): Buffer {
  return frame("message", serialize(message))
}

/** Writes all of it before it returns: the reader's pace is the writer's, and an exit right after loses nothing. */
export function writeFrame(fd: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error
      Atomics.wait(pause, 0, 0, 1)
    }
  }
}
const pause = new Int32Array(new SharedArrayBuffer(4))

/** Cuts a pipe's chunks into frames. */
export class FrameReader {
  #rest: Buffer[] = []
  #length = 0

  constructor(
    private readonly onMessage: (message: unknown) => void,
    private readonly onText: (name: "stdout" | "stderr", bytes: Buffer) => void = () => {},
  ) {}

  push(chunk: Buffer): void {
    this.#rest.push(chunk)
    this.#length += chunk.length
    while (this.#length >= headerBytes) {
      const head = this.#peek(headerBytes)
      const size = headerBytes + head.readUInt32LE(0)
      if (this.#length < size) return
      const body = this.#take(size).subarray(headerBytes)
      const kind = kinds[head.readUInt8(4)]
      if (kind === "message") this.onMessage(deserialize(body))
      else if (kind !== undefined) this.onText(kind, body)
    }
  }

  #peek(bytes: number): Buffer {
    if (this.#rest[0]!.length < bytes) this.#rest = [Buffer.concat(this.#rest)]
    return this.#rest[0]!
  }

  #take(bytes: number): Buffer {
    if (this.#rest[0]!.length < bytes) this.#rest = [Buffer.concat(this.#rest)]
    const first = this.#rest[0]!
    if (first.length === bytes) this.#rest.shift()
    else this.#rest[0] = first.subarray(bytes)
    this.#length -= bytes
    return first.subarray(0, bytes)
  }
}
