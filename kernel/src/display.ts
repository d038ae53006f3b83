// How a value shows itself in a notebook: the two symbols a class may implement, and `display` for output while a cell
// runs. Not the wire: the runner (or the batch command) installs the sink that carries bundles to the notebook, and
// without one `display` prints the text form, so library code never asks where it runs. Imports nothing of ours.

/** MIME type to content: text, JSON, or base64 for binary types (what Jupyter's display_data carries). */
export type MimeBundle = Record<string, unknown>

/** A value with `[displaySymbol]()` is shown by what that returns; `text/plain` should always be in it. */
export const displaySymbol: unique symbol = Symbol.for("shardlab.display") as never

/**
 * A value with `[typeSymbol]()` tells the type checker its exact TypeScript type once it exists, so that the next cell
 * completes and checks real columns. The text may use `import("shardlab").X`.
 */
export const typeSymbol: unique symbol = Symbol.for("shardlab.type") as never

export interface Displayable {
  [displaySymbol](): MimeBundle | Promise<MimeBundle>
}

export interface LiveTyped {
  [typeSymbol](): string
}

/** What carries bundles to the notebook. `id` names an output that later calls with `update` replace in place. */
export interface DisplaySink {
  display(
    bundle: MimeBundle,
    options: {
      id?: string
      update?: boolean
      metadata?: Record<string, unknown>
    },
  ): void
  clear(options: { wait: boolean }): void
}

/** An output already shown, which can be replaced in place. */
export interface DisplayHandle {
  readonly id: string
  update(bundle: MimeBundle): void
}

const textSink: DisplaySink = {
  display(bundle) {
    const text = bundle["text/plain"]
    if (typeof text === "string") process.stdout.write(`${text}\n`)
  },
  clear() {},
}

let sink = textSink
let made = 0

/** Installs where `display` goes; without an argument, back to printing. Only the runner and the batch command call it. */
export function setDisplaySink(next: DisplaySink = textSink): void {
  sink = next
}

/** Shows a MIME bundle in the running cell now, and returns a handle that can replace it later. */
export function showBundle(bundle: MimeBundle, options: { id?: string } = {}): DisplayHandle {
  const id = options.id ?? `shardlab-${process.pid}-${++made}`
  sink.display(bundle, { id })
  return { id, update: next => sink.display(next, { id, update: true }) }
}

/** Clears the running cell's output; with `wait`, only when the next output arrives. */
export function clearOutput(options: { wait?: boolean } = {}): void {
  sink.clear({ wait: options.wait ?? false })
}

/** True for a value that shows itself through `[displaySymbol]`. */
export function isDisplayable(value: unknown): value is Displayable {
  return typeof value === "object" && value !== null && displaySymbol in value
}

/** What `tableBundle` shows: a caption above, one header a column, and rows of text. */
export interface TextTable {
  readonly caption: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** A small table as text and HTML, for objects that list what they hold (workers, decisions). */
export function tableBundle({ caption, columns, rows }: TextTable): MimeBundle {
  const widths = columns.map((name, i) => Math.max(name.length, ...rows.map(row => row[i]?.length ?? 0)))
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join("  ")
      .trimEnd()
  const html = (tag: string, cells: readonly string[]) =>
    `<tr>${cells.map(cell => `<${tag}>${escapeHtml(cell)}</${tag}>`).join("")}</tr>`
  return {
    "text/plain": [caption, line(columns), ...rows.map(line)].join("\n"),
    "text/html":
      `<table><caption style="text-align:left">${escapeHtml(caption)}</caption>` +
      `<thead>${html("th", columns)}</thead><tbody>${rows.map(row => html("td", row)).join("")}</tbody></table>`,
  }
}

/** Text made safe inside HTML elements and quoted attributes. */
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
