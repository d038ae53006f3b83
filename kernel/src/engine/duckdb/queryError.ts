// DuckDB's messages to our errors: the file, the line and the option of a ragged CSV; otherwise its own first line.

import { closeSync, fstatSync, openSync, readSync } from "node:fs"
import { fail, type ShardlabError } from "../../errors.js"
import type { Source } from "../../frame/Source.js"
import { fromGateway } from "../../store/gateway.js"
import { redact } from "../../store/redact.js"
import { storeKind } from "../../store/uri.js"

const looked = 16 * 1024 * 1024

export function queryError(thrown: unknown, sources: readonly Source[]): ShardlabError {
  const raw = thrown instanceof Error ? thrown.message : String(thrown)
  const message = fromGateway(redact(raw))
  // The cause is shown in tracebacks too.
  const cause = message === raw ? thrown : new Error(message)
  if (/INTERRUPT/i.test(message)) return fail("QUERY_CANCELLED", {}, cause)
  const csv = sources.filter(source => source.format === "csv")
  const ragged = csv.length > 0 ? fromMessage(message) : undefined
  if (ragged !== undefined) return fail("CSV_RAGGED", ragged, cause)
  if (/sniffing|CSV Error/.test(message)) {
    for (const source of csv) checkCsv(source)
  }
  if (message.includes("DIVIDE_BY_ZERO")) {
    return fail(
      "QUERY_FAILED",
      { engine: "duckdb", problem: "division by zero", fix: "Filter the zeros out, or divide by when(...)." },
      cause,
    )
  }
  const [problem = "", second = ""] = message.split("\n").map(line => line.trim())
  const fix = second.startsWith("Did you mean") && !second.includes("shardlab_") ? second : ""
  return fail("QUERY_FAILED", { engine: "duckdb", problem, fix }, cause)
}

function fromMessage(message: string): Record<string, unknown> | undefined {
  const line = /CSV Error on Line: (\d+)/.exec(message)?.[1]
  const counts = /Expected Number of Columns: (\d+) Found: (\d+)/.exec(message)
  const path = /file = (.+)/.exec(message)?.[1]?.trim()
  if (line === undefined || counts === null) return undefined
  return { path, line, expected: counts[1], actual: counts[2] }
}

/**
 * DuckDB's dialect detection only says that it failed, so the first lines (16 MB) are counted here. Throws for the first
 * line whose length differs from the first line's. `found`, when given, is how many columns DuckDB took the file for: when
 * it agrees with the first line nothing else is looked at, because DuckDB is strict from there on.
 */
export function checkCsv(source: Source, found?: number): void {
  const { delimiter = ",", quote = '"', ragged = "error" } = source.options
  if (ragged !== "error") return
  for (const path of source.paths) {
    if (storeKind(path) !== "file" || /\.(gz|zst)$/.test(path)) continue
    for (const { line, columns, first } of csvLines(head(path), delimiter, quote)) {
      if (columns === found && line === 1) break
      if (columns !== first) throw fail("CSV_RAGGED", { path, line, expected: first, actual: columns })
    }
  }
}

function head(path: string): string {
  const file = openSync(path, "r")
  try {
    const bytes = Buffer.alloc(Math.min(looked, fstatSync(file).size))
    return bytes.toString("utf8", 0, readSync(file, bytes))
  } finally {
    closeSync(file)
  }
}

/** Line number and columns of each record; a quoted field may hold delimiters and line breaks. Empty lines are skipped,
 *  and so is a last record without its line break when the text was cut. */
export function* csvLines(
  text: string,
  delimiter: string,
  quote: string,
): Generator<{ line: number; columns: number; first: number }> {
  let [line, start, columns, first, quoted, empty] = [1, 1, 1, 0, false, true]
  const end = text.length >= looked ? text.lastIndexOf("\n") + 1 : text.length
  for (let i = 0; i <= end; i++) {
    const character = i === end ? "\n" : text[i]!
    if (character === quote) quoted = !quoted
    if (character === "\n") line++
    if (character === delimiter && !quoted) columns++
    if (character !== "\n" && character !== "\r") empty = false
    if (character !== "\n" || quoted) continue
    if (!empty) {
      first ||= columns
      yield { line: start, columns, first }
    }
    ;[start, columns, empty] = [line, 1, true]
  }
}
