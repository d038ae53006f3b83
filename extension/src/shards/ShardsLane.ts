// The lane of shards, twice on one axis: each stage as a bar whose lower edge is its progress, and each worker as a heat
// map of its busy share. The map of single shards is ShardMap.

import { type Context, cross, label } from "../charts/canvas.js"
import { h, setText } from "../charts/dom.js"
import { bytes, count } from "../charts/format.js"
import { type Frame, type Lane, LaneRow, type Reading } from "../charts/Lane.js"
import { type BusyRow, busyRows } from "../store/busy.js"
import { type ShardSummary, summarise } from "../store/ShardTable.js"
import { currentStage, workerChanges } from "../store/select.js"
import type { PanelState, Stage } from "../store/state.js"
import { skewOf } from "./skewWords.js"
import { drawStage, stageHeight } from "./stageBar.js"
import { shortWorker } from "./workerName.js"

const [workerHeight, shownWorkers] = [15, 12]
/** Of the title in the gutter when wide: workers' names begin below it. */
const titleHeight = 54
const mostStages = { narrow: 5, wide: 6 }

export class ShardsLane implements Lane {
  readonly name = "shards"
  readonly #row = new LaneRow("shards", "by stage and by worker")
  readonly #note = h("p", { class: "shardlab-Lane-note shardlab-mod-long", hidden: true })
  readonly root = this.#row.root
  #summaries = new WeakMap<Stage, { revision: number; summary: ShardSummary }>()

  constructor() {
    this.root.append(this.#note)
  }

  hasData(state: PanelState): boolean {
    return state.stages.size > 0
  }

  draw(frame: Frame): void {
    const { axis } = frame
    const stages = shownStages(frame)
    const binMs = binFor(axis.to - axis.from)
    const from = Math.floor(axis.from / binMs) * binMs
    const workers = busyRows(frame.state, from, Math.min(axis.to, frame.now), binMs).slice(0, shownWorkers)
    const top = Math.max(frame.wide ? titleHeight : 0, Math.max(1, stages.length) * stageHeight + 6)
    const height = top + Math.max(2, workers.length) * workerHeight + 6
    const ctx = this.#row.ground(frame, height)
    this.#row.inside(ctx, frame, height, () => {
      for (const [i, stage] of stages.entries())
        drawStage(ctx, frame, stage, this.#summary(stage), 2 + i * stageHeight)
      for (const [i, row] of workers.entries()) heatRow(ctx, frame, row, top + i * workerHeight, from, binMs)
    })
    names(ctx, frame, workers, top)
    this.#row.describe(this.describe(frame), this.hasData(frame.state))
    this.root.dataset.workers = String(workers.length)
    this.root.dataset.stages = String(frame.state.stages.size)
    const gaps = [...new Set(frame.state.gaps.values())].join(" ")
    this.#note.hidden = gaps === ""
    setText(this.#note, gaps)
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
    const skew = skewOf(summary)
    const uneven = skew === undefined ? "none" : `${skew.figure} ${skew.by}`
    const readings: Reading[] = [
      { label: frame.wide ? "done" : "", value: `${count(done)} / ${count(all)}` },
      { label: "skew", value: unknown ?? uneven },
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
    const summary = this.#summary(stage)
    const { done, counts, skewed } = summary
    const skew = skewOf(summary)
    const all = Math.max(stage.tasks, stage.shards.size)
    return `${stage.name}: ${count(done)} of ${count(all)} shards done, ${counts.running} running, ${counts.failed} failed${skewed > 0 && skew ? `, ${skewed} skewed: ${skew.figure} ${skew.by}` : ""}`
  }

  #summary(stage: Stage): ShardSummary {
    const known = this.#summaries.get(stage)
    if (known?.revision === stage.shards.revision) return known.summary
    const summary = summarise(stage.shards)
    this.#summaries.set(stage, { revision: stage.shards.revision, summary })
    return summary
  }
}

/** Those in the window; where they are too many, the longest, because that is where the time went. */
function shownStages({ state, axis, now, wide }: Frame): Stage[] {
  const took = (stage: Stage) => (stage.end ?? now) - stage.start
  const seen = [...state.stages.values()].filter(
    stage => stage.start <= axis.to && (stage.end ?? now) >= axis.from,
  )
  const longest = seen.toSorted((a, b) => took(b) - took(a)).slice(0, mostStages[wide ? "wide" : "narrow"])
  return seen.filter(stage => longest.includes(stage))
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
    const right = frame.axis.left - 6
    const name = shortWorker(row.name, word => fits(ctx, word, right - 3, frame.palette.font))
    label(ctx, name, right, top + i * workerHeight + workerHeight / 2, style)
  })
}

function fits(ctx: Context, text: string, width: number, font: string): boolean {
  ctx.font = `11px ${font}`
  return ctx.measureText(text).width <= width
}
