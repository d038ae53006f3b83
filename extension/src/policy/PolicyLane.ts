// The lane of policies: desired workers as a line, actual ones as an area, pending ones hatched between, dry runs dashed,
// and a mark for every decision. Marks are buttons: one tab stop, arrow keys step through them, Enter asks why.

import { type Context, drawLine, hatch, hline, label, pointsOf } from "../charts/canvas.js"
import { h, icon, setAttribute } from "../charts/dom.js"
import { clock, count } from "../charts/format.js"
import { type Frame, type Lane, LaneRow, type Reading } from "../charts/Lane.js"
import { linear, wholeTicks } from "../charts/scale.js"
import { currentPool } from "../store/select.js"
import type { Decision, PanelState, Pool } from "../store/state.js"

const markRoom = 28
export const markPaths = {
  up: "M8 3 L13.5 13 L2.5 13 Z",
  down: "M8 13 L2.5 3 L13.5 3 Z",
  hold: "M3 5 H13 V7 H3 Z M3 9.5 H13 V11.5 H3 Z",
} as const
/** Where many holds lie close together, only the first of those within this many pixels gets a mark. */
const markGap = 18

export function markOf(decision: Decision): keyof typeof markPaths {
  return decision.to > decision.from ? "up" : decision.to < decision.from ? "down" : "hold"
}

export class PolicyLane implements Lane {
  readonly name = "policy"
  readonly #row = new LaneRow("policy", "workers")
  readonly root = this.#row.root
  readonly #marks = h("div", { class: "shardlab-Marks", role: "toolbar", "aria-label": "Decisions" })
  readonly #onSelect: (decision: Decision) => void
  readonly #buttons = new Map<Decision, HTMLButtonElement>()
  selected: Decision | undefined

  constructor(onSelect: (decision: Decision) => void = () => {}) {
    this.#onSelect = onSelect
    this.#row.plot.append(this.#marks)
    this.#marks.addEventListener("keydown", event => this.#step(event))
  }

  hasData(state: PanelState): boolean {
    return state.pools.size > 0 || state.decisions.length > 0
  }

  draw(frame: Frame): void {
    const height = frame.wide ? 150 : 112
    const ctx = this.#row.ground(frame, height)
    const pool = currentPool(frame.state)
    const live = frame.state.decisions.filter(d => !d.dryRun && (!pool || d.pool === pool.id))
    const dry = frame.state.decisions.filter(d => d.dryRun && (!pool || d.pool === pool.id))
    const top = Math.max(2, highest(pool, live, dry))
    const ticks = wholeTicks(top + (top > 4 ? 1 : 0), frame.wide ? 5 : 4)
    const y = linear(0, ticks.at(-1)!, height - 8, markRoom + 8)
    for (const tick of ticks) {
      hline(ctx, frame.axis.left, frame.axis.right, y(tick), frame.palette.grid)
      const style = { colour: frame.palette.secondary, font: frame.palette.font, align: "right" as const }
      label(ctx, String(tick), frame.axis.left - 6, y(tick), style)
    }
    this.#row.inside(ctx, frame, height, () => {
      if (pool) drawPool(ctx, frame, pool, y)
      for (const policy of new Set(dry.map(d => d.policy))) {
        drawDry(
          ctx,
          frame,
          dry.filter(d => d.policy === policy),
          pool?.closed ?? frame.now,
          y,
        )
      }
    })
    this.#placeMarks(frame, live)
    this.#row.describe(this.describe(frame), this.hasData(frame.state))
    this.root.dataset.decisions = String(frame.state.decisions.length)
  }

  read(frame: Frame, t: number): readonly Reading[] {
    const { state, wide } = frame
    const pool = currentPool(state)
    if (!pool) {
      this.#row.show([])
      return []
    }
    const at = (name: "desired" | "actual" | "pending") => count(pool.counts.valueAt(name, t))
    const policy = state.decisions.findLast(d => !d.dryRun)?.policy
    const readings: Reading[] = [
      {
        label: wide ? `desired${policy ? `, ${policy}` : ""}` : "want",
        value: at("desired"),
        mark: { colour: "running", shape: "line" },
      },
      { label: wide ? "actual" : "have", value: at("actual"), mark: { colour: "done", shape: "area" } },
    ]
    if (wide)
      readings.push({ label: "pending", value: at("pending"), mark: { colour: "running", shape: "hatch" } })
    const dry = state.decisions.findLast(d => d.dryRun && d.t <= t)
    if (dry && t < (pool.closed ?? Number.POSITIVE_INFINITY)) {
      const name = wide ? `dry run, ${dry.policy}` : "dry run"
      readings.push({ label: name, value: String(dry.to), mark: { colour: "power", shape: "dash" } })
    }
    this.#row.show(readings)
    return readings
  }

  describe({ state }: Frame): string {
    const last = state.decisions.findLast(d => !d.dryRun)
    return last
      ? `${last.policy}: ${last.from} to ${last.to} workers at ${clock(last.t)}. ${last.reason}`
      : "No decision yet"
  }

  /** Moves the selection by `by` decisions, and the focus with it. */
  #step(event: KeyboardEvent): void {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
    const buttons = [...this.#marks.querySelectorAll("button")]
    const here = buttons.indexOf(document.activeElement as HTMLButtonElement)
    if (by === undefined || here < 0) return
    event.preventDefault()
    event.stopPropagation()
    const next = buttons[here + by]
    next?.focus()
    next?.click()
  }

  #placeMarks(frame: Frame, live: readonly Decision[]): void {
    const shown = visibleMarks(frame, live)
    for (const [decision, button] of this.#buttons) {
      if (shown.includes(decision)) continue
      button.remove()
      this.#buttons.delete(decision)
    }
    for (const decision of shown) {
      const button = this.#buttons.get(decision) ?? this.#newMark(decision)
      button.style.left = `${frame.axis.x(decision.t) - 12}px`
      const chosen = decision === (this.selected ?? shown.at(-1))
      setAttribute(button, "tabindex", chosen ? 0 : -1)
      setAttribute(button, "aria-pressed", decision === this.selected ? "true" : "false")
    }
  }

  #newMark(decision: Decision): HTMLButtonElement {
    const kind = markOf(decision)
    const title = `${decision.policy}: ${decision.from} → ${decision.to} at ${clock(decision.t)}. ${decision.reason}`
    const button = h(
      "button",
      { class: "shardlab-DecisionMark", title, "aria-label": title, "data-mark": kind },
      icon(markPaths[kind]),
    )
    button.addEventListener("click", () => this.#onSelect(decision))
    this.#buttons.set(decision, button)
    this.#marks.append(button)
    return button
  }
}

