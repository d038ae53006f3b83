// Files of this machine as a store. Addresses are absolute paths.

import { randomBytes } from "node:crypto"
import {
  createReadStream,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs"
import { copyFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import type { ByteRange, Store, StoredFile } from "./Store.js"

export class LocalStore implements Store {
  async list(folder: string): Promise<readonly StoredFile[]> {
    return walk(folder.replace(/(?<=.)\/$/, ""))
  }

  async stat(uri: string): Promise<StoredFile | undefined> {
    return fileAt(uri)
  }

  async read(uri: string, range?: ByteRange): Promise<AsyncIterable<Uint8Array>> {
    return createReadStream(uri, range ? { start: range.start, end: range.start + range.bytes - 1 } : {})
  }

  async put(uri: string, bytes: Uint8Array, { mustBeNew = false } = {}): Promise<boolean> {
    mkdirSync(dirname(uri), { recursive: true })
    const aside = join(dirname(uri), `_${randomBytes(6).toString("hex")}`)
    writeFileSync(aside, bytes)
    try {
      if (!mustBeNew) renameSync(aside, uri)
      else linkSync(aside, uri)
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") return false
      throw error
    } finally {
      rmSync(aside, { force: true })
    }
  }

  async upload(localFile: string, uri: string): Promise<void> {
    mkdirSync(dirname(uri), { recursive: true })
    await copyFile(localFile, uri)
  }

  async move(from: string, to: string): Promise<void> {
    mkdirSync(dirname(to), { recursive: true })
    renameSync(from, to)
  }

  async remove(uri: string): Promise<void> {
    rmSync(uri, { force: true })
  }

  async removeFolder(folder: string): Promise<void> {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The file at a path, undefined for a folder or nothing. */
export function fileAt(path: string): StoredFile | undefined {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined || found.isDirectory()) return undefined
  return { uri: path, bytes: found.size, version: `${found.size}-${found.mtimeMs}` }
}

function walk(folder: string): StoredFile[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap(entry => {
      const path = join(folder, entry.name)
      return entry.isDirectory() ? walk(path) : (fileAt(path) ?? [])
    })
}
