// `frame.plot.bar({ x, y })`: a Vega-Lite v5 chart of a frame that is small already (aggregate first). At most 5,000
// points are drawn and the title says when there were more. Not a renderer: the runner adds a PNG for viewers without Vega.

import { displaySymbol, type MimeBundle } from "../display.js"
import type { Engine } from "./Engine.js"
import { ExprImpl } from "./Expr.js"
import { Limit } from "./nodes/Limit.js"
import { Project } from "./nodes/Project.js"
import type { Plan } from "./nodes/plan.js"
import { type DataType, isNumeric, isTemporal } from "./types.js"
import { rowsOf } from "./values.js"

export const mostPoints = 5_000

export interface PlotOptions<Name extends string> {
  readonly x: Name
  readonly y: Name
  readonly color?: Name
  readonly title?: string
}
type Mark = "bar" | "line" | "point"

export class Plot<Name extends string> {
  readonly #plan: Plan
  readonly #engine: Engine

  constructor(plan: Plan, engine: Engine) {
    this.#plan = plan
    this.#engine = engine
  }

  bar(options: PlotOptions<Name>): Chart {
    return this.#chart("bar", options)
  }
  line(options: PlotOptions<Name>): Chart {
    return this.#chart("line", options)
  }
  point(options: PlotOptions<Name>): Chart {
    return this.#chart("point", options)
  }
  /** Of one numeric column over its first 5,000 rows; `bins` at most (default 30). */
  histogram(options: { readonly x: Name; readonly bins?: number; readonly title?: string }): Chart {
    const channels = {
      x: { field: escapeField(options.x), bin: { maxbins: options.bins ?? 30 }, title: options.x },
      y: { aggregate: "count", title: "rows" },
    }
    return new Chart("bar", channels, options.title, this.#points([options.x], "histogram"), this.#engine)
  }

  #chart(mark: Mark, { x, y, color, title }: PlotOptions<Name>): Chart {
    const channel = (name: Name) => ({
      field: escapeField(name),
      type: vegaType(this.#plan.schema.type(name, "plot")),
      title: name,
    })
    const channels = {
      x: { ...channel(x), ...(mark === "bar" ? { sort: null } : {}) },
      y: channel(y),
      ...(color === undefined ? {} : { color: channel(color) }),
    }
    return new Chart(
      mark,
      channels,
      title,
      this.#points(color === undefined ? [x, y] : [x, y, color], "plot"),
      this.#engine,
    )
  }

  #points(names: readonly Name[], operation: string): Plan {
    for (const name of names) this.#plan.schema.type(name, operation)
    const columns = [...new Set(names)].map(name => ({
      name,
      expr: new ExprImpl({ op: "column", name }).node,
    }))
    return new Limit(new Project(this.#plan, columns, "select"), mostPoints + 1)
  }
}

/** A chart that reads its points when it is shown. */
export class Chart {
  readonly #points: Plan
  readonly #engine: Engine

  constructor(
    readonly mark: Mark,
    readonly encoding: Record<string, unknown>,
    readonly title: string | undefined,
    points: Plan,
    engine: Engine,
  ) {
    this.#points = points
    this.#engine = engine
  }

  /** The Vega-Lite v5 specification with its data. */
  async spec(): Promise<Record<string, unknown>> {
    const values: Record<string, unknown>[] = []
    for await (const batch of this.#engine.stream(this.#points))
      values.push(...rowsOf(batch, this.#points.schema, {}))
    const cut =
      values.length > mostPoints ? `the first ${mostPoints.toLocaleString("en-US")} points` : undefined
    const title = [this.title, cut].filter(text => text !== undefined).join(", ")
    return {
      $schema: "https://vega.github.io/schema/vega-lite/v5.json",
      ...(title === "" ? {} : { title }),
      mark: { type: this.mark, tooltip: true },
      encoding: this.encoding,
      data: { values: values.slice(0, mostPoints).map(jsonRow) },
    }
  }

  async [displaySymbol](): Promise<MimeBundle> {
    const spec = await this.spec()
    const points = (spec.data as { values: unknown[] }).values.length
    return {
      "application/vnd.vegalite.v5+json": spec,
      "text/plain": `${this.mark} chart of ${this.#points.schema.names.join(", ")}: ${points} points`,
    }
  }
}

function jsonRow(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, jsonValue(value)]))
}

function jsonValue(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value)
  return value instanceof Date ? value.toISOString() : value
}

function vegaType(type: DataType): string {
  if (isNumeric(type)) return "quantitative"
  return isTemporal(type) ? "temporal" : "nominal"
}

/** Vega reads `a.b` and `a[0]` as paths. */
function escapeField(name: string): string {
  return name.replace(/[\\.[\]]/g, "\\$&")
}
