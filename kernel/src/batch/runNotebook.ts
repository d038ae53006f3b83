// Runs a notebook's cells in order on a session and keeps the output file current while they run. Not the command line
// (main.ts) and not a scheduler: the first cell that fails ends the run, and everything so far is in the file.

import { randomUUID } from "node:crypto"
import type { CellError, KernelSession } from "../runner/KernelSession.js"
import { type Cell, type Notebook, sourceOf, writeNotebook } from "./notebook.js"
import { CellOutputs, type DisplayIndex, newCellId } from "./outputs.js"

export interface RunOptions {
  /** Nothing is written when undefined. */
  readonly output: string | undefined
  /** Called before each cell and at the end, with how many code cells are done. */
  readonly progress: (done: number, total: number, head: string) => void
  /** A save happens at most this often while a cell runs. Default 2000 ms. */
  readonly saveEveryMs?: number
  readonly signal?: AbortSignal
}

export type RunOutcome =
  | { readonly status: "ok"; readonly cells: number }
  | { readonly status: "failed"; readonly n: number; readonly cell: Cell; readonly error: CellError }
  | { readonly status: "stopped"; readonly n: number }

/** Runs every code cell. The notebook is changed in place and saved after each cell and every few seconds in between. */
export async function runNotebook(
  session: KernelSession,
  notebook: Notebook,
  options: RunOptions,
): Promise<RunOutcome> {
  prepare(notebook)
  const save = saver(notebook, options)
  const displays: DisplayIndex = new Map()
  const code = notebook.cells.filter(cell => cell.cell_type === "code" && sourceOf(cell).trim() !== "")
  try {
    for (const [at, cell] of code.entries()) {
      options.progress(at, code.length, headOf(cell))
      const error = await runCell(session, cell, at + 1, displays, save)
      save.now()
      if (options.signal?.aborted) return { status: "stopped", n: at + 1 }
      if (error !== undefined) return { status: "failed", n: at + 1, cell, error }
    }
    options.progress(code.length, code.length, "")
    return { status: "ok", cells: code.length }
  } finally {
    save.now()
  }
}

async function runCell(
  session: KernelSession,
  cell: Cell,
  n: number,
  displays: DisplayIndex,
  save: Saver,
): Promise<CellError | undefined> {
  const start = new Date()
  const sink = new CellOutputs(n, displays, save.soon)
  cell.outputs = sink.outputs
  cell.execution_count = n
  mark(cell, { start_time: start.toISOString(), status: "running", exception: null })
  const outcome = await session.execute(sourceOf(cell), { id: randomUUID(), n, silent: false }, sink)
  if (outcome.status !== "ok") sink.error(outcome)
  const end = new Date()
  mark(cell, {
    end_time: end.toISOString(),
    duration: (end.getTime() - start.getTime()) / 1000,
    status: outcome.status === "ok" ? "completed" : "failed",
    exception: outcome.status !== "ok",
  })
  return outcome.status === "ok" ? undefined : outcome
}

/** Old outputs go, every cell gets an id (nbformat 4.5), and cells that have not run say so, in papermill's words. */
function prepare(notebook: Notebook): void {
  notebook.nbformat_minor = Math.max(notebook.nbformat_minor, 5)
  for (const cell of notebook.cells) {
    cell.id ??= newCellId()
    if (cell.cell_type !== "code") continue
    cell.outputs = []
    cell.execution_count = null
    cell.metadata.papermill = {
      status: "pending",
      start_time: null,
      end_time: null,
      duration: null,
      exception: null,
    }
  }
}

function mark(cell: Cell, facts: Record<string, unknown>): void {
  cell.metadata.papermill = { ...(cell.metadata.papermill as object), ...facts }
}

export function headOf(cell: Cell): string {
  return sourceOf(cell).trim().split("\n")[0]!.slice(0, 60)
}

interface Saver {
  now(): void
  soon(): void
}

function saver(notebook: Notebook, { output, saveEveryMs = 2000 }: RunOptions): Saver {
  let timer: NodeJS.Timeout | undefined
  const now = () => {
    clearTimeout(timer)
    timer = undefined
    if (output !== undefined) writeNotebook(output, notebook)
  }
  return {
    now,
    soon() {
      timer ??= setTimeout(now, saveEveryMs)
    },
  }
}
