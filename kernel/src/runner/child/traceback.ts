// Turns what a cell threw into what its author reads: name, message, hint, causes, and stack frames at positions in the
// TypeScript of the cells, with a code frame. Frames of the kernel itself are left out.

import { inspect } from "node:util"
import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping"
import type { CellError } from "../KernelSession.js"

interface CellSource {
  readonly n: number
  readonly code: string
  /** JSON until the first error in the cell needs it. */
  map: string | TraceMap
}

interface Frame {
  readonly name: string
  readonly where: string
  readonly cell?: {
    readonly n: number
    readonly line: number
    readonly column: number
    readonly code: string
  }
}

const red = (text: string): string => `\u001b[31m${text}\u001b[39m`
const dim = (text: string): string => `\u001b[2m${text}\u001b[22m`
const maxFrames = 12
const maxCauses = 5

export class Tracebacks {
  readonly #cells = new Map<string, CellSource>()

  /** Remembers a cell; returns the `sourceURL` under which V8 must know its script. */
  register(cell: { id: string; n: number; code: string; map: string }): string {
    const url = `shardlab-cell:${cell.n}:${cell.id}`
    this.#cells.set(url, { n: cell.n, code: cell.code, map: cell.map })
    return url
  }

  describe(thrown: unknown): CellError {
    const { ename, evalue } = nameAndMessage(thrown)
    return { status: "error", ename, evalue, traceback: this.#lines(thrown, 0) }
  }

  #lines(thrown: unknown, depth: number): string[] {
    const { ename, evalue } = nameAndMessage(thrown)
    const title = `${red(ename)}: ${evalue}`
    if (!(thrown instanceof Error) && !isErrorLike(thrown)) return title.split("\n")
    const { code, cause } = thrown as { code?: unknown; cause?: unknown }
    const lines = (typeof code === "string" ? `${title} ${dim(`[${code}]`)}` : title).split("\n")
    const frames = this.#frames(String((thrown as Error).stack ?? ""))
    const first = frames.find(frame => frame.cell !== undefined)
    if (first?.cell !== undefined) lines.push(...codeFrame(first.cell))
    for (const { name, where } of frames.slice(0, maxFrames)) {
      lines.push(dim(`    at ${name === "" ? where : `${name} (${where})`}`))
    }
    if (frames.length > maxFrames) lines.push(dim(`    ... ${frames.length - maxFrames} more`))
    if (thrown instanceof AggregateError && depth < maxCauses) {
      for (const error of thrown.errors.slice(0, maxCauses))
        lines.push("One of:", ...this.#lines(error, depth + 1))
    }
    if (cause !== undefined && depth < maxCauses) lines.push("Caused by:", ...this.#lines(cause, depth + 1))
    return lines
  }

  #frames(stack: string): Frame[] {
    const frames: Frame[] = []
    for (const line of stack.split("\n")) {
      const parsed = /^\s+at (?:async )?(?:(.*?) \()?(.*?):(\d+):(\d+)\)?$/.exec(line)
      if (parsed === null) continue
      const [, name = "", url = "", row = "1", column = "1"] = parsed
      if (isInternal(url)) continue
      frames.push(this.#frame(name, url, Number(row), Number(column)))
    }
    return frames
  }

  #frame(name: string, url: string, line: number, column: number): Frame {
    const cell = this.#cells.get(url)
    if (cell === undefined) return { name, where: `${url.replace(/^file:\/\//, "")}:${line}:${column}` }
    const at = originalPosition(cell, line, column)
    const shownName = name === "<anonymous>" || name === "eval" ? "" : name
    return {
      name: shownName,
      where: `In [${cell.n}]:${at.line}:${at.column}`,
      cell: { n: cell.n, code: cell.code, ...at },
    }
  }
}

function originalPosition(cell: CellSource, line: number, column: number): { line: number; column: number } {
  if (cell.map === "") return { line, column }
  if (typeof cell.map === "string") cell.map = new TraceMap(cell.map)
  const found = originalPositionFor(cell.map, { line, column: column - 1 })
  return found.line === null ? { line, column } : { line: found.line, column: found.column + 1 }
}

/** Up to two lines before the place, the line itself, and a caret. */
function codeFrame({ n, line, column, code }: NonNullable<Frame["cell"]>): string[] {
  const source = code.split("\n")
  if (source[line - 1] === undefined) return []
  const width = String(line).length
  const lines = [`${dim("In")} [${n}]:${line}:${column}`]
  for (let row = Math.max(1, line - 2); row <= line; row++) {
    const mark = row === line ? red(">") : " "
    lines.push(`${mark} ${String(row).padStart(width)} | ${source[row - 1]}`)
  }
  lines.push(`  ${" ".repeat(width)} | ${" ".repeat(Math.max(0, column - 1))}${red("^")}`)
  return lines
}

/** Everything of the kernel: who reads the traceback of a query wants the line that asked for it. */
const ownFolder = new URL("../..", import.meta.url).href

function isInternal(url: string): boolean {
  return url.startsWith("node:") || url.startsWith(ownFolder)
}

function isErrorLike(value: unknown): boolean {
  return typeof value === "object" && value !== null && typeof (value as Error).stack === "string"
}

function nameAndMessage(thrown: unknown): { ename: string; evalue: string } {
  if (thrown instanceof Error || isErrorLike(thrown)) {
    const { name, message } = thrown as Error
    return { ename: String(name || "Error"), evalue: String(message) }
  }
  const text = typeof thrown === "string" ? thrown : inspect(thrown, { depth: 2 })
  return { ename: "Thrown", evalue: text }
}
