// A notebook file: reading (nbformat 4), and writing so that a reader never meets half a file. Not a notebook model: cells
// stay the JSON that they are, with what we do not know about kept.

import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { basename, dirname, resolve } from "node:path"
import { didYouMean, fail } from "../errors.js"

export interface Notebook {
  cells: Cell[]
  metadata: Record<string, unknown>
  nbformat: number
  nbformat_minor: number
}

export interface Cell {
  cell_type: "code" | "markdown" | "raw"
  id?: string
  source: string | string[]
  metadata: CellMetadata
  execution_count?: number | null
  outputs?: Output[]
}

export interface CellMetadata {
  tags?: string[]
  [name: string]: unknown
}

export type Output =
  | { output_type: "stream"; name: "stdout" | "stderr"; text: string }
  | { output_type: "display_data"; data: MimeData; metadata: Record<string, unknown> }
  | {
      output_type: "execute_result"
      data: MimeData
      metadata: Record<string, unknown>
      execution_count: number
    }
  | { output_type: "error"; ename: string; evalue: string; traceback: string[] }

export type MimeData = Record<string, unknown>

/** Reads a notebook. A missing file, a file that is not JSON and one that is not nbformat 4 are errors that say which. */
export function readNotebook(path: string): Notebook {
  if (!existsSync(path)) throw missing(path)
  const notebook = parse(path)
  if (notebook.nbformat !== 4 || !Array.isArray(notebook.cells)) {
    throw fail("NOT_A_NOTEBOOK", {
      path,
      problem: `it has no nbformat 4 cells (nbformat: ${notebook.nbformat ?? "none"})`,
    })
  }
  return notebook as Notebook
}

/** Writes beside the target and renames: whoever reads `path` sees the old notebook or the new one, never a part. */
export function writeNotebook(path: string, notebook: Notebook): void {
  const part = `${path}.${process.pid}.part`
  try {
    writeFileSync(part, `${JSON.stringify(notebook, null, 1)}\n`)
    renameSync(part, path)
  } catch (cause) {
    rmSync(part, { force: true })
    throw fail("NOT_WRITABLE", { path, problem: (cause as Error).message }, cause)
  }
}

export function sourceOf(cell: Cell): string {
  return Array.isArray(cell.source) ? cell.source.join("") : cell.source
}

function parse(path: string): Partial<Notebook> {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Partial<Notebook>
  } catch (cause) {
    throw fail("NOT_A_NOTEBOOK", { path, problem: "it is not JSON" }, cause)
  }
}

function missing(path: string): Error {
  const folder = dirname(resolve(path))
  const names = existsSync(folder) ? readdirSync(folder).filter(name => name.endsWith(".ipynb")) : []
  return fail("FILE_MISSING", { path, nearest: didYouMean(basename(path), names), cwd: process.cwd() })
}
