// What a compression cost and brought: one row for the network as it was and one for what it became, and a table of both.

import { displaySymbol, type MimeBundle, tableBundle } from "../display.js"
import { grouped, plural } from "../train/TrainRun.js"
import type { FormatName } from "./formats/registry.js"
import type { Latency } from "./measure/latency.js"
import type { Metric } from "./measure/Metric.js"
import type { Drop } from "./measure/pairedDrop.js"
import type { Verdict } from "./measure/verdict.js"

export interface ReportRow {
  readonly format: "float32" | FormatName
  /** Of the ONNX file. */
  readonly bytes: number
  /** In terms of `metric`; undefined without `evaluate`. */
  readonly score: number | undefined
  /** Against float32 on the same rows, with its 95 % interval; positive is worse. Undefined for float32 itself. */
  readonly drop: Drop | undefined
  readonly latency: readonly Latency[]
  /** Undefined for float32. */
  readonly speed: Verdict["speed"] | undefined
  readonly note: string
}

/** Everything but how it shows itself. */
export type ReportFields = Omit<Report, typeof displaySymbol>

export class Report {
  readonly rows!: readonly ReportRow[]
  /** What `score` and `drop` are; undefined without `evaluate`. */
  readonly metric!: Metric["name"] | undefined
  /** Rows that scores are of, and rows that ranges were learnt from. */
  readonly evaluated!: number
  readonly calibrated!: number
  /** `onnxruntime-node 1.30.0`. */
  readonly runtime!: string
  readonly threads!: number
  readonly processor!: string

  constructor(fields: ReportFields) {
    Object.assign(this, fields)
  }

  [displaySymbol](): MimeBundle {
    const isScored = this.metric !== undefined
    const change = isError(this) ? "rise" : "drop"
    const columns = ["format", "bytes", ...(isScored ? [this.metric!, `${change} (95 % interval)`] : [])]
    const batches = this.rows[0]!.latency.map(({ batch }) => `batch ${batch}, p50 / p95 ms`)
    const rows = this.rows.map(row => [
      row.format,
      sizeText(row.bytes, this.rows[0]!.bytes),
      ...(isScored ? this.scoreTexts(row) : []),
      ...row.latency.map(({ p50, p95 }) => `${ms(p50)} / ${ms(p95)}`),
      row.note,
    ])
    return tableBundle({ caption: this.caption(), columns: [...columns, ...batches, "note"], rows })
  }

  private caption(): string {
    const { metric, evaluated, calibrated, runtime, threads, processor } = this
    const scored =
      metric === undefined
        ? "accuracy not measured: pass `evaluate`"
        : `${metric} on ${plural(evaluated, "row")}`
    const where = `${runtime}, ${plural(threads, "thread")}, ${processor}`
    return `${this.rows.at(-1)!.format}: ${scored}; ranges from ${plural(calibrated, "row")}; ${where}`
  }

  private scoreTexts({ score, drop }: ReportRow): string[] {
    const figure = isError(this) ? plainFigure : percent
    if (drop === undefined) return [figure(score!), ""]
    return [figure(score!), `${figure(drop.value)} (${figure(drop.low)} to ${figure(drop.high)})`]
  }
}

const isError = ({ metric }: Report) => metric === "mean squared error"

function sizeText(bytes: number, whole: number): string {
  return bytes === whole ? grouped(bytes) : `${grouped(bytes)} (${((bytes / whole) * 100).toFixed(1)} %)`
}

const ms = (value: number) => (value < 10 ? value.toFixed(3) : value.toFixed(1))
const percent = (share: number) => `${(share * 100).toFixed(2).replace(/^-(0\.0+)$/, "$1")} %`
const plainFigure = (value: number) => String(Number(value.toPrecision(4)))
