// The panel in a real JupyterLab: from its empty state to five lanes of real data, in both themes, over a reload.
import { expect, type Lab, lane, newNotebook, runCell, sidePanel, test, useTheme } from "./lab"

const laneNames = ["cells", "shards", "devices", "training", "policy"] as const

/** Everything that fills a lane, in a few seconds. */
const work = `import { scale, tf, workers } from "shardlab"
const pool = await workers({ min: 1, max: 3 })
const loop = pool.autoscale(scale.hpa({ metric: "backlogPerWorker", target: 2, min: 1, max: 3, scaleDown: { stabilization: "1s" } }), { every: "250ms" })
await pool.map(Array.from({ length: 24 }, (_, i) => i), async i => { await new Promise(r => setTimeout(r, 150)); return i })
const net = tf.sequential({ layers: [tf.layers.dense({ inputShape: [8], units: 16, activation: "relu" }), tf.layers.dense({ units: 1 })] })
net.compile({ optimizer: "adam", loss: "meanSquaredError" })
await net.fit(tf.randomNormal([4096, 8], 0, 1, "float32", 1), tf.randomNormal([4096, 1], 0, 1, "float32", 2), { epochs: 40, batchSize: 32, verbose: 0 })
loop.stop()`

test("teaches the first command, which fills the cells, the shards and the map", async ({ page }) => {
  await newNotebook(page)
  const panel = sidePanel(page)
  await expect(panel.getByRole("heading", { name: "Nothing has run yet" })).toBeVisible()
  await shot(page, "empty")
  await panel.getByRole("button", { name: "Insert as a cell" }).click()
  const count = await page.notebook.getCellCount()
  await page.notebook.runCell(count - 1)
  await expect(lane(page, "cells")).toHaveAttribute("data-filled", "true")
  await expect(lane(page, "shards")).toHaveAttribute("data-filled", "true")
  await expect(panel.locator(".shardlab-Map")).toHaveAttribute("data-done", "4")
  await expect(page.locator(".shardlab-Status")).toContainText(/CPU \d+ %/)
})

test("five lanes hold data, stay after a reload, and the cell keeps a picture", async ({ page }) => {
  await newNotebook(page)
  await runCell(page, 0, work)
  for (const name of laneNames) await expect(lane(page, name)).toHaveAttribute("data-filled", "true")
  const drawn = await numbers(page)
  expect(drawn.decisions).toBeGreaterThanOrEqual(1)
  expect(drawn.workers).toBeGreaterThanOrEqual(2)
  expect(drawn.steps).toBeGreaterThanOrEqual(2)
  await shot(page, "side-panel-light")
  await useTheme(page, "JupyterLab Dark")
  await shot(page, "side-panel-dark")
  expect(await groundOf(page, ".shardlab-Snapshot")).toBeLessThan(90)
  await useTheme(page, "JupyterLab Light")

  const picture = page.locator(".jp-OutputArea .shardlab-Snapshot")
  await expect(picture).toBeVisible()
  await expect(picture.locator("figcaption strong")).toContainText("In [1]")
  const formats = await savedFormats(page)
  expect(formats).toEqual(
    expect.arrayContaining([
      "application/vnd.shardlab.snapshot.v1+json",
      "application/vnd.vegalite.v5+json",
      "image/png",
      "text/plain",
    ]),
  )

  // The last steps come a tick after the cell is done, so what a reload must keep is read here, not above.
  const kept = await settled(page)
  await page.notebook.save()
  // Not galata's reload, which waits for a launcher that a restored layout does not have.
  await Promise.all([page.waitForEvent("load"), page.evaluate(() => window.location.reload())])
  for (const name of laneNames) {
    await expect(lane(page, name), `${name} after the reload`).toHaveAttribute("data-filled", "true", {
      timeout: 60_000,
    })
  }
  const { decisions, steps, stages } = kept
  await expect.poll(() => numbers(page)).toMatchObject({ decisions, steps, stages })
})

