// JupyterLab with our kernel, as the tests in the browser use it: a page without pop-ups, a notebook on our kernel, and
// what can be read of the panel.

import type { IJupyterLabPageFixture } from "@jupyterlab/galata"
import { test as base, expect, galata } from "@jupyterlab/galata"

export type Lab = IJupyterLabPageFixture

export const test = base.extend({
  mockSettings: {
    ...galata.DEFAULT_SETTINGS,
    "@jupyterlab/apputils-extension:notification": { fetchNews: "false", checkForUpdates: false },
  },
})
export { expect }

/** A new notebook on our kernel; resolves when the kernel is connected to the panel. */
export async function newNotebook(page: Lab, name?: string): Promise<void> {
  await page.notebook.createNew(name, { kernel: "shardlab" })
  await expect(sidePanel(page)).toContainText("is connected", { timeout: 60_000 })
}

export function sidePanel(page: Lab) {
  return page.locator(".shardlab-mod-narrow")
}

export function lane(page: Lab, name: string) {
  return sidePanel(page).locator(`[data-lane="${name}"]`)
}

/** Runs code in the last cell and waits for its end. */
export async function runCell(page: Lab, index: number, code: string): Promise<void> {
  await page.notebook.setCell(index, "code", code)
  await page.notebook.runCell(index)
}

export async function useTheme(page: Lab, theme: "JupyterLab Dark" | "JupyterLab Light"): Promise<void> {
  await page.theme.setTheme(theme)
}
