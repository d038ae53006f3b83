// The lane of shards, twice on one axis: each stage as a bar whose lower edge is its progress, and each worker as a heat
// map of its busy share. The map of single shards is ShardMap.

import { type Context, cross, label } from "../charts/canvas.js"
import { bytes, count, duration } from "../charts/format.js"
import { type Frame, type Lane, LaneRow, type Reading } from "../charts/Lane.js"
import { type BusyRow, busyRows } from "../store/busy.js"
import { type ShardSummary, summarise } from "../store/ShardTable.js"
import { currentStage, workerChanges } from "../store/select.js"
import type { PanelState, Stage } from "../store/state.js"

const [stageHeight, workerHeight, shownStages, shownWorkers] = [22, 15, 4, 12]

export class ShardsLane implements Lane {
  readonly name = "shards"
  readonly #row = new LaneRow("shards", "Shards", "by stage and by worker")
  readonly root = this.#row.root
  #summaries = new WeakMap<Stage, { revision: number; summary: ShardSummary }>()

  hasData(state: PanelState): boolean {
    return state.stages.size > 0
  }

  draw(frame: Frame): void {
    const { axis } = frame
    const stages = [...frame.state.stages.values()]
      .filter(stage => stage.start <= axis.to && (stage.end ?? frame.now) >= axis.from)
      .slice(-shownStages)
    const binMs = binFor(axis.to - axis.from)
    const from = Math.floor(axis.from / binMs) * binMs
    const workers = busyRows(frame.state, from, Math.min(axis.to, frame.now), binMs).slice(0, shownWorkers)
    const top = Math.max(1, stages.length) * stageHeight + 6
    const height = top + Math.max(2, workers.length) * workerHeight + 6
    const ctx = this.#row.ground(frame, height)
    this.#row.inside(ctx, frame, height, () => {
      for (const [i, stage] of stages.entries()) this.#stage(ctx, frame, stage, 2 + i * stageHeight)
      for (const [i, row] of workers.entries()) heatRow(ctx, frame, row, top + i * workerHeight, from, binMs)
    })
    names(ctx, frame, workers, top)
    this.#row.describe(this.describe(frame), this.hasData(frame.state))
    this.root.dataset.workers = String(workers.length)
    this.root.dataset.stages = String(frame.state.stages.size)
  }

  read(frame: Frame, t: number): readonly Reading[] {
    const running = [...frame.state.stages.values()].findLast(s => s.start <= t && (s.end ?? frame.now) >= t)
    const stage = running ?? currentStage(frame.state)
    if (!stage) {
      this.#row.show([])
      return []
    }
    const summary = this.#summary(stage)
    const unknown = stage.counted ? "unknown" : undefined
    const past = frame.now - t > 1000 && running !== undefined
    const done = past ? doneBy(stage, t) : summary.done
    const all = Math.max(stage.tasks, stage.shards.size)
    const readings: Reading[] = [
      { label: frame.wide ? "done" : "", value: `${count(done)} / ${count(all)}` },
      { label: "skew", value: unknown ?? `${summary.skew.toFixed(1)}×` },
      {
        label: frame.wide ? "spilled" : "spill",
        value: unknown ?? (summary.spill > 0 ? bytes(summary.spill) : "–"),
      },
      ...changesAt(frame, t),
    ]
    this.#row.show(readings)
    return readings
  }

  describe({ state }: Frame): string {
    const stage = currentStage(state)
    if (!stage) return "No shards yet"
    const { done, counts, skewed, skew } = this.#summary(stage)
    const all = Math.max(stage.tasks, stage.shards.size)
    return `${stage.name}: ${count(done)} of ${count(all)} shards done, ${counts.running} running, ${counts.failed} failed${skewed > 0 ? `, ${skewed} skewed, the longest ${skew.toFixed(1)} times the median` : ""}`
  }

  #summary(stage: Stage): ShardSummary {
    const known = this.#summaries.get(stage)
    if (known?.revision === stage.shards.revision) return known.summary
    const summary = summarise(stage.shards)
    this.#summaries.set(stage, { revision: stage.shards.revision, summary })
    return summary
  }

  #stage(ctx: Context, { axis, palette, now, wide }: Frame, stage: Stage, y: number): void {
    const [x1, x2] = [
      Math.max(axis.left - 2, axis.x(stage.start)),
      Math.min(axis.right, axis.x(stage.end ?? now)),
    ]
    const width = Math.max(3, x2 - x1)
    const summary = this.#summary(stage)
    const all = Math.max(1, stage.tasks, stage.shards.size)
    const failed = summary.counts.failed
    const colour =
      stage.status === "running" ? palette.running : stage.status === "ok" ? palette.done : palette.failed
    ctx.globalAlpha = 0.3
    ctx.fillStyle = colour
    ctx.fillRect(x1, y, width, stageHeight - 4)
    ctx.globalAlpha = 1
    ctx.fillRect(x1, y + stageHeight - 7, width * Math.min(1, summary.done / all), 3)
    const style = { colour: palette.text, font: palette.font, size: 11 }
    // In the side panel the first word has to do.
    const name = wide ? stage.name : (stage.name.split(" ")[0] ?? "")
    const figures = [`${count(summary.done)} / ${count(all)}`]
    if (wide && stage.end) figures.push(`· ${duration(stage.end - stage.start)}`)
    ctx.font = `600 11px ${palette.font}`
    const notes = notesOf(summary, palette, wide)
    const words = [name, ...figures, ...notes.map(({ words }) => words)]
    const needed = words.reduce((sum, word) => sum + ctx.measureText(word).width + 6, 10 + notes.length * 16)
    // Beside its bar where it does not fit in; before it where the plot ends.
    let x = needed < width ? x1 + 6 : x1 + width + 6
    if (x + needed > axis.right) x = Math.max(axis.left + 4, Math.min(x1 - needed, axis.right - needed))
    x += label(ctx, name, x, y + 8, { ...style, bold: true }) + 6
    for (const words of figures) x += label(ctx, words, x, y + 8, style) + 6
    for (const note of notes) {
      mark(ctx, x, y + 3, note.state, note.colour, palette.glyph)
      x += 15
      x += label(ctx, note.words, x, y + 8, { ...style, bold: true }) + 6
    }
    if (failed > 0) cross(ctx, x + 8, y + 8, 4, palette.failed)
  }
}

