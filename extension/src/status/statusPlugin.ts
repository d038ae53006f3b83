// Plugin: the item in the status bar.

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application"
import { IStatusBar } from "@jupyterlab/statusbar"
import { CommandIDs } from "../commands/commands.js"
import { ITelemetryHub } from "../tokens.js"
import { StatusItem } from "./StatusItem.js"

export const statusPlugin: JupyterFrontEndPlugin<void> = {
  id: "@shardlab/extension:status",
  description: "Shows shards, device and workers of the current notebook in the status bar.",
  autoStart: true,
  requires: [ITelemetryHub],
  optional: [IStatusBar],
  activate(app: JupyterFrontEnd, hub: ITelemetryHub, statusBar: IStatusBar | null) {
    if (statusBar === null) return
    const item = new StatusItem(hub, () => void app.commands.execute(CommandIDs.showPanel))
    statusBar.registerStatusItem("@shardlab/extension:status", {
      item,
      align: "left",
      rank: 20,
      isActive: () => item.isActive,
      activeStateChanged: hub.changed,
    })
  },
}
