// A chart of a frame: made at once, drawn (its queries run) when it is shown or asked for its specification. Not a
// renderer: JupyterLab draws the Vega-Lite, and the runner adds a PNG of it for viewers without Vega.

import { displaySymbol, type MimeBundle } from "../../display.js"
import { plural } from "../table.js"
import type { ChartOptions } from "./options.js"
import type { Row } from "./Query.js"
import { config } from "./theme.js"

/** What the engine's answers make of a chart. */
export interface Drawing {
  readonly values: readonly Row[]
  /** `mark` and `encoding`, or `layer`. */
  readonly view: Readonly<Record<string, unknown>>
  /** What is not in the picture: sampled, cut, left out. Drawn under the title. */
  readonly notes: readonly string[]
  readonly width?: number
  readonly height?: number
}

export class Chart {
  readonly #draw: () => Promise<Drawing>

  constructor(
    /** `bar`, `map`, ... */
    readonly kind: string,
    readonly options: ChartOptions,
    draw: () => Promise<Drawing>,
  ) {
    this.#draw = draw
  }

  /** The Vega-Lite v5 specification with its data; runs the chart's queries. */
  async spec(): Promise<Record<string, unknown>> {
    return this.#spec(await this.#draw())
  }

  async [displaySymbol](): Promise<MimeBundle> {
    const drawing = await this.#draw()
    const title = this.options.title === undefined ? "" : ` "${this.options.title}"`
    const notes = drawing.notes.map(note => `\n${note}`).join("")
    return {
      "application/vnd.vegalite.v5+json": this.#spec(drawing),
      "text/plain": `${this.kind} chart${title}: ${plural(drawing.values.length, "mark")}${notes}`,
    }
  }

  #spec({ values, view, notes, width = 560, height = 280 }: Drawing): Record<string, unknown> {
    const { title = "" } = this.options
    const small = { text: [...notes], fontSize: 11, fontWeight: "normal" }
    const heading = notes.length === 0 ? title : title === "" ? small : { text: title, subtitle: [...notes] }
    return {
      $schema: "https://vega.github.io/schema/vega-lite/v5.json",
      ...(heading === "" ? {} : { title: heading }),
      background: "transparent",
      width: this.options.width ?? width,
      height: this.options.height ?? height,
      data: { values },
      ...view,
      config,
    }
  }
}
