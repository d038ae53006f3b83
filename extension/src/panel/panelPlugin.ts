// Plugin: the side panel, the dashboard and their commands.

import { ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from "@jupyterlab/application"
import { ICommandPalette, MainAreaWidget, WidgetTracker } from "@jupyterlab/apputils"
import { INotebookTracker } from "@jupyterlab/notebook"
import { ISettingRegistry } from "@jupyterlab/settingregistry"
import { ITranslator, nullTranslator } from "@jupyterlab/translation"
import { addCommands, CommandIDs } from "../commands/commands.js"
import { labHost } from "../commands/labHost.js"
import { defaultSettings, type PanelSettings, readSettings } from "../settings/PanelSettings.js"
import { ITelemetryHub } from "../tokens.js"
import { PanelWidget } from "./PanelWidget.js"
import { tabIcon } from "./tabIcon.js"

const id = "@shardlab/extension:panel"
const sidePanelId = "shardlab-panel"

export const panelPlugin: JupyterFrontEndPlugin<void> = {
  id,
  description: "Shows shards, devices, training and scaling policies on one time axis.",
  autoStart: true,
  requires: [ITelemetryHub, INotebookTracker],
  optional: [ISettingRegistry, ICommandPalette, ILayoutRestorer, ITranslator],
  activate,
}

function activate(
  app: JupyterFrontEnd,
  hub: ITelemetryHub,
  notebooks: INotebookTracker,
  registry: ISettingRegistry | null,
  palette: ICommandPalette | null,
  restorer: ILayoutRestorer | null,
  translator: ITranslator | null,
): void {
  const trans = (translator ?? nullTranslator).load("shardlab")
  const host = labHost(notebooks, app.commands)
  const side = new PanelWidget(hub, host, { wide: false })
  side.id = sidePanelId
  side.title.icon = tabIcon
  side.title.caption = trans.__("shardlab: shards, devices, training, policies")
  app.shell.add(side, "right", { rank: 100 })
  restorer?.add(side, sidePanelId)

  const dashboards = new WidgetTracker<MainAreaWidget<PanelWidget>>({ namespace: "shardlab-dashboard" })
  let settings = defaultSettings
  const openDashboard = () => {
    const open = dashboards.currentWidget ?? newDashboard(hub, host, settings, trans.__("shardlab"))
    if (!dashboards.has(open)) void dashboards.add(open)
    if (!open.isAttached) app.shell.add(open, "main")
    app.shell.activateById(open.id)
  }
  addCommands(app.commands, { showPanel: () => app.shell.activateById(sidePanelId), openDashboard }, trans)
  for (const command of Object.values(CommandIDs)) palette?.addItem({ command, category: "shardlab" })
  void restorer?.restore(dashboards, { command: CommandIDs.openDashboard, name: () => "dashboard" })

  const apply = (next: PanelSettings) => {
    settings = next
    side.panel.configure(next)
    dashboards.forEach(dashboard => {
      dashboard.content.panel.configure(next)
    })
  }
  void load(registry, apply).then(() => {
    if (settings.showAtStart) showOnce(hub, () => app.shell.activateById(sidePanelId))
  })
}

function newDashboard(
  hub: ITelemetryHub,
  host: ReturnType<typeof labHost>,
  settings: PanelSettings,
  label: string,
): MainAreaWidget<PanelWidget> {
  const content = new PanelWidget(hub, host, { wide: true, ...settings })
  const widget = new MainAreaWidget({ content })
  widget.id = "shardlab-dashboard"
  widget.title.label = label
  widget.title.icon = tabIcon
  widget.title.closable = true
  return widget
}

/** Without a registry (an embedded JupyterLab) the defaults hold. */
async function load(
  registry: ISettingRegistry | null,
  apply: (settings: PanelSettings) => void,
): Promise<void> {
  const settings = await registry?.load(id)
  if (settings === undefined) return
  apply(readSettings(settings))
  settings.changed.connect(() => apply(readSettings(settings)))
}

/** When the first of our kernels is there, once a page. */
function showOnce(hub: ITelemetryHub, show: () => void): void {
  const look = () => {
    if (hub.subject.kind !== "ours") return
    hub.changed.disconnect(look)
    show()
  }
  hub.changed.connect(look)
  look()
}
