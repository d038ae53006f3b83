// A table for the notebook: the shape first, names with their types under them, then rows. Pure: rows in, text and HTML
// out. Colours and fonts are JupyterLab's variables, with fallbacks where there are none.

import type { MimeBundle } from "../display.js"
import { type DataType, isNumeric, typeName } from "./types.js"

export interface TableColumn {
  readonly name: string
  readonly type: string
  readonly right: boolean
}

export interface Table {
  /** `312 rows × 4 columns · 11 shards` */
  readonly caption: string
  readonly columns: readonly TableColumn[]
  /** Ready text a cell; null is shown as such. */
  readonly rows: readonly (readonly (string | null)[])[]
}

const longestCell = 80

export function tableColumn(name: string, type: DataType): TableColumn {
  return { name, type: typeName(type), right: isNumeric(type) }
}

/** A value as a reader wants it: thousands separated, four decimals, dates without the time when it is midnight. */
export function cellText(value: unknown, type: DataType): string | null {
  if (value === null || value === undefined) return null
  if (typeof value === "number" && !Number.isInteger(value)) return shortNumber(value)
  if (typeof value === "number" || typeof value === "bigint") return value.toLocaleString("en-US")
  if (value instanceof Date) return dateText(value, type)
  if (value instanceof Uint8Array) return `${value.length} bytes`
  const text = typeof value === "string" ? value : typeof value === "object" ? jsonText(value) : String(value)
  return text.length > longestCell ? `${text.slice(0, longestCell - 1)}…` : text
}

function shortNumber(value: number): string {
  const size = Math.abs(value)
  if (!Number.isFinite(value) || (size !== 0 && (size < 1e-4 || size >= 1e15)))
    return String(Number(value.toPrecision(6)))
  return value.toLocaleString("en-US", { maximumFractionDigits: 4 })
}

function dateText(value: Date, type: DataType): string {
  if (Number.isNaN(value.getTime())) return "out of range"
  const iso = value.toISOString()
  return type.kind === "date" ? iso.slice(0, 10) : iso.slice(0, 19).replace("T", " ")
}

function jsonText(value: object): string {
  return JSON.stringify(value, (_, inner) => (typeof inner === "bigint" ? String(inner) : inner))
}

export function tableBundle(table: Table): MimeBundle {
  return { "text/html": tableHtml(table), "text/plain": tableText(table) }
}

export function tableText(table: Table): string {
  const typed = table.columns.some(column => column.type !== "")
  const head = [
    table.columns.map(column => column.name),
    ...(typed ? [table.columns.map(column => column.type)] : []),
  ]
  const body = table.rows.map(row => row.map(cell => cell ?? "null"))
  const widths = table.columns.map((_, i) => Math.max(...[...head, ...body].map(row => row[i]!.length)))
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => (table.columns[i]!.right ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join("  ")
      .trimEnd()
  return [
    table.caption,
    ...head.map(line),
    widths.map(width => "─".repeat(width)).join("  "),
    ...body.map(line),
  ].join("\n")
}

const muted = "color:var(--jp-ui-font-color2,#666)"
const rule = "border-bottom:1px solid var(--jp-border-color1,#bdbdbd)"
const font = "font-family:var(--jp-ui-font-family,sans-serif);font-size:var(--jp-code-font-size,13px)"

export function tableHtml(table: Table): string {
  const align = (column: TableColumn) =>
    `text-align:${column.right ? "right" : "left"};padding:2px 12px 2px 0`
  const names = table.columns.map(c => `<th style="${align(c)};font-weight:600">${escapeHtml(c.name)}</th>`)
  const types = table.columns.map(
    c => `<th style="${align(c)};${muted};font-weight:normal;${rule}">${escapeHtml(c.type)}</th>`,
  )
  const rows = table.rows.map(row => {
    const cells = row.map((cell, i) => {
      const text = cell === null ? `<span style="${muted}">null</span>` : escapeHtml(cell)
      return `<td style="${align(table.columns[i]!)}">${text}</td>`
    })
    return `<tr style="background:none">${cells.join("")}</tr>`
  })
  return [
    `<div class="shardlab-frame" style="${font}"><div style="${muted};padding-bottom:4px">${escapeHtml(table.caption)}</div>`,
    '<table style="border-collapse:collapse;font-variant-numeric:tabular-nums;margin:0"><thead>',
    `<tr style="background:none">${names.join("")}</tr><tr style="background:none">${types.join("")}</tr></thead>`,
    `<tbody>${rows.join("")}</tbody></table></div>`,
  ].join("")
}

export function escapeHtml(text: string): string {
  const entities: Record<string, string> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
  }
  return text.replace(/[&<>"']/g, character => entities[character]!)
}

export function plural(count: number, word: string): string {
  return `${count.toLocaleString("en-US")} ${word}${count === 1 ? "" : "s"}`
}
