// The panel as a JupyterLab widget: tells it when it can be seen, how large it is, and what to look at.

import type { Message } from "@lumino/messaging"
import { Widget } from "@lumino/widgets"
import type { ITelemetryHub } from "../tokens.js"
import { Panel, type PanelOptions } from "./Panel.js"
import type { PanelHost } from "./PanelHost.js"

export class PanelWidget extends Widget {
  readonly panel: Panel
  readonly #hub: ITelemetryHub

  constructor(hub: ITelemetryHub, host: PanelHost, options: PanelOptions) {
    super()
    this.#hub = hub
    this.panel = new Panel(host, options)
    this.addClass("shardlab-PanelWidget")
    this.node.append(this.panel.root)
    this.node.tabIndex = -1
    hub.changed.connect(this.#show, this)
    this.#show()
  }

  override dispose(): void {
    if (this.isDisposed) return
    this.#hub.changed.disconnect(this.#show, this)
    this.panel.dispose()
    super.dispose()
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message)
    this.panel.visible = true
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message)
    this.panel.visible = this.isVisible
  }

  protected override onBeforeHide(message: Message): void {
    super.onBeforeHide(message)
    this.panel.visible = false
  }

  protected override onBeforeDetach(message: Message): void {
    super.onBeforeDetach(message)
    this.panel.visible = false
  }

  protected override onResize(message: Widget.ResizeMessage): void {
    super.onResize(message)
    this.panel.resize()
  }

  protected override onActivateRequest(message: Message): void {
    super.onActivateRequest(message)
    this.node.focus()
  }

  #show(): void {
    this.panel.show(this.#hub.subject)
  }
}
