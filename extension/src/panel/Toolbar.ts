// The panel's row of buttons. It holds no state of what is shown: it calls, and is told which buttons are pressed.

import { h, icon, setAttribute } from "../charts/dom.js"
import { type LaneName, laneNames, titleOf } from "../charts/Lane.js"
import { type IconName, icons } from "./icons.js"

export interface ToolbarEvents {
  pause(): void
  /** The whole session. */
  fit(): void
  /** Back to the window before. */
  back(): void
  table(): void
  lane(name: LaneName): void
  dashboard(): void
  settings(): void
}

export interface ToolbarState {
  readonly paused: boolean
  readonly fitted: boolean
  readonly canGoBack: boolean
  readonly table: boolean
  readonly hidden: ReadonlySet<LaneName>
}

export class Toolbar {
  readonly root = h("div", { class: "shardlab-Toolbar", role: "toolbar", "aria-label": "Panel" })
  readonly #pause: HTMLButtonElement
  readonly #fit: HTMLButtonElement
  readonly #back: HTMLButtonElement
  readonly #table: HTMLButtonElement
  readonly #menu: HTMLElement
  readonly #boxes = new Map<LaneName, HTMLInputElement>()

  constructor(events: ToolbarEvents, wide: boolean) {
    this.#pause = button("pause", "Pause drawing", events.pause)
    this.#fit = button("fit", "Show the whole session", events.fit)
    this.#back = button("back", "Back to the window before (Backspace)", events.back)
    this.#table = button("table", "Show the shards as a table (T)", events.table)
    this.#menu = this.#laneMenu(events)
    const open = button("open", "Open the dashboard", events.dashboard)
    open.hidden = wide
    this.root.append(
      this.#pause,
      this.#fit,
      this.#back,
      this.#menu,
      this.#table,
      h("span", { class: "shardlab-spacer" }),
      open,
      button("settings", "Settings of the panel", events.settings),
    )
  }

  /** Puts the panel's head into the row, where that is long enough. */
  head(head: HTMLElement): void {
    this.root.querySelector(".shardlab-spacer")!.after(head)
  }

  show(state: ToolbarState): void {
    const text = state.paused ? "Go on drawing" : "Pause drawing"
    if (this.#pause.title !== text) {
      this.#pause.title = text
      setAttribute(this.#pause, "aria-label", text)
      this.#pause.replaceChildren(icon(icons[state.paused ? "play" : "pause"]))
    }
    press(this.#pause, state.paused)
    press(this.#fit, state.fitted)
    press(this.#table, state.table)
    this.#back.disabled = !state.canGoBack
    for (const [name, box] of this.#boxes) box.checked = !state.hidden.has(name)
  }

  #laneMenu(events: ToolbarEvents): HTMLElement {
    const rows = laneNames.map(name => {
      const box = h("input", { type: "checkbox" })
      box.addEventListener("change", () => events.lane(name))
      this.#boxes.set(name, box)
      return h("label", {}, box, titleOf(name))
    })
    const summary = h("summary", { title: "Lanes", "aria-label": "Lanes" }, icon(icons.lanes))
    const menu = h("details", { class: "shardlab-LaneMenu" }, summary, h("div", {}, ...rows))
    menu.addEventListener("focusout", event => {
      if (!menu.contains(event.relatedTarget as Node | null)) menu.open = false
    })
    return menu
  }
}

function button(name: IconName, title: string, onClick: () => void): HTMLButtonElement {
  const element = h("button", { class: "shardlab-Tool", title, "aria-label": title }, icon(icons[name]))
  element.addEventListener("click", onClick)
  return element
}

function press(element: HTMLElement, pressed: boolean): void {
  setAttribute(element, "aria-pressed", pressed ? "true" : "false")
}
