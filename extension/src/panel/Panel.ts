// The panel: toolbar, head, the lanes on one time axis, the map and the why? card. The same view narrow (side panel) and
// wide (dashboard). It draws at most four times a second, and not at all while hidden or paused; what happens meanwhile
// is in the store. It knows no JupyterLab: a PanelHost does what lies outside.

import { CellsLane, cellAt } from "../cells/CellsLane.js"
import { h, setText } from "../charts/dom.js"
import type { Frame, Lane, LaneName } from "../charts/Lane.js"
import { readPalette } from "../charts/palette.js"
import { TimeAxis } from "../charts/TimeAxis.js"
import { type WindowChoice, windowOf } from "../charts/Window.js"
import { DevicesLane } from "../gpu/DevicesLane.js"
import { PolicyLane } from "../policy/PolicyLane.js"
import { WhyCard } from "../policy/WhyCard.js"
import { ShardMap } from "../shards/ShardMap.js"
import { ShardsLane } from "../shards/ShardsLane.js"
import { ShardTableView } from "../shards/ShardTableView.js"
import { runningCell } from "../store/reduce.js"
import { isEmpty, liveDecisions } from "../store/select.js"
import type { Decision, PanelState } from "../store/state.js"
import type { Subject } from "../tokens.js"
import { TrainingLane } from "../training/TrainingLane.js"
import { Announcer } from "./Announcer.js"
import { AxisRow } from "./AxisRow.js"
import { Banner, bannerOf } from "./Banner.js"
import { Crosshair } from "./Crosshair.js"
import { EmptyState } from "./EmptyState.js"
import { headlineOf } from "./headline.js"
import type { PanelHost } from "./PanelHost.js"
import { SessionStrip } from "./SessionStrip.js"
import { Toolbar } from "./Toolbar.js"

export interface PanelOptions {
  /** Dashboard layout: readouts beside the lanes, map and card in a column of their own. */
  readonly wide: boolean
  readonly minutes?: number
  readonly hiddenLanes?: readonly LaneName[]
}

const drawEveryMs = 250
const gutter = { narrow: 46, wide: 110 }
const readoutWidth = 168
const sideWidth = 376