test("the dashboard shows readouts at the crosshair, zooms, and explains decisions", async ({ page }) => {
  await newNotebook(page)
  await runCell(page, 0, work)
  await sidePanel(page).getByRole("button", { name: "Open the dashboard" }).click()
  const dashboard = page.locator(".shardlab-PanelWidget .shardlab-mod-wide")
  await expect(dashboard.locator("[data-lane='policy']")).toHaveAttribute("data-filled", "true")
  const lanes = (await dashboard.locator(".shardlab-Lanes").boundingBox())!
  await page.mouse.move(lanes.x + 300, lanes.y + 60)
  await expect(dashboard.locator(".shardlab-Axis-moment")).toHaveText(/^at \d\d:\d\d:\d\d$/)
  await page.mouse.down()
  await page.mouse.move(lanes.x + 400, lanes.y + 60)
  await expect(dashboard.locator(".shardlab-Brush-words")).toContainText("release to zoom")
  await page.mouse.up()
  const back = dashboard.getByRole("button", { name: /Back to the window before/ })
  await expect(back).toBeEnabled()
  await back.click()
  await expect(back).toBeDisabled()
  await dashboard.locator(".shardlab-DecisionMark").first().click()
  await expect(dashboard.locator(".shardlab-Why tbody tr")).toHaveCount(6)
  await shot(page, "dashboard")
})

test("a lost runner is explained above the lanes, and the next cell clears it", async ({ page }) => {
  await newNotebook(page)
  await runCell(page, 0, "process.exit(3)")
  const banner = sidePanel(page).locator(".shardlab-Banner")
  await expect(banner).toContainText("The runner stopped in In [1]")
  await expect(banner).toContainText("process.exit(3)")
  await runCell(page, 1, "1 + 1")
  await expect(banner).toBeHidden()
})

test("a notebook of another kernel says which, and what to do", async ({ page }) => {
  await page.notebook.createNew(undefined, { kernel: "python3" })
  await page.evaluate(() => void window.jupyterapp.commands.execute("shardlab:show-panel"))
  await expect(sidePanel(page)).toContainText("This notebook runs another kernel")
  await expect(page.locator(".shardlab-Status")).toBeHidden()
})

test("the table shows the same shards for the keyboard", async ({ page }) => {
  await newNotebook(page)
  await runCell(
    page,
    0,
    `import { workers } from "shardlab"\nconst pool = await workers({ min: 2 })\nawait pool.map([1, 2, 3], x => x)`,
  )
  const panel = sidePanel(page)
  await expect(lane(page, "shards")).toHaveAttribute("data-filled", "true")
  await panel.getByRole("button", { name: /as a table/ }).click()
  await expect(panel.locator(".shardlab-Table tbody tr")).toHaveCount(3)
  await expect(panel.locator(".shardlab-Table caption")).toContainText("3 shards")
})

/** The numbers once they have stood still for a second: the kernel sends every quarter of one. */
async function settled(page: Lab): Promise<Record<string, number>> {
  let last = await numbers(page)
  await expect
    .poll(
      async () => {
        const before = last
        last = await numbers(page)
        return JSON.stringify(before) === JSON.stringify(last)
      },
      { intervals: [1000] },
    )
    .toBe(true)
  return last
}

async function numbers(page: Lab): Promise<Record<string, number>> {
  const read = async (name: string, key: string) => Number(await lane(page, name).getAttribute(`data-${key}`))
  return {
    decisions: await read("policy", "decisions"),
    workers: await read("shards", "workers"),
    stages: await read("shards", "stages"),
    steps: await read("training", "steps"),
  }
}

/** Mean brightness, 0 to 255, of what a view has drawn of its lanes. */
async function groundOf(page: Lab, view: string): Promise<number> {
  return page.evaluate(selector => {
    const canvas = document.querySelector<HTMLCanvasElement>(`${selector} [data-lane="policy"] canvas`)!
    const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height)
    let [sum, weight] = [0, 0]
    for (let i = 0; i < data.length; i += 4) {
      sum += (data[i + 3]! * (data[i]! + data[i + 1]! + data[i + 2]!)) / 3
      weight += data[i + 3]!
    }
    return sum / weight
  }, view)
}

/** MIME types of the last output of the first cell, in the notebook's own model. */
async function savedFormats(page: Lab): Promise<string[]> {
  return page.evaluate(() => {
    const notebook = window.jupyterapp.shell.currentWidget as never as {
      content: { widgets: { model: { toJSON(): { outputs: { data?: object }[] } } }[] }
    }
    const { outputs } = notebook.content.widgets[0]!.model.toJSON()
    return Object.keys(outputs.at(-1)?.data ?? {})
  })
}

async function shot(page: Lab, name: string): Promise<void> {
  await page.waitForTimeout(400)
  await page.screenshot({ path: `${import.meta.dirname}/../.out/ui/shots/${name}.png` })
}
