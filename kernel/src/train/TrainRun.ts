// What `train` gives back: the numbers of a training, what the data needed, and a picture of both.

import { displaySymbol, type MimeBundle } from "../display.js"
import type { Precision } from "../ir/autocast.js"
import type { Normalisation, RowRecipe } from "./feed/RowRecipe.js"
import type { DeviceMemory } from "./parallel/Mesh.js"
import type { RecordedAt } from "./records/TrainRecord.js"

/** Everything but how it shows itself. */
export type TrainRunFields = Omit<TrainRun, typeof displaySymbol>

export class TrainRun {
  /** One entry an epoch for `loss`, each metric, and `val_` of each where there was validation. */
  readonly history!: Readonly<Record<string, readonly number[]>>
  readonly epochs!: number
  readonly steps!: number
  readonly samples!: number
  /** Over the epochs, without reading the data the first time. */
  readonly samplesPerSecond!: number
  /** Median, ms. */
  readonly stepMs!: number
  readonly device!: string
  /** With several devices: the bytes that each held at the end, and at most since such a mesh first ran in this process. */
  readonly memory!: readonly DeviceMemory[] | undefined
  /** Seconds by what they went into: reading the data, compiling, the epochs. */
  readonly seconds!: { readonly data: number; readonly compile: number; readonly fit: number }
  /**
   * Whether rows were read anew each epoch, then by how many shards (of one, rows are mixed within the buffer only), and the
   * seconds of the epochs in which the training waited for them.
   */
  readonly feed!: {
    readonly streamed: boolean
    readonly shards: number | undefined
    readonly waitSeconds: number
  }
  /** Columns in the order of the network's inputs; empty for tensors. */
  readonly features!: readonly string[]
  /** Texts of the label by class number, when it was text. */
  readonly classes!: readonly string[] | undefined
  /** What was subtracted and divided by, a number an input, with `normalise: "standard"`. */
  readonly normalisation!: Normalisation | undefined
  /** How the rows were made from columns, to make others the same way (\`compress\` does); undefined for tensors. */
  readonly recipe!: RowRecipe | undefined
  /** What matrix products and convolutions were computed in. */
  readonly precision!: Precision
  /** In f16, steps that changed nothing because a gradient overflowed. */
  readonly skippedSteps!: number | undefined
  /** True when `earlyStop` ended it. */
  readonly stoppedEarly!: boolean
  /** The step of the checkpoint that it went on from. */
  readonly resumedAt!: number | undefined
  /** The record's folder or address, with `record`. */
  readonly recordedAt!: RecordedAt | undefined

  constructor(fields: TrainRunFields) {
    Object.assign(this, fields)
  }

  [displaySymbol](): MimeBundle {
    const lines = describe(this)
    return {
      "text/html": `<div>${curve(this.history)}<pre style="margin:0">${lines.map(escaped).join("\n")}</pre></div>`,
      "text/plain": lines.join("\n"),
    }
  }
}

function describe(run: TrainRun): string[] {
  const last = Object.entries(run.history).map(([name, values]) => `${name} ${short(values.at(-1)!)}`)
  const { data, compile, fit } = run.seconds
  return [
    `${plural(run.epochs, "epoch")}, ${plural(run.steps, "step")}${run.stoppedEarly ? ", stopped early" : ""}${run.resumedAt === undefined ? "" : `, resumed after step ${grouped(run.resumedAt)}`}: ${last.join(", ")}`,
    `${grouped(run.samplesPerSecond)} samples/s, step ${short(run.stepMs)} ms (median), on ${run.device}`,
    ...(run.memory === undefined ? [] : [`memory: ${run.memory.map(memoryText).join(", ")}`]),
    ...(run.precision === "f32" ? [] : [precisionText(run)]),
    `time: data ${short(data)} s, compile ${short(compile)} s, training ${short(fit)} s`,
    feedText(run),
    ...(run.recordedAt === undefined ? [] : [`recorded: ${run.recordedAt.place}`]),
  ]
}

function precisionText({ precision, skippedSteps }: TrainRun): string {
  if (skippedSteps === undefined) return `precision: ${precision}`
  return `precision: ${precision}, ${plural(skippedSteps, "step")} skipped because a gradient overflowed`
}

const memoryText = ({ device, used, peak }: DeviceMemory) =>
  `${device} ${short(used / 2 ** 20)} MiB (at most ${short(peak / 2 ** 20)})`

/** Where the input is the bottleneck, what helps. */
export function feedText({
  feed: { streamed, shards, waitSeconds },
  seconds: { fit },
}: Pick<TrainRun, "feed" | "seconds">): string {
  const share = Math.min(waitSeconds / Math.max(fit, 1e-9), 1)
  const where = streamed ? `streamed from ${plural(shards ?? 1, "shard")}` : "on the device"
  const text = `input: ${where}, ${Math.round(100 * share)} % of the training spent waiting for rows`
  if (share < 0.5) return text
  const fix = streamed
    ? "read fewer columns or rows so that they fit on the device, or store the table nearer"
    : "give larger batches"
  return `${text}: the input is the bottleneck; ${fix}`
}

export const plural = (count: number, word: string) => `${grouped(count)} ${word}${count === 1 ? "" : "s"}`
export const grouped = (value: number) => Math.round(value).toLocaleString("en-US")
export const short = (value: number) =>
  Number.isFinite(value) ? Number(value.toPrecision(3)).toString() : String(value)
const escaped = (text: string) =>
  text.replace(/[&<>]/g, found => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[found]!)

const [width, height, margin] = [320, 80, 4]

/** Loss by epoch, solid, and validation loss, dashed, on one scale. */
function curve(history: Readonly<Record<string, readonly number[]>>): string {
  const lines = ["loss", "val_loss"].map(name => history[name] ?? [])
  const all = lines.flat().filter(Number.isFinite)
  if (all.length < 2) return ""
  const [low, high] = [Math.min(...all), Math.max(...all)]
  const longest = Math.max(...lines.map(line => line.length))
  const place = (value: number, i: number) => {
    const x = margin + (i / Math.max(longest - 1, 1)) * (width - 2 * margin)
    const y = height - margin - ((value - low) / (high - low || 1)) * (height - 2 * margin)
    return `${x.toFixed(1)},${y.toFixed(1)}`
  }
  const drawn = lines.map((line, i) => {
    const dash = i === 1 ? ' stroke-dasharray="4 3"' : ""
    const colour = i === 1 ? "#009e73" : "#0072b2"
    return `<polyline fill="none" stroke="${colour}" stroke-width="1.5"${dash} points="${line.map(place).join(" ")}"/>`
  })
  return `<svg width="${width}" height="${height}" role="img" aria-label="loss by epoch">${drawn.join("")}</svg>`
}
