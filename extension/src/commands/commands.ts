// The panel's commands. Each does one thing that a button, the palette or a keyboard shortcut may ask for.

import type { TranslationBundle } from "@jupyterlab/translation"
import type { CommandRegistry } from "@lumino/commands"
import { tabIcon } from "../panel/tabIcon.js"

export const CommandIDs = {
  showPanel: "shardlab:show-panel",
  openDashboard: "shardlab:open-dashboard",
} as const

export interface CommandActions {
  showPanel(): void
  openDashboard(): void
}

const noArguments = { args: { type: "object", properties: {} } } as const

export function addCommands(
  commands: CommandRegistry,
  actions: CommandActions,
  trans: TranslationBundle,
): void {
  commands.addCommand(CommandIDs.showPanel, {
    label: trans.__("Show the shardlab panel"),
    caption: trans.__("Shards, devices, training and policies of the current notebook"),
    icon: tabIcon,
    describedBy: noArguments,
    execute: actions.showPanel,
  })
  commands.addCommand(CommandIDs.openDashboard, {
    label: trans.__("Open the shardlab dashboard"),
    caption: trans.__("The panel in the main area, with all readouts"),
    icon: tabIcon,
    describedBy: noArguments,
    execute: actions.openDashboard,
  })
}
