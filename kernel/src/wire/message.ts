// A Jupyter message and its form on a socket: identities, delimiter, signature, four JSON parts, buffers. Not the meaning
// of any message: server.ts knows that.

import { createHmac, randomUUID, timingSafeEqual } from "node:crypto"

export const protocolVersion = "5.4"
const delimiter = Buffer.from("<IDS|MSG>")

export interface Header {
  readonly msg_id: string
  readonly msg_type: string
  readonly session: string
  readonly username: string
  readonly date: string
  readonly version: string
}

export interface Message {
  /** Routing identities of the sender; a reply goes back to them. */
  readonly identities: readonly Buffer[]
  readonly header: Header
  /** Empty for a message that answers nothing. */
  readonly parent: Header | Record<string, never>
  readonly metadata: Record<string, unknown>
  readonly content: Record<string, unknown>
  readonly buffers: readonly Uint8Array[]
}

/** What a socket gave: a message, or why it was dropped. */
export type Decoded =
  | { readonly message: Message }
  | { readonly dropped: "signature" | "malformed"; readonly detail: string }

export class MessageCodec {
  readonly #key: string
  readonly #session = randomUUID()
  /** Signatures already seen: a captured message must not be replayed. */
  readonly #seen = new Set<string>()

  constructor(key: string) {
    this.#key = key
  }

  /** A message of ours: a fresh header, the kernel's session, and `parent` as given. */
  make(
    type: string,
    content: Record<string, unknown>,
    parent: Message["parent"] = {},
    extra: Partial<Pick<Message, "identities" | "metadata" | "buffers">> = {},
  ): Message {
    const header: Header = {
      msg_id: randomUUID(),
      msg_type: type,
      session: this.#session,
      username: "kernel",
      date: new Date().toISOString(),
      version: protocolVersion,
    }
    return { identities: [], metadata: {}, buffers: [], header, parent, content, ...extra }
  }

  encode(message: Message): Buffer[] {
    const parts = [message.header, message.parent, message.metadata, message.content].map(part =>
      Buffer.from(JSON.stringify(part)),
    )
    const buffers = message.buffers.map(buffer =>
      Buffer.from(buffer.buffer, buffer.byteOffset, buffer.byteLength),
    )
    return [...message.identities, delimiter, Buffer.from(this.#sign(parts)), ...parts, ...buffers]
  }

  decode(frames: readonly Buffer[]): Decoded {
    const at = frames.findIndex(frame => frame.equals(delimiter))
    if (at < 0 || frames.length < at + 6) {
      return { dropped: "malformed", detail: `${frames.length} frames without a whole message` }
    }
    const parts = frames.slice(at + 2, at + 6)
    const signature = frames[at + 1]!.toString()
    if (!this.#accepts(signature, parts)) {
      return { dropped: "signature", detail: "the signature does not match, or was used before" }
    }
    try {
      const [header, parent, metadata, content] = parts.map(part => JSON.parse(part.toString()) as never)
      const identities = frames.slice(0, at)
      return {
        message: {
          identities,
          header: header!,
          parent: parent!,
          metadata: metadata!,
          content: content!,
          buffers: frames.slice(at + 6),
        },
      }
    } catch (error) {
      return { dropped: "malformed", detail: String(error) }
    }
  }

  #sign(parts: readonly Buffer[]): string {
    if (this.#key === "") return ""
    const mac = createHmac("sha256", this.#key)
    for (const part of parts) mac.update(part)
    return mac.digest("hex")
  }

  #accepts(signature: string, parts: readonly Buffer[]): boolean {
    if (this.#key === "") return true
    const expected = Buffer.from(this.#sign(parts))
    const given = Buffer.from(signature)
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return false
    if (this.#seen.has(signature)) return false
    this.#seen.add(signature)
    // Bounded: the oldest half goes first, in the order in which a Set keeps its members.
    if (this.#seen.size > 65_536) {
      for (const old of this.#seen) {
        if (this.#seen.size <= 32_768) break
        this.#seen.delete(old)
      }
    }
    return true
  }
}
