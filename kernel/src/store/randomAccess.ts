// A file of any store to be read here and there, in the shape of Node's FileHandle: blocks are fetched as they are asked
// for and the newest two are kept, so a footer and then batch after batch cost few requests.

import { fail } from "../errors.js"
import { redact } from "./redact.js"
import { storeFor } from "./registry.js"
import type { StoredFile } from "./Store.js"

const blockBytes = 4 * 1024 * 1024
const keptBlocks = 2

export class RandomAccess {
  /** What libraries look at to tell a file handle. */
  readonly fd = -1
  readonly #blocks = new Map<number, Promise<Buffer>>()

  constructor(private readonly file: StoredFile) {}

  async stat(): Promise<{ size: number }> {
    return { size: this.file.bytes }
  }

  async read(
    buffer: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ bytesRead: number; buffer: Uint8Array }> {
    const block = await this.#block(Math.floor(position / blockBytes))
    const start = position % blockBytes
    let bytesRead = block.copy(buffer, offset, start, Math.min(block.length, start + length))
    if (bytesRead < length && position + bytesRead < this.file.bytes) {
      bytesRead += (await this.read(buffer, offset + bytesRead, length - bytesRead, position + bytesRead))
        .bytesRead
    }
    return { bytesRead, buffer }
  }

  async close(): Promise<void> {
    this.#blocks.clear()
  }

  #block(number: number): Promise<Buffer> {
    const known = this.#blocks.get(number)
    if (known !== undefined) return known
    const block = this.#fetch(number * blockBytes)
    this.#blocks.set(number, block)
    for (const old of this.#blocks.keys()) {
      if (this.#blocks.size <= keptBlocks) break
      this.#blocks.delete(old)
    }
    return block
  }

  async #fetch(start: number): Promise<Buffer> {
    const { uri, bytes } = this.file
    const length = Math.min(blockBytes, bytes - start)
    const parts: Uint8Array[] = []
    for await (const part of await storeFor(uri).read(uri, { start, bytes: length })) parts.push(part)
    const block = Buffer.concat(parts)
    if (block.length === length) return block
    const fix = "It was replaced while it was read: read it again."
    throw fail("STORE_FAILED", { uri: redact(uri), problem: "the file is shorter than it was", fix })
  }
}
