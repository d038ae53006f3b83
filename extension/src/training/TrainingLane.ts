// The lane of training runs: loss with a ring for each validation, samples a second, time of a step, and a tick where an
// epoch began. All runs lie on one axis, each in its own time; the readout is of the run at that moment.

import { type Context, drawLine, hline, label, pointsOf, vline } from "../charts/canvas.js"
import { count, duration, figure, short } from "../charts/format.js"
import { type Frame, type Lane, LaneRow, type Reading } from "../charts/Lane.js"
import { linear, niceMax } from "../charts/scale.js"
import { currentRun } from "../store/select.js"
import type { PanelState, TrainRun } from "../store/state.js"

type Column = "loss" | "rate" | "ms"
interface Chart {
  readonly column: Column
  readonly title: string
  readonly top: number
  readonly height: number
}

export class TrainingLane implements Lane {
  readonly name = "training"
  readonly #row = new LaneRow("training")
  readonly root = this.#row.root

  hasData(state: PanelState): boolean {
    return [...state.runs.values()].some(run => run.series.length > 0)
  }

  draw(frame: Frame): void {
    const charts = chartsFor(frame.wide)
    const height = charts.at(-1)!.top + charts.at(-1)!.height + 6
    const ctx = this.#row.ground(frame, height)
    const runs = [...frame.state.runs.values()].filter(
      run => run.start <= frame.axis.to && (run.end ?? frame.now) >= frame.axis.from,
    )
    for (const chart of charts) this.#chart(ctx, frame, chart, runs, height)
    this.#row.inside(ctx, frame, height, () => {
      let room: Room = { line: Number.NEGATIVE_INFINITY, name: Number.NEGATIVE_INFINITY }
      for (const run of runs) room = epochs(ctx, frame, run, height, room)
    })
    this.#row.describe(this.describe(frame), this.hasData(frame.state))
    this.root.dataset.steps = String(
      [...frame.state.runs.values()].reduce((n, run) => n + run.series.length, 0),
    )
  }

  read(frame: Frame, t: number): readonly Reading[] {
    const run = runAt(frame.state, t, frame.now)
    const readings = run ? readingsOf(run, t, frame) : []
    this.#row.show(readings)
    return readings
  }

  describe({ state }: Frame): string {
    const run = currentRun(state)
    if (!run) return "No training yet"
    const epoch = Math.min(run.epochs, run.epochEnds.length + 1)
    return `Training on ${run.device}, epoch ${epoch} of ${run.epochs}, loss ${figure(run.series.last("loss"))}`
  }

  #chart(ctx: Context, frame: Frame, chart: Chart, runs: readonly TrainRun[], height: number): void {
    const { axis, palette } = frame
    const bottom = chart.top + chart.height
    const tops = topsOf(runs, chart.column, axis.from, axis.to)
    const shared = new Set(tops.values()).size < 2
    hline(ctx, axis.left, axis.right, bottom, palette.grid)
    this.#row.inside(ctx, frame, height, () => {
      for (const run of runs) {
        const scale = linear(0, tops.get(run)!, bottom, chart.top + 3)
        const y = (value: number) => Math.max(chart.top + 1, scale(value))
        drawLine(ctx, pointsOf(run.series, chart.column, axis, y), { colour: palette.running })
        if (chart.column === "loss") validations(ctx, frame, run, y)
      }
    })
    const style = { colour: palette.secondary, font: palette.font, align: "right" as const }
    label(ctx, chart.title, axis.left - 6, chart.top + chart.height / 2 + (frame.wide ? 6 : 0), style)
    if (frame.wide && runs.length > 0) {
      const end = shared ? endWords(chart.column, tops.get(runs[0]!)!) : "each its own"
      label(ctx, end, axis.left - 6, chart.top + 4, style)
    }
  }
}

/** Runs that differ more than this have each a scale of its own: on a common one the smaller would look flat. */
const apart = 4

