// Messages on a byte stream: four bytes of length, a line of JSON, then bytes that belong to it. Not the meaning of any.

import type { Socket } from "node:net"

export type Header = Readonly<Record<string, unknown>>

export interface Frame {
  readonly header: Header
  readonly body: Uint8Array
}

/** Of one message, once the other side is known. */
export const mostBytes = 64 * 2 ** 20
/** Before that. */
export const mostFromStrangers = 4096

export function frameOf(header: Header, body: Uint8Array = new Uint8Array(0)): Buffer {
  const line = Buffer.from(`${JSON.stringify(header)}\n`)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(line.length + body.length)
  return Buffer.concat([length, line, body])
}

/** Puts pieces of a stream together again; a message that is too long or no message at all throws. */
export class FrameReader {
  most = mostFromStrangers
  #pieces = Buffer.alloc(0);

  /** The messages that are complete now. */
  *read(piece: Uint8Array): Generator<Frame> {
    this.#pieces = Buffer.concat([this.#pieces, piece])
    while (this.#pieces.length >= 4) {
      const length = this.#pieces.readUInt32BE()
      if (length > this.most) throw new Error(`a message of ${length} bytes`)
      if (this.#pieces.length < 4 + length) return
      const message = this.#pieces.subarray(4, 4 + length)
      this.#pieces = this.#pieces.subarray(4 + length)
      const end = message.indexOf(0x0a)
      const header = JSON.parse(message.subarray(0, Math.max(end, 0)).toString()) as unknown
      if (typeof header !== "object" || header === null) throw new Error("no message")
      yield { header: header as Header, body: Uint8Array.from(message.subarray(end + 1)) }
    }
  }
}

/** Calls `onFrame` for each message of a socket; what is none ends the connection. */
export function readFrames(socket: Socket, onFrame: (frame: Frame) => void): FrameReader {
  const reader = new FrameReader()
  socket.on("data", piece => {
    try {
      for (const frame of reader.read(piece)) onFrame(frame)
    } catch (error) {
      socket.destroy(error as Error)
    }
  })
  return reader
}