interface Note {
  readonly state: "slow" | "spilled"
  readonly colour: string
  readonly words: string
}

/** What is wrong with a stage, as icons with a figure. */
function notesOf({ skewed, skew, spill }: ShardSummary, palette: Frame["palette"], wide: boolean): Note[] {
  const notes: Note[] = []
  const times = skew >= 1.5 ? `${skew.toFixed(1)}×` : ""
  if (skewed > 0)
    notes.push({ state: "slow", colour: palette.slow, words: `${wide ? "skew " : ""}${times || skewed}` })
  if (spill > 0)
    notes.push({ state: "spilled", colour: palette.warning, words: `${wide ? "spill " : ""}${bytes(spill)}` })
  return notes
}

/** The map's cue of a state, 11 pixels wide. */
function mark(ctx: Context, x: number, y: number, state: Note["state"], colour: string, glyph: string): void {
  ctx.fillStyle = colour
  ctx.fillRect(x, y, 11, 11)
  ctx.strokeStyle = glyph
  ctx.lineWidth = 1.2
  ctx.strokeRect(x + 0.5, y + 0.5, 10, 10)
  ctx.beginPath()
  ctx.moveTo(x + (state === "slow" ? 5.5 : 2), y + 9)
  ctx.lineTo(x + (state === "slow" ? 5.5 : 9), y + 2)
  ctx.stroke()
}

/** Who came or went about the time that is pointed at, and why. */
function changesAt(frame: Frame, t: number): Reading[] {
  if (frame.now - t < 1000) return []
  const near = (frame.axis.to - frame.axis.from) / 60
  const changes = workerChanges(frame.state, t - near, t + near)
  return changes.slice(-2).map(({ name, what }) => ({ label: name, value: what }))
}

/** Bins of about 90 in the window, never shorter than a quarter of a second; 4 s in a window of five minutes. */
export function binFor(span: number): number {
  return [250, 500, 1000, 2000, 4000, 10_000, 30_000, 60_000].find(ms => span / ms <= 100) ?? 300_000
}

function doneBy(stage: Stage, t: number): number {
  const { start, ms, state } = stage.shards.columns
  let done = 0
  for (let id = 0; id < stage.shards.size; id++) {
    if (state[id]! >= 2 && state[id] !== 3 && start[id]! + ms[id]! <= t) done++
  }
  return done
}

function heatRow(ctx: Context, frame: Frame, row: BusyRow, y: number, from: number, binMs: number): void {
  const { axis, palette } = frame
  const binWidth = axis.x(from + binMs) - axis.x(from)
  row.shares.forEach((share, bin) => {
    if (Number.isNaN(share)) return
    const x = axis.x(from + bin * binMs)
    ctx.fillStyle = palette.heatLow
    ctx.globalAlpha = 1
    ctx.fillRect(x, y, binWidth + 0.3, workerHeight - 1)
    ctx.fillStyle = palette.running
    ctx.globalAlpha = share
    ctx.fillRect(x, y, binWidth + 0.3, workerHeight - 1)
  })
  ctx.globalAlpha = 1
  ctx.fillStyle = palette.text
  for (const t of row.joined) ctx.fillRect(axis.x(t), y, 2, workerHeight - 1)
  for (const { t } of row.lost) cross(ctx, axis.x(t), y + workerHeight / 2, 4, palette.failed)
}

function names(ctx: Context, frame: Frame, rows: readonly BusyRow[], top: number): void {
  const style = { colour: frame.palette.secondary, font: frame.palette.font, align: "right" as const }
  rows.forEach((row, i) => {
    // Where rows are many only the ends are named, as there is no room for more in the side panel.
    if (!frame.wide && rows.length > 4 && i > 0 && i < rows.length - 1) return
    label(ctx, row.name.slice(0, 14), frame.axis.left - 6, top + i * workerHeight + workerHeight / 2, style)
  })
}