/** The upper end of each run's scale. */
function topsOf(runs: readonly TrainRun[], column: Column, from: number, to: number): Map<TrainRun, number> {
  const own = new Map(runs.map(run => [run, highest([run], column, from, to)]))
  const known = [...own.values()].filter(top => top > 0)
  const most = Math.max(0, ...known)
  const common = most <= apart * Math.min(...known)
  return new Map(runs.map(run => [run, niceMax(common ? most : own.get(run)!)]))
}

function endWords(column: Column, max: number): string {
  return column === "ms" ? duration(max) : short(max)
}

function chartsFor(wide: boolean): readonly Chart[] {
  if (!wide) {
    return [
      { column: "loss", title: "loss", top: 4, height: 36 },
      { column: "rate", title: "rate", top: 44, height: 28 },
    ]
  }
  return [
    { column: "loss", title: "loss", top: 16, height: 60 },
    { column: "rate", title: "samples/s", top: 82, height: 32 },
    { column: "ms", title: "step", top: 120, height: 32 },
  ]
}

/** The first step of a run compiles: its time would flatten all others, so it is drawn at the upper edge. */
function highest(runs: readonly TrainRun[], column: Column, from: number, to: number): number {
  let max = 0
  for (const { series } of runs) {
    const [first, last] = series.range(from, to)
    const begin = column === "ms" && last > 0 ? Math.max(1, first) : first
    for (let i = begin; i <= last; i++) max = Math.max(max, series.value(column, i) || 0)
  }
  return max
}

function validations(ctx: Context, { axis, palette }: Frame, run: TrainRun, y: (v: number) => number): void {
  for (const { t, event } of run.epochEnds) {
    if (event.val === undefined || !Number.isFinite(event.val)) continue
    ctx.beginPath()
    ctx.arc(axis.x(t), Math.max(4, y(event.val)), 3.5, 0, 2 * Math.PI)
    ctx.fillStyle = palette.surface
    ctx.fill()
    ctx.strokeStyle = palette.failed
    ctx.lineWidth = 1.6
    ctx.stroke()
  }
}

/** Lines closer together than this would be a hatching. */
const epochGap = 14
/** Room that `epoch 999` needs. */
const nameWidth = 60

/** From where on the next line and the next name have room. */
interface Room {
  readonly line: number
  readonly name: number
}

function epochs(ctx: Context, frame: Frame, run: TrainRun, height: number, room: Room): Room {
  const { axis, palette, wide } = frame
  const starts = [run.start, ...run.epochEnds.map(({ t }) => t)].slice(0, run.epochs)
  let { line, name } = room
  for (const [i, t] of starts.entries()) {
    const x = axis.x(t)
    if (x < line) continue
    line = x + epochGap
    const named = wide && x >= name && x + nameWidth <= axis.right
    // A line without a name of its own begins below the names.
    vline(ctx, x, named ? 4 : wide ? 15 : 0, height, palette.queued, [2, 3])
    if (!named) continue
    const style = { colour: palette.secondary, font: palette.font }
    name = x + label(ctx, `epoch ${i + 1}`, x + 4, 8, style) + 14
  }
  return { line, name }
}

function runAt(state: PanelState, t: number, now: number): TrainRun | undefined {
  return [...state.runs.values()].findLast(r => r.start <= t && (r.end ?? now) >= t) ?? currentRun(state)
}

/** The time of a step is what a narrow panel drops. */
function readingsOf(run: TrainRun, t: number, { wide, width }: Frame): Reading[] {
  const { series } = run
  const val = run.epochEnds.findLast(end => end.t <= t)?.event.val ?? Number.NaN
  const readings: Reading[] = [
    { label: wide ? "loss, training" : "loss", value: figure(series.valueAt("loss", t)) },
    { label: "samples/s", value: count(series.valueAt("rate", t)) },
  ]
  if (wide || width >= 360) readings.push({ label: "step", value: duration(series.valueAt("ms", t)) })
  if (wide)
    readings.splice(1, 0, {
      label: "validation",
      value: figure(val),
      mark: { colour: "failed", shape: "ring" },
    })
  return readings
}
