// Remembers which plugins passed the self-test, so that it runs once a plugin and machine and not at every start. Only
// passes are kept: a refusal is tested again. A cache that cannot be written costs time, never correctness.

import { createHash } from "node:crypto"
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs"
import { cpus } from "node:os"
import { join } from "node:path"
import { cacheFolder } from "./cacheFolder.js"

export class Verdicts {
  constructor(private readonly folder = join(cacheFolder(), "plugins")) {}

  hasPassed(path: string): boolean {
    try {
      return readFileSync(this.#file(path), "utf8") === "passed"
    } catch {
      return false
    }
  }

  recordPass(path: string): void {
    try {
      mkdirSync(this.folder, { recursive: true })
      const file = this.#file(path)
      const partial = `${file}.${process.pid}`
      writeFileSync(partial, "passed")
      renameSync(partial, file)
    } catch {
      // Read-only home: the test runs again next time.
    }
  }

  #file(path: string): string {
    const { mtimeMs, size } = statSync(path)
    const key = JSON.stringify([1, path, mtimeMs, size, cpus()[0]?.model, process.arch])
    return join(this.folder, createHash("sha256").update(key).digest("hex").slice(0, 32))
  }
}
