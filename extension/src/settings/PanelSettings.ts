// The user's settings of the panel (schema/panel.json), as one plain object with defaults.

import type { ISettingRegistry } from "@jupyterlab/settingregistry"
import { type LaneName, laneNames } from "../charts/Lane.js"

export interface PanelSettings {
  /** Minutes shown while following. */
  readonly minutes: number
  readonly hiddenLanes: readonly LaneName[]
  /** Show the side panel when the first notebook on our kernel opens. */
  readonly showAtStart: boolean
}

export const defaultSettings: PanelSettings = { minutes: 5, hiddenLanes: [], showAtStart: true }

export function readSettings(settings: ISettingRegistry.ISettings): PanelSettings {
  const composite = settings.composite as Partial<Record<keyof PanelSettings, unknown>>
  const { minutes, hiddenLanes, showAtStart } = composite
  const lanes = Array.isArray(hiddenLanes) ? hiddenLanes : []
  return {
    minutes: typeof minutes === "number" && minutes > 0 ? minutes : defaultSettings.minutes,
    hiddenLanes: laneNames.filter(name => lanes.includes(name)),
    showAtStart: typeof showAtStart === "boolean" ? showAtStart : defaultSettings.showAtStart,
  }
}