/** Changes always get a mark; holds only where there is room between the marks already placed. */
function visibleMarks({ axis }: Frame, live: readonly Decision[]): Decision[] {
  const inside = live.filter(d => d.t >= axis.from && d.t <= axis.to)
  const shown = inside.filter(d => d.from !== d.to)
  const taken = shown.map(d => axis.x(d.t))
  for (const hold of inside.filter(d => d.from === d.to)) {
    const x = axis.x(hold.t)
    if (taken.some(other => Math.abs(other - x) < markGap)) continue
    taken.push(x)
    shown.push(hold)
  }
  return shown.sort((a, b) => a.t - b.t)
}

function highest(pool: Pool | undefined, ...decisions: readonly (readonly Decision[])[]): number {
  let max = 0
  if (pool) {
    for (let i = 0; i < pool.counts.length; i++) {
      max = Math.max(max, pool.counts.value("desired", i), pool.counts.value("actual", i))
    }
  }
  for (const decision of decisions.flat()) max = Math.max(max, decision.to)
  return max
}

function drawPool(ctx: Context, { axis, palette, now }: Frame, pool: Pool, y: (n: number) => number): void {
  const actual = pointsOf(pool.counts, "actual", axis, y, { holdTo: now })
  ctx.globalAlpha = 0.25
  drawLine(ctx, actual, { colour: "transparent", step: true, fill: { colour: palette.done, to: y(0) } })
  ctx.globalAlpha = 1
  drawLine(ctx, actual, { colour: palette.done, step: true })
  const { counts } = pool
  for (let i = 0; i < counts.length; i++) {
    const pending = counts.value("pending", i)
    if (!(pending > 0)) continue
    const end = i + 1 < counts.length ? counts.t(i + 1) : now
    const [x1, x2] = [axis.x(counts.t(i)), axis.x(end)]
    const have = counts.value("actual", i)
    hatch(ctx, x1, y(have + pending), x2 - x1, y(have) - y(have + pending), palette.running)
  }
  drawLine(ctx, pointsOf(counts, "desired", axis, y, { holdTo: now }), {
    colour: palette.running,
    step: true,
    width: 2,
  })
}

function drawDry(
  ctx: Context,
  { axis, palette }: Frame,
  dry: readonly Decision[],
  until: number,
  y: (n: number) => number,
) {
  const points = dry.map(d => [axis.x(d.t), y(d.to)] as const)
  const last = points.at(-1)
  if (last) points.push([Math.max(last[0], axis.x(until)), last[1]])
  drawLine(ctx, points, { colour: palette.power, dash: [7, 4], step: true })
}
