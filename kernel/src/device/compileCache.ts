// Compiled programs on disk, so that the next process need not compile them: files named by a key, each with a checksum of
// what it holds. Knows nothing of plugins: whoever makes the key puts everything into it that a program depends on. A cache
// that cannot be read or written costs time, never correctness, so nothing here throws. The files are machine code that
// will be run: the folder is the user's alone, like the rest of a home.

import { createHash } from "node:crypto"
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs"
import { join } from "node:path"
import { cacheFolder } from "./cacheFolder.js"

const magic = Buffer.from("shardlab program 1\n")
const digestBytes = 32
const defaultLimitMb = 1024
/** After an eviction there is room again for a while. */
const evictTo = 0.8
/** A process that was killed while it wrote leaves its file behind. */
const abandonedMs = 3_600_000

export class CompileCache {
  constructor(
    private readonly folder: string,
    /** Bytes that all entries may take together. */
    private readonly limit = defaultLimitMb << 20,
  ) {}

  /** What was kept under `key`; undefined when nothing was, or when it is damaged: then it is removed. */
  read(key: string): Uint8Array | undefined {
    try {
      const file = this.#file(key)
      const content = readFileSync(file)
      const payload = content.subarray(magic.length + digestBytes)
      const intact =
        content.subarray(0, magic.length).equals(magic) &&
        content.subarray(magic.length, magic.length + digestBytes).equals(digest(payload))
      if (!intact) {
        this.drop(key)
        return undefined
      }
      // The newest are evicted last.
      const now = new Date()
      utimesSync(file, now, now)
      return payload
    } catch {
      return undefined
    }
  }

  /** Readers see all of it or nothing: it is written beside and renamed. */
  write(key: string, payload: Uint8Array): void {
    if (payload.length > this.limit) return
    try {
      mkdirSync(this.folder, { recursive: true, mode: 0o700 })
      const partial = `${this.#file(key)}.${process.pid}.partial`
      writeFileSync(partial, Buffer.concat([magic, digest(payload), payload]), { mode: 0o600 })
      renameSync(partial, this.#file(key))
      this.#evict()
    } catch {
      // A full disk or a read-only home: the program is compiled again next time.
    }
  }

  drop(key: string): void {
    try {
      rmSync(this.#file(key), { force: true })
    } catch {
      // It will be refused again, and compiled again.
    }
  }

  #file(key: string): string {
    return join(this.folder, key)
  }

  #evict(): void {
    const entries = this.#entries()
    let total = entries.reduce((sum, { size }) => sum + size, 0)
    if (total <= this.limit) return
    for (const { file, size } of entries.sort((a, b) => a.usedMs - b.usedMs)) {
      if (total <= this.limit * evictTo) return
      rmSync(file, { force: true })
      total -= size
    }
  }

  /** Whole entries; what was abandoned half-written is removed on the way. */
  #entries(): { file: string; size: number; usedMs: number }[] {
    const entries = []
    for (const name of readdirSync(this.folder)) {
      const file = join(this.folder, name)
      // Another process may have evicted it meanwhile.
      const stat = statSync(file, { throwIfNoEntry: false })
      if (stat === undefined) continue
      if (!name.endsWith(".partial")) entries.push({ file, size: stat.size, usedMs: stat.mtimeMs })
      else if (Date.now() - stat.mtimeMs > abandonedMs) rmSync(file, { force: true })
    }
    return entries
  }
}

/**
 * The user's cache. `SHARDLAB_COMPILE_CACHE` names another folder, or is `off`; `SHARDLAB_COMPILE_CACHE_MB` is what it may
 * take on disk, 1024 by default.
 */
export function userCompileCache(env: NodeJS.ProcessEnv = process.env): CompileCache | undefined {
  const { SHARDLAB_COMPILE_CACHE: where, SHARDLAB_COMPILE_CACHE_MB: limit } = env
  if (where === "off" || where === "0") return undefined
  const megabytes = Number(limit)
  return new CompileCache(
    where || join(cacheFolder(), "programs"),
    (limit && megabytes >= 0 ? megabytes : defaultLimitMb) * 2 ** 20,
  )
}

function digest(payload: Uint8Array): Buffer {
  return createHash("sha256").update(payload).digest()
}
