// Which files of a folder belong to the table. A folder that shardlab appended to, or wrote in a store without renames, has
// a log `_shardlab/<number>.json`; its newest entry decides. Our data files carry the id of their write in their name and
// count only when the log holds that id, so a writer that was killed leaves nothing a reader of ours takes. Files of other
// programs always count, unless an overwrite of ours replaced them. commit.ts writes the log.

import { inParallel } from "./parallel.js"
import type { Store, StoredFile } from "./Store.js"

export interface TableState {
  /** Writes whose files count. */
  readonly writes: readonly string[]
  /** Files of other programs that an overwrite replaced, relative to the table. */
  readonly gone: readonly string[]
}
export interface TableLog extends TableState {
  readonly number: number
}

export const logFolder = "_shardlab"
const ours = /(?:^|\/)shardlab-([a-z0-9]+)-[^/]*$/

/** A name for a data file of one write; `{i}` is left for the engine's own numbering. */
export function dataFileName(write: string, part: string): string {
  return `shardlab-${write}-${part}`
}

/** Names that begin with `_` or `.` are not data, as for Spark; `_year=2001` is a partition. */
export function isHidden(relativePath: string): boolean {
  return relativePath.split("/").some(name => name.startsWith(".") || /^_[^=]*$/.test(name))
}

/** The folder of the table that a file lies in: its own, without `key=value` levels. */
export function tableOf(uri: string): string {
  return uri.replace(/\/[^/]*$/, "").replace(/(?:\/[^/]+=[^/]*)+$/, "")
}

/** Only the files that belong to their tables. `listed` are all files that a listing of `folder` gave. */
export async function committed(
  store: Store,
  files: readonly StoredFile[],
  folder: string,
  listed: readonly StoredFile[],
): Promise<StoredFile[]> {
  const tables = [...new Set(files.map(file => tableOf(file.uri)))]
  const mayHaveLog = (table: string) =>
    !table.startsWith(folder.replace(/\/$/, "")) ||
    listed.some(file => file.uri.startsWith(`${table}/${logFolder}/`))
  const logs = await inParallel(tables, table => (mayHaveLog(table) ? readLog(store, table) : undefinedLog))
  const states = new Map(tables.map((table, i) => [table, logs[i]]))
  return files.filter(file => isCommitted(file.uri, states.get(tableOf(file.uri))))
}
const undefinedLog = Promise.resolve<TableLog | undefined>(undefined)

function isCommitted(uri: string, state: TableState | undefined): boolean {
  const write = ours.exec(uri)?.[1]
  if (write !== undefined) return state?.writes.includes(write) ?? false
  return state === undefined || !state.gone.includes(uri.slice(tableOf(uri).length + 1))
}

/** The newest entry; undefined when the folder has no log. An entry that a commit removed meanwhile is looked up again. */
export async function readLog(store: Store, table: string): Promise<TableLog | undefined> {
  for (let attempt = 1; ; attempt++) {
    const entries = (await store.list(`${table}/${logFolder}/`)).filter(file =>
      /\/\d{12}\.json$/.test(file.uri),
    )
    const newest = entries.at(-1)
    if (newest === undefined) return undefined
    try {
      const parts: Uint8Array[] = []
      for await (const part of await store.read(newest.uri)) parts.push(part)
      const state = JSON.parse(Buffer.concat(parts).toString("utf8")) as TableState
      return { ...state, number: Number(/(\d+)\.json$/.exec(newest.uri)![1]) }
    } catch (error) {
      if (attempt === 3) throw error
    }
  }
}

/** Adds an entry; false when another writer added that number first. */
export async function addToLog(
  store: Store,
  table: string,
  number: number,
  state: TableState,
): Promise<boolean> {
  const bytes = Buffer.from(JSON.stringify({ format: 1, writes: state.writes, gone: state.gone }))
  return store.put(logEntry(table, number), bytes, { mustBeNew: true })
}

export function logEntry(table: string, number: number): string {
  return `${table}/${logFolder}/${String(number).padStart(12, "0")}.json`
}