export class Panel {
  readonly root: HTMLElement
  readonly #host: PanelHost
  readonly #wide: boolean
  readonly #policy = new PolicyLane(decision => this.#select(decision))
  readonly #lanes: readonly Lane[] = [
    new CellsLane(),
    new ShardsLane(),
    new DevicesLane(),
    new TrainingLane(),
    this.#policy,
  ]
  readonly #toolbar: Toolbar
  readonly #banner = new Banner()
  readonly #empty: EmptyState
  readonly #dot = h("i", { class: "shardlab-Dot", "aria-hidden": "true" })
  readonly #title = h("strong")
  readonly #detail = h("span", { class: "shardlab-secondary" })
  readonly #notebook = h("span", { class: "shardlab-Head-notebook shardlab-secondary" })
  readonly #axisRow = new AxisRow()
  readonly #laneBox = h("div", { class: "shardlab-Lanes" })
  readonly #crosshair: Crosshair
  readonly #session: SessionStrip
  readonly #map = new ShardMap()
  readonly #why = new WhyCard(by => this.#step(by))
  readonly #table = new ShardTableView()
  readonly #content: HTMLElement
  readonly #announcer = new Announcer()
  #subject: Subject = { kind: "none" }
  #windows: WindowChoice[]
  #hidden = new Set<LaneName>()
  #frame: Frame | undefined
  #pointed: number | undefined
  #selected: Decision | undefined
  #paused = false
  #visible = false
  #showTable = false
  #timer: ReturnType<typeof setTimeout> | undefined
  #drawnAt = 0

  constructor(host: PanelHost, { wide, minutes = 5, hiddenLanes = [] }: PanelOptions) {
    this.#host = host
    this.#wide = wide
    this.#windows = [{ kind: "follow", minutes }]
    this.#hidden = new Set(hiddenLanes)
    this.#toolbar = new Toolbar(
      {
        pause: () => this.#change(() => (this.#paused = !this.#paused)),
        fit: () => this.#fit(),
        back: () => this.#back(),
        table: () => this.#change(() => (this.#showTable = !this.#showTable)),
        lane: name => this.#change(() => void (this.#hidden.delete(name) || this.#hidden.add(name))),
        dashboard: () => host.openDashboard(),
        settings: () => host.openSettings(),
      },
      wide,
    )
    this.#empty = new EmptyState(host)
    this.#session = new SessionStrip((from, to) => this.#zoom(from, to))
    this.#crosshair = new Crosshair(this.#laneBox, {
      pointed: t => this.#point(t),
      brushed: (from, to) => this.#zoom(from, to),
    })
    this.#laneBox.append(
      this.#axisRow.root,
      ...this.#lanes.map(lane => lane.root),
      ...(wide ? [this.#session.root] : []),
      this.#crosshair.root,
    )
    const side = h("div", { class: "shardlab-Side" }, this.#map.root, this.#why.root)
    this.#content = h("div", { class: "shardlab-Content" }, this.#laneBox, side)
    const head = h("div", { class: "shardlab-Head" }, this.#dot, this.#title, this.#detail, this.#notebook)
    if (wide) this.#toolbar.head(head)
    this.root = h(
      "div",
      { class: `shardlab-Panel shardlab-mod-${wide ? "wide" : "narrow"}` },
      this.#toolbar.root,
      this.#banner.root,
      h(
        "div",
        { class: "shardlab-Scroll" },
        ...(wide ? [] : [head]),
        this.#content,
        this.#table.root,
        this.#empty.root,
        this.#announcer.root,
      ),
    )
    this.root.addEventListener("keydown", event => this.#key(event))
    this.#lanes[0]!.root.addEventListener("click", () => this.#reveal())
  }

  /** Says what to look at, or that what it looks at has changed. */
  show(subject: Subject): void {
    if (keyOf(subject) !== keyOf(this.#subject)) this.#forget()
    this.#subject = subject
    this.#request()
  }

  set visible(visible: boolean) {
    this.#visible = visible
    if (visible) this.#request()
    else this.#cancel()
  }

  /** Draws at the next chance, also when nothing happened: the size or the theme changed. */
  resize(): void {
    this.#request()
  }

  configure({ minutes, hiddenLanes }: { minutes: number; hiddenLanes: readonly LaneName[] }): void {
    this.#change(() => {
      this.#windows = [{ kind: "follow", minutes }]
      this.#hidden = new Set(hiddenLanes)
    })
  }

  dispose(): void {
    this.#cancel()
    this.root.remove()
  }

  // --- drawing
  #request(): void {
    if (!this.#visible || this.#timer !== undefined) return
    const wait = Math.max(0, this.#drawnAt + drawEveryMs - performance.now())
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      requestAnimationFrame(() => this.#draw())
    }, wait)
  }

  #cancel(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #draw(): void {
    if (!this.#visible) return
    this.#drawnAt = performance.now()
    const state = this.#state()
    const empty = state === undefined || isEmpty(state)
    this.#empty.show(empty ? this.#subject : undefined)
    this.#content.hidden = empty || this.#showTable
    this.#table.root.hidden = empty || !this.#showTable
    this.#chrome(state)
    if (!this.#paused) this.#paint(state)
    // Time itself moves the picture while a cell runs.
    if (state !== undefined && runningCell(state) !== undefined) this.#request()
  }

  #paint(state: PanelState | undefined): void {
    if (state === undefined || isEmpty(state)) return
    if (this.#showTable) this.#table.draw(state)
    const frame = this.#showTable ? undefined : this.#frameOf(state)
    if (frame === undefined) return
    this.#frame = frame
    this.#crosshair.use(frame.axis)
    this.#axisRow.draw(frame)
    for (const lane of this.#lanes) {
      lane.root.hidden = this.#hidden.has(lane.name)
      lane.root.classList.toggle("shardlab-mod-empty", !lane.hasData(state))
      if (!lane.root.hidden) lane.draw(frame)
    }
    if (this.#wide) this.#session.draw(frame)
    this.#read()
    this.#drawSide(frame)
    this.#announcer.follow(state)
  }

  #frameOf(state: PanelState): Frame | undefined {
    const room = this.#laneBox.clientWidth
    const width = this.#wide ? room - readoutWidth : room
    if (width < 120) return undefined
    const now = Date.now() + state.clockOffset
    const [from, to] = windowOf(state, this.#windows.at(-1)!, now)
    const left = this.#wide ? gutter.wide : gutter.narrow
    const axis = new TimeAxis(from, to, left, width - (this.#wide ? 4 : 10))
    return { state, axis, width, now, palette: readPalette(this.root), wide: this.#wide }
  }

  #drawSide(frame: Frame): void {
    const { state, palette } = frame
    const room = this.#wide && this.root.clientWidth > 1060 ? sideWidth : this.root.clientWidth
    this.#map.draw(state, palette, room - 24, this.#wide ? 300 : 190)
    const shown = this.#shownDecision(state)
    const dry = state.decisions.findLast(one => one.dryRun && shown !== undefined && one.t <= shown.t)
    this.#policy.selected = this.#selected
    this.#why.show(shown, dry)
  }

  /** What surrounds the lanes. */
  #chrome(state: PanelState | undefined): void {
    const subject = this.#subject
    const closed = subject.kind === "ours" && subject.feed.status === "closed"
    const empty = state === undefined || isEmpty(state)
    this.#banner.show(empty ? undefined : bannerOf(state, closed))
    const headline = empty ? undefined : headlineOf(state, Date.now() + state.clockOffset)
    this.#dot.dataset.mood = headline?.mood ?? "idle"
    setText(this.#title, headline?.title ?? "")
    setText(this.#detail, headline?.detail ?? "")
    setText(this.#notebook, subject.kind === "none" ? "" : subject.notebook)
    this.#title.parentElement!.hidden = headline === undefined
    this.#toolbar.show({
      paused: this.#paused,
      fitted: this.#windows.at(-1)!.kind === "fit",
      canGoBack: this.#windows.length > 1,
      table: this.#showTable,
      hidden: this.#hidden,
    })
  }

  #read(): void {
    const frame = this.#frame
    if (frame === undefined) return
    this.#axisRow.show(this.#pointed)
    const t = this.#pointed ?? frame.now
    for (const lane of this.#lanes) if (!lane.root.hidden) lane.read(frame, t)
  }

  // --- what the reader does
  #point(t: number | undefined): void {
    this.#pointed = t
    this.#read()
  }

  #zoom(from: number, to: number): void {
    this.#change(() => this.#windows.push({ kind: "fixed", from, to }))
  }

  #fit(): void {
    this.#change(() => {
      if (this.#windows.at(-1)!.kind === "fit") this.#windows.pop()
      else this.#windows.push({ kind: "fit" })
    })
  }

  #back(): void {
    if (this.#windows.length > 1) this.#change(() => this.#windows.pop())
  }

  #key(event: KeyboardEvent): void {
    if ((event.target as Element).matches("input, textarea") || event.ctrlKey || event.metaKey) return
    if (event.key === "Backspace") this.#back()
    else if (event.key === "f" || event.key === "F") this.#change(() => this.#windows.push({ kind: "cell" }))
    else if (event.key === "t" || event.key === "T") this.#change(() => (this.#showTable = !this.#showTable))
    else return
    event.preventDefault()
  }

  #reveal(): void {
    const [state, t] = [this.#state(), this.#pointed]
    const cell = state && t !== undefined ? cellAt(state, t, this.#frame?.now ?? t) : undefined
    if (cell !== undefined) this.#host.revealCell(cell.key)
  }

  #select(decision: Decision): void {
    this.#change(() => {
      this.#selected = decision
    })
  }

  #step(by: -1 | 1): void {
    const state = this.#state()
    if (state === undefined) return
    const live = liveDecisions(state)
    const at = live.indexOf(this.#shownDecision(state)!)
    const next = live[at + by]
    if (next !== undefined) this.#select(next)
  }

  /** The chosen one, else the last that changed anything, else the last. */
  #shownDecision(state: PanelState): Decision | undefined {
    const live = liveDecisions(state)
    if (this.#selected !== undefined && live.includes(this.#selected)) return this.#selected
    return live.findLast(one => one.from !== one.to) ?? live.at(-1)
  }

  // --- helpers
  #state(): PanelState | undefined {
    return this.#subject.kind === "ours" ? this.#subject.feed.state : undefined
  }

  #change(change: () => unknown): void {
    change()
    this.#request()
  }

  /** Another kernel: its window and selection are its own. */
  #forget(): void {
    this.#windows = this.#windows.slice(0, 1)
    this.#selected = undefined
    this.#pointed = undefined
    this.#frame = undefined
    this.#crosshair.use(undefined)
  }
}

function keyOf(subject: Subject): string {
  return subject.kind === "ours" ? subject.feed.kernelId : subject.kind
}
