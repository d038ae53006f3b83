// What one cell printed and showed, as nbformat outputs: the sink of a session that runs without a notebook in front of it.
// Not the display protocol: updates and clears are applied here, so that what is saved is what a reader would see last.

import { randomUUID } from "node:crypto"
import type { CommMessage, DisplayOptions, OutputSink } from "../runner/KernelSession.js"
import type { MimeData, Output } from "./notebook.js"

/** Displays of the whole run by id: a later cell may replace the output of an earlier one. */
export type DisplayIndex = Map<string, { data: MimeData; metadata: Record<string, unknown> }[]>

export class CellOutputs implements OutputSink {
  readonly outputs: Output[] = []
  readonly #n: number
  readonly #displays: DisplayIndex
  readonly #changed: () => void
  #clearNext = false

  /** `changed` is called after every change, so that outputs reach the file while the cell runs. */
  constructor(n: number, displays: DisplayIndex, changed: () => void) {
    this.#n = n
    this.#displays = displays
    this.#changed = changed
  }

  stream(name: "stdout" | "stderr", text: string): void {
    this.#beforeOutput()
    const last = this.outputs.at(-1)
    if (last?.output_type === "stream" && last.name === name) last.text = overwriteLines(last.text + text)
    else this.outputs.push({ output_type: "stream", name, text: overwriteLines(text) })
    this.#changed()
  }

  display(bundle: MimeData, options: DisplayOptions): void {
    if (options.update) {
      this.#update(bundle, options)
      return
    }
    this.#beforeOutput()
    const output = { output_type: "display_data" as const, data: bundle, metadata: options.metadata ?? {} }
    this.outputs.push(output)
    if (options.id !== undefined)
      this.#displays.set(options.id, [...(this.#displays.get(options.id) ?? []), output])
    this.#changed()
  }

  result(bundle: MimeData, metadata: Record<string, unknown>): void {
    this.#beforeOutput()
    this.outputs.push({ output_type: "execute_result", data: bundle, metadata, execution_count: this.#n })
    this.#changed()
  }

  error(error: { ename: string; evalue: string; traceback: readonly string[] }): void {
    this.#beforeOutput()
    this.outputs.push({
      output_type: "error",
      ename: error.ename,
      evalue: error.evalue,
      traceback: [...error.traceback],
    })
    this.#changed()
  }

  clear(wait: boolean): void {
    if (wait) this.#clearNext = true
    else this.outputs.length = 0
    this.#changed()
  }

  /** No front end is there to take part in a comm. */
  comm(_message: CommMessage): void {}

  async input(prompt: string): Promise<string> {
    throw new Error(
      `A batch run cannot ask for input${prompt ? ` (${prompt.trim()})` : ""}. Make it a parameter: -p name value.`,
    )
  }

  #update(bundle: MimeData, options: DisplayOptions): void {
    for (const shown of this.#displays.get(options.id ?? "") ?? []) {
      shown.data = bundle
      shown.metadata = options.metadata ?? shown.metadata
    }
    this.#changed()
  }

  #beforeOutput(): void {
    if (this.#clearNext) this.outputs.length = 0
    this.#clearNext = false
  }
}

/** A carriage return goes back to the start of the line, as in a terminal: only the last state of a line is kept. */
function overwriteLines(text: string): string {
  return text.includes("\r") ? text.replace(/\r\n/g, "\n").replace(/[^\n]*\r(?=[^\n])/g, "") : text
}

/** A cell id as nbformat 4.5 wants it. */
export function newCellId(): string {
  return randomUUID().slice(0, 8)
}
