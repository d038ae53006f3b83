// How a write becomes visible. Data is first made where no reader looks (names that begin with `_`), then published:
//
// - a file: one rename, or one copy on the server's side. Readers see the old file or the new one.
// - a whole folder of this machine: one rename; two folders that swap names when there was one before.
// - files added to a folder, and any folder in a store without folders: the files get names that carry the id of this
//   write, are moved into place, and count once the table's log has the id (tableLog.ts). Old files go after that.
//
// A writer that is killed leaves its staging, and perhaps moved files that no log names: readers of ours see neither. Such
// leftovers are removed by the next write to the table once they are a day old. Other programs that read an object store
// by listing may see new files some moments before the log does, and old ones until they are removed.

import { randomBytes } from "node:crypto"
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmdirSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, dirname, join } from "node:path"
import { fail } from "../errors.js"
import { exchange } from "./exchange.js"
import { fullAddress } from "./files.js"
import { LocalStore } from "./localStore.js"
import { inParallel } from "./parallel.js"
import { redact } from "./redact.js"
import { storeFor } from "./registry.js"
import type { Store, StoredFile } from "./Store.js"
import {
  addToLog,
  committed,
  dataFileName,
  isHidden,
  logEntry,
  readLog,
  type TableLog,
  type TableState,
} from "./tableLog.js"
import { storeKind } from "./uri.js"

export type WriteMode = "error" | "overwrite" | "append" | "ignore"

export interface CommitTarget {
  readonly path: string
  readonly mode: WriteMode
  /** `parquet`, for files in a folder. */
  readonly ending: string
  /** The data comes as `key=value` folders, so the target is a folder. */
  readonly partitioned: boolean
  /** The engine can only write to this machine: data is made here and uploaded. */
  readonly makesLocally: boolean
  /** The engine always makes a folder of files, and names them itself, as Spark does. */
  readonly namesFiles?: boolean
}

/** What the engine fills: a file, or an empty folder, of files with this name pattern where it takes one (`{i}` is the
 *  engine's numbering). */
export interface Place {
  readonly address: string
  readonly pattern?: string
}
type Fill = (place: Place) => Promise<number>

const staging = "_staging"
const dayMs = 86_400_000

/** Fills a hidden place and publishes it by the mode; gives the rows, 0 when `ignore` found the target there. */
export async function commitWrite(target: CommitTarget, fill: Fill): Promise<{ path: string; rows: number }> {
  const write = new Write(target)
  const found = await write.look()
  const { path, mode } = target
  if (found !== "nothing" && mode === "error") throw fail("TARGET_EXISTS", { path: redact(path) })
  if (found !== "nothing" && mode === "ignore") return { path: write.path, rows: 0 }
  if (found === "file" && mode === "append") {
    const fix = "Append to a folder: write to a new path that ends in /, and read that folder."
    throw fail("BAD_VALUE", {
      where: `write.${target.ending}`,
      name: "mode",
      value: `append, but ${redact(path)} is one file`,
      fix,
    })
  }
  const asFolder =
    target.partitioned ||
    target.namesFiles === true ||
    path.endsWith("/") ||
    mode === "append" ||
    found === "folder"
  return { path: write.path, rows: asFolder ? await write.folder(found, fill) : await write.file(fill) }
}

class Write {
  /** Time first, so that its age can be told; then chance. */
  readonly #id = Date.now().toString(36) + randomBytes(5).toString("hex")
  readonly path: string
  readonly #store: Store
  readonly #local: boolean

  constructor(private readonly target: CommitTarget) {
    this.path = fullAddress(target.path).replace(/(?<=.)\/+$/, "")
    this.#store = storeFor(target.path)
    this.#local = storeKind(target.path) === "file"
  }

