// The runner's one ordered way out: text, bundles, telemetry and the end of a cell leave on one pipe with blocking writes,
// so nothing is reordered, and nothing is lost when the process ends in the next line. Bounds what one cell may print.

import { frame, messageFrame, writeFrame } from "../frames.js"
import { type Output, outputFd } from "../protocol.js"

/** Text that one cell may print before the rest is counted instead of sent. `SHARDLAB_OUTPUT_MB` raises it. */
const defaultLimitMb = 10

export class OutputPipe {
  #left = 0
  #limit = 0
  #cut = 0

  constructor() {
    this.beginCell()
  }

  send(output: Output): void {
    writeFrame(outputFd, messageFrame(output))
  }

  text(name: "stdout" | "stderr", bytes: Buffer): void {
    const kept = bytes.length <= this.#left ? bytes : bytes.subarray(0, wholeCharacters(bytes, this.#left))
    this.#left -= kept.length
    this.#cut += bytes.length - kept.length
    // After the first cut nothing more may slip through, also not a short text.
    if (this.#cut > 0) this.#left = 0
    if (kept.length > 0) writeFrame(outputFd, frame(name, kept))
  }

  /** Starts the count anew. The limit is read here, so a cell can raise it for the cells after it. */
  beginCell(): void {
    const megabytes = Number(process.env.SHARDLAB_OUTPUT_MB)
    this.#limit = (megabytes > 0 ? megabytes : defaultLimitMb) * 1e6
    this.#left = this.#limit
    this.#cut = 0
  }

  /** Says how much was not shown, if anything, and starts the count anew. */
  endCell(): void {
    const [cut, limit] = [this.#cut, this.#limit]
    this.beginCell()
    if (cut === 0) return
    const hint = `process.env.SHARDLAB_OUTPUT_MB = "${Math.ceil((cut + limit) / 1e6) + 1}" in a cell before shows it all`
    this.text("stdout", Buffer.from(`\n[${megabytes(cut)} more were printed and not shown: ${hint}]\n`))
  }
}

function megabytes(bytes: number): string {
  return bytes < 1e5 ? `${bytes} bytes` : `${(bytes / 1e6).toFixed(1)} MB`
}

/** The largest length up to `limit` that does not end inside a UTF-8 character. */
function wholeCharacters(bytes: Buffer, limit: number): number {
  let end = Math.min(limit, bytes.length)
  while (end > 0 && end < bytes.length && (bytes[end]! & 0xc0) === 0x80) end--
  return end
}
