// The map: every shard of a stage as one cell, in order of id, coloured by state with a second cue. It redraws only the
// cells whose state changed; all of them when the layout, the stage or the theme did.

import { type Context, prepare } from "../charts/canvas.js"
import { h, setAttribute, setText } from "../charts/dom.js"
import { bytes, count, duration } from "../charts/format.js"
import type { Palette } from "../charts/palette.js"
import { isSkewed, type ShardSummary, shardStates, summarise } from "../store/ShardTable.js"
import { currentStage } from "../store/select.js"
import type { PanelState, Stage } from "../store/state.js"
import { cellState, cellUnder, type MapLayout, mapLayout } from "./mapLayout.js"
import { ratio, share } from "./skewWords.js"

const countedNote = "Only how many shards are done is known, not which."
/** Of the tooltip, borders and padding included; the style sheet has it too. */
const tipWidth = 292
/** Added to a cell's state where the shard is skewed. */
const outlined = 8

export class ShardMap {
  readonly #canvas = h("canvas", { class: "shardlab-Map-canvas", role: "img", tabindex: 0 })
  readonly #subtitle = h("span", { class: "shardlab-secondary" })
  readonly #note = h("p", { class: "shardlab-secondary shardlab-Map-note", hidden: true }, countedNote)
  readonly #legend = h("ul", { class: "shardlab-Map-legend" })
  readonly #tip = h("div", { class: "shardlab-Tip", hidden: true, role: "status" })
  readonly root = h(
    "section",
    { class: "shardlab-Map", "aria-label": "Shard map" },
    h("header", {}, h("h3", {}, "Shard map"), this.#subtitle),
    h("div", { class: "shardlab-Map-plot" }, this.#canvas, this.#tip),
    this.#note,
    this.#legend,
  )
  #stage: Stage | undefined
  #layout: MapLayout | undefined
  #drawn = new Uint8Array()
  #key = ""
  #names = new Map<number, string>()
  #selected = -1
  /** Time that the last draw of the canvas took, ms: the budget test reads it. */
  lastDrawMs = 0

  constructor() {
    this.#canvas.addEventListener("pointermove", event => this.#point(event.offsetX, event.offsetY))
    this.#canvas.addEventListener("pointerleave", () => this.#select(-1))
    this.#canvas.addEventListener("blur", () => this.#select(-1))
    this.#canvas.addEventListener("keydown", event => this.#move(event))
  }

  draw(state: PanelState, palette: Palette, width: number, height: number): void {
    const stage = currentStage(state)
    this.root.hidden = stage === undefined || stage.shards.size === 0
    if (!stage || this.root.hidden || width < 20) return
    this.#names = new Map([...state.workers.values()].map(worker => [worker.id, worker.name]))
    this.#stage = stage
    const started = performance.now()
    const summary = summarise(stage.shards)
    this.#paint(stage, summary, palette, width, height)
    this.lastDrawMs = performance.now() - started
    this.#words(stage, summary)
    if (this.#selected >= 0) this.#select(this.#selected)
  }

  #paint(stage: Stage, summary: ShardSummary, palette: Palette, width: number, height: number): void {
    const { shards } = stage
    const layout = mapLayout(shards.size, width, height)
    const key = [
      stage.id,
      stage.start,
      shards.size,
      width,
      height,
      devicePixelRatio,
      ...Object.values(palette),
    ].join()
    const fresh = key !== this.#key
    if (fresh) {
      this.#key = key
      this.#drawn = new Uint8Array(layout.cells).fill(255)
      prepare(this.#canvas, width, layout.rows * layout.pitch)
    }
    this.#layout = layout
    const changed: number[][] = Array.from({ length: 2 * outlined }, () => [])
    for (let cell = 0; cell < layout.cells; cell++) {
      const now = cellState(shards, layout, cell) + (hasSkew(stage, summary, layout, cell) ? outlined : 0)
      if (this.#drawn[cell] === now) continue
      this.#drawn[cell] = now
      ;(changed[now] ?? changed[0]!).push(cell)
    }
    const ctx = this.#canvas.getContext("2d")!
    changed.forEach((cells, code) => {
      if (cells.length === 0) return
      paintCells(ctx, layout, cells, code % outlined, palette, !fresh)
      if (code >= outlined) outline(ctx, layout, cells, palette.text)
    })
  }

  #words(stage: Stage, { counts, skewed }: ShardSummary): void {
    this.#note.hidden = !stage.counted
    const group = this.#layout!.group
    const grouped = group > 1 ? `, ${group} a cell, the worst shows` : ""
    setText(this.#subtitle, `${count(stage.shards.size)} shards${grouped} · ${stage.name}`)
    const order = ["done", "running", "queued", "spilled", "slow", "failed"] as const
    const shown = order.filter(state => counts[state] > 0 || state === "done" || state === "running")
    const entries = shown.map(state => [state, counts[state]] as const)
    const all = skewed > 0 ? [...entries, ["skewed", skewed] as const] : entries
    const key = all.map(([state, many]) => `${state} ${count(many)}`).join(", ")
    this.root.dataset.skewed = String(skewed)
    setAttribute(this.#canvas, "aria-label", `${stage.name}: ${key}`)
    for (const state of shardStates) this.root.dataset[state] = String(counts[state])
    if (this.#legend.dataset.key === key) return
    this.#legend.dataset.key = key
    this.#legend.replaceChildren(
      ...all.map(([state, many]) =>
        h("li", {}, h("i", { class: "shardlab-Cue", "data-state": state }), `${state} ${count(many)}`),
      ),
    )
  }

  #point(x: number, y: number): void {
    this.#select(this.#layout ? cellUnder(this.#layout, x, y) : -1)
  }

  #move(event: KeyboardEvent): void {
    const layout = this.#layout
    if (!layout) return
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -layout.columns, ArrowDown: layout.columns }[
      event.key
    ]
    if (by === undefined) return
    event.preventDefault()
    this.#select(Math.max(0, Math.min(layout.cells - 1, this.#selected + by)))
  }

  #select(cell: number): void {
    this.#selected = cell
    const [stage, layout] = [this.#stage, this.#layout]
    this.#tip.hidden = cell < 0
    if (cell < 0 || !stage || !layout || cell >= layout.cells) return
    const [x, y] = [(cell % layout.columns) * layout.pitch, Math.floor(cell / layout.columns) * layout.pitch]
    this.#tip.style.top = `${y + layout.pitch + 6}px`
    this.#tip.style.left = `${Math.max(0, Math.min(x, this.root.clientWidth - 24 - tipWidth))}px`
    this.#tip.replaceChildren(...tipLines(stage, cell * layout.group, this.#names))
  }
}

function tipLines(stage: Stage, id: number, names: ReadonlyMap<number, string>): HTMLElement[] {
  const shard = stage.shards.row(id)
  const summary = summarise(stage.shards)
  const { median, medianRows, rows } = summary
  const line = (name: string, value: string) => h("div", {}, h("span", {}, name), value)
  const chips = [shard.state, ...(isSkewed(stage.shards, summary, id) ? ["skewed"] : [])]
  const title = chips.map(chip => h("span", { class: "shardlab-Chip" }, chip))
  const lines = [h("strong", {}, `Shard ${count(id)} `, ...title)]
  if (shard.rows > 0) {
    const times = compared(shard.rows, medianRows, count)
    lines.push(line("Rows", `${count(shard.rows)}${times}`))
    lines.push(line("Share", `${share(shard.rows, rows)} of the stage's rows`))
  }
  if (shard.bytes > 0) lines.push(line("Bytes", bytes(shard.bytes)))
  if (shard.ms > 0) lines.push(line("Took", `${duration(shard.ms)}${compared(shard.ms, median, duration)}`))
  if (shard.spill > 0) lines.push(line("Spilled", `${bytes(shard.spill)} to disk`))
  if (shard.worker > 0) lines.push(line("Ran on", names.get(shard.worker) ?? `worker ${shard.worker}`))
  if (shard.attempt > 1) lines.push(line("Attempt", String(shard.attempt)))
  return lines
}

/** `, 212× the median 17,000` */
function compared(value: number, middle: number, text: (value: number) => string): string {
  const times = ratio(value, middle)
  return times === undefined ? "" : `, ${times} the median ${text(middle)}`
}

function hasSkew({ shards }: Stage, summary: ShardSummary, { group }: MapLayout, cell: number): boolean {
  if (summary.skewed === 0) return false
  const end = Math.min(shards.size, (cell + 1) * group)
  for (let id = cell * group; id < end; id++) if (isSkewed(shards, summary, id)) return true
  return false
}

/** Two pixels around the cell, inside its own square so that the next clearing takes it away. */
function outline(
  ctx: Context,
  { columns, pitch }: MapLayout,
  cells: readonly number[],
  colour: string,
): void {
  const side = pitch > 6 ? pitch - 1.5 : pitch - 1
  const width = pitch > 6 ? 2 : 1
  ctx.strokeStyle = colour
  ctx.lineWidth = width
  for (const cell of cells) {
    const [x, y] = [(cell % columns) * pitch, Math.floor(cell / columns) * pitch]
    ctx.strokeRect(x + width / 2, y + width / 2, side - width, side - width)
  }
}

/** One state's cells at once: a colour is set once, and each second cue is one path. */
function paintCells(
  ctx: Context,
  layout: MapLayout,
  cells: readonly number[],
  state: number,
  palette: Palette,
  clear: boolean,
): void {
  const { columns, pitch } = layout
  const side = pitch > 6 ? pitch - 1.5 : pitch - 1
  const name = shardStates[state] ?? "queued"
  const at = (cell: number): [number, number] => [
    (cell % columns) * pitch,
    Math.floor(cell / columns) * pitch,
  ]
  if (clear) for (const cell of cells) ctx.clearRect(...at(cell), pitch, pitch)
  const colours = {
    queued: "",
    running: palette.running,
    done: palette.done,
    failed: "",
    spilled: palette.warning,
    slow: palette.slow,
  }
  if (colours[name]) {
    ctx.fillStyle = colours[name]
    for (const cell of cells) ctx.fillRect(...at(cell), side, side)
  }
  const path = new Path2D()
  for (const cell of cells) cue(path, name, ...at(cell), side)
  if (name === "running") {
    ctx.fillStyle = palette.surface
    ctx.fill(path)
    return
  }
  const edge = { queued: palette.queued, failed: palette.failed, spilled: palette.glyph, slow: palette.glyph }
  if (name === "done") return
  ctx.strokeStyle = edge[name]
  ctx.lineWidth = name === "failed" ? 1.8 : 1
  ctx.stroke(path)
}

/** What tells the state without its colour: dot, slash, bar, cross, outline; done is the plain square. */
function cue(path: Path2D, state: string, x: number, y: number, side: number): void {
  const inset = side * 0.18
  if (state === "queued") path.rect(x + 0.5, y + 0.5, side - 1, side - 1)
  if (state === "running") path.rect(x + side * 0.32, y + side * 0.32, side * 0.36, side * 0.36)
  if (state === "slow") {
    path.moveTo(x + side / 2, y + inset)
    path.lineTo(x + side / 2, y + side - inset)
  }
  if (state === "spilled" || state === "failed") {
    path.moveTo(x + inset, y + side - inset)
    path.lineTo(x + side - inset, y + inset)
  }
  if (state === "failed") {
    path.moveTo(x + inset, y + inset)
    path.lineTo(x + side - inset, y + side - inset)
  }
}