  async look(): Promise<"nothing" | "file" | "folder"> {
    if (this.#local)
      return existsSync(this.path) ? (statSync(this.path).isDirectory() ? "folder" : "file") : "nothing"
    if ((await this.#store.stat(this.path)) !== undefined) return "file"
    return (await this.#visible()).length > 0 ? "folder" : "nothing"
  }

  /** One file, published in one step. */
  async file(fill: Fill): Promise<number> {
    const folder = `${this.path.slice(0, this.path.lastIndexOf("/"))}/${staging}/${this.#id}`
    const name = this.path.slice(this.path.lastIndexOf("/") + 1)
    return this.#staged(folder, async place => {
      const rows = await fill({ address: `${place}/${name}` })
      await this.#bring(place, folder)
      if (this.target.mode === "error" && (await this.look()) !== "nothing") throw this.#exists()
      await this.#store.move(`${folder}/${name}`, this.path)
      return rows
    })
  }

  async folder(found: "nothing" | "file" | "folder", fill: Fill): Promise<number> {
    if (this.#local && this.target.mode !== "append") return this.#wholeFolder(found, fill)
    const folder = `${this.path}/${staging}/${this.#id}`
    return this.#staged(folder, async place => {
      const rows = await this.#fillFolder(place, dataFileName(this.#id, "{i}"), fill)
      await this.#bring(place, folder)
      await this.#publish(folder)
      return rows
    })
  }

  /** A folder of this machine: made aside, then it takes the name, or swaps names with the old one. */
  async #wholeFolder(found: "nothing" | "file" | "folder", fill: Fill): Promise<number> {
    const folder = join(dirname(this.path), staging, this.#id)
    return this.#staged(folder, async place => {
      const made = join(place, basename(this.path))
      mkdirSync(made, { recursive: true })
      const rows = await this.#fillFolder(made, "part-{i}", fill)
      if (this.target.mode !== "overwrite" && existsSync(this.path)) throw this.#exists()
      if (found === "nothing") renameSync(made, this.path)
      else exchange(made, this.path)
      return rows
    })
  }

  #fillFolder(folder: string, pattern: string, fill: Fill): Promise<number> {
    if (this.target.namesFiles === true) return fill({ address: folder })
    if (this.target.partitioned) return fill({ address: folder, pattern })
    return fill({ address: `${folder}/${pattern.replace("{i}", "0")}.${this.target.ending}` })
  }

  /** Makes the staging, which goes at the end whatever happened; `work` gets the place where the engine writes. */
  async #staged(folder: string, work: (place: string) => Promise<number>): Promise<number> {
    const here = this.#local || !this.target.makesLocally
    const place = here ? folder : mkdtempSync(join(tmpdir(), "shardlab-write-"))
    if (this.#local) mkdirSync(folder, { recursive: true })
    try {
      await this.#sweep(folder)
      return await work(place)
    } finally {
      if (!here) rmSync(place, { recursive: true, force: true })
      await this.#store.removeFolder(folder).catch(() => {})
      if (this.#local) removeIfEmpty(dirname(folder))
    }
  }

  /** Uploads what was made on this machine to the staging of the store. */
  async #bring(place: string, folder: string): Promise<void> {
    if (place === folder) return
    const files = await new LocalStore().list(place)
    await inParallel(files, ({ uri }) => this.#store.upload(uri, folder + uri.slice(place.length)), 4)
  }

  /** Moves the files into the table and adds the write to its log. */
  async #publish(folder: string): Promise<void> {
    const made = (await this.#store.list(`${folder}/`)).map(({ uri }) => uri.slice(folder.length + 1))
    // Markers and checksums that an engine leaves beside its data are no part of the table.
    const data = made.filter(name => !isHidden(name))
    const moved = data.map(name => ({ from: `${folder}/${name}`, to: `${this.path}/${this.#named(name)}` }))
    try {
      await inParallel(moved, ({ from, to }) => this.#store.move(from, to))
      await this.#addToLog()
    } catch (error) {
      await inParallel(moved, ({ to }) => this.#store.remove(to)).catch(() => {})
      throw error
    }
  }

  /** With the id of this write in the file's name, whoever named it. */
  #named(relative: string): string {
    const [, levels = "", name = ""] = /^(.*\/)?([^/]*)$/.exec(relative) ?? []
    return name.startsWith(dataFileName(this.#id, "")) ? relative : levels + dataFileName(this.#id, name)
  }

  async #addToLog(): Promise<void> {
    for (let attempt = 1; attempt <= 20; attempt++) {
      const log = await readLog(this.#store, this.path)
      const before = (await this.#visible()).filter(({ uri }) => !uri.includes(`shardlab-${this.#id}-`))
      const { mode } = this.target
      if ((mode === "error" || mode === "ignore") && before.length > 0) throw this.#exists()
      const state = mode === "append" ? this.#added(log, before) : this.#replaced(before)
      const number = (log?.number ?? 0) + 1
      if (!(await addToLog(this.#store, this.path, number, state))) continue
      if (mode !== "append") await inParallel(before, ({ uri }) => this.#store.remove(uri))
      if (number > 2) await this.#store.remove(logEntry(this.path, number - 2))
      return
    }
    const fix = "Other writers keep committing to it: write one after the other."
    throw fail("STORE_FAILED", { uri: redact(this.path), problem: "the commit did not get its turn", fix })
  }

  #added(log: TableLog | undefined, _before: readonly StoredFile[]): TableState {
    return { writes: [...(log?.writes ?? []), this.#id], gone: log?.gone ?? [] }
  }

  #replaced(before: readonly StoredFile[]): TableState {
    return { writes: [this.#id], gone: before.map(({ uri }) => uri.slice(this.path.length + 1)) }
  }

  /** What readers take for the table now. */
  async #visible(): Promise<readonly StoredFile[]> {
    const root = `${this.path}/`
    const listed = await this.#store.list(root)
    const data = listed.filter(({ uri }) => !isHidden(uri.slice(root.length)))
    return committed(this.#store, data, root, listed)
  }

  /** Removes what writers that were killed left here a day ago or earlier. */
  async #sweep(folder: string): Promise<void> {
    const parent = folder.slice(0, folder.lastIndexOf("/"))
    const left = await this.#store.list(`${parent}/`)
    const ids = new Set(left.map(({ uri }) => uri.slice(parent.length + 1).split("/")[0]!))
    const old = [...ids].filter(id => Date.now() - Number.parseInt(id.slice(0, 8), 36) > dayMs)
    await inParallel(old, id => this.#store.removeFolder(`${parent}/${id}`))
  }

  #exists(): Error {
    return fail("TARGET_EXISTS", { path: redact(this.target.path) })
  }
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder)
  } catch {
    // Another write stages there.
  }
}
