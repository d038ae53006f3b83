// The tour in a real JupyterLab: every cell runs, all five lanes hold its data, and a reload in the middle of training
// loses nothing of the panel.
import { resolve } from "node:path"
import { expect, type Lab, lane, sidePanel, test } from "./lab"

const tour = resolve(import.meta.dirname, "../../notebooks/tour.ipynb")
const laneNames = ["cells", "shards", "devices", "training", "policy"] as const

test("the tour runs from top to bottom, and a reload while it trains restores the panel", async ({
  page,
  tmpPath,
}) => {
  test.setTimeout(600_000)
  await page.contents.uploadFile(tour, `${tmpPath}/tour.ipynb`)
  await page.notebook.openByPath(`${tmpPath}/tour.ipynb`)
  await expect(sidePanel(page)).toContainText("is connected", { timeout: 60_000 })
  await runAll(page)
  await expect.poll(() => ended(page), { timeout: 400_000, intervals: [2000] }).toBe(true)
  expect(await problems(page)).toEqual([])

  for (const name of laneNames) await expect(lane(page, name)).toHaveAttribute("data-filled", "true")
  await sidePanel(page).getByRole("button", { name: "Show the whole session" }).click()
  await page.waitForTimeout(800)
  await shot(page, "tour-end")
  await page.sidebar.close("left")
  await reveal(page, "pool.map(flights.shards(), scoreShard)", 420)
  await shot(page, "tour-scoring")
  await sidePanel(page).getByRole("button", { name: "Open the dashboard" }).click()
  await page.waitForTimeout(800)
  await shot(page, "tour-dashboard")
  await page.activity.closePanel("shardlab")

  const at = await reveal(page, "train(network")
  await page.notebook.save()
  // However long the reload takes, it is in the middle of the training.
  await start(page, at, ["epochs: 8", "epochs: 200"])
  const head = sidePanel(page).locator(".shardlab-Head")
  await expect(head).toContainText("In [*] training", { timeout: 60_000 })
  const before = await steps(page)
  await Promise.all([page.waitForEvent("load"), page.evaluate(() => window.location.reload())])
  await expect(head).toContainText("In [*] training", { timeout: 60_000 })
  for (const name of laneNames) await expect(lane(page, name)).toHaveAttribute("data-filled", "true")
  await expect.poll(() => steps(page)).toBeGreaterThanOrEqual(before)
  const restored = await steps(page)
  await expect.poll(() => steps(page), { timeout: 60_000 }).toBeGreaterThan(restored)
  await shot(page, "tour-reloaded")
})

const steps = async (page: Lab) => Number(await lane(page, "training").getAttribute("data-steps"))

async function runAll(page: Lab): Promise<void> {
  // Not awaited in the page: the command ends with the last cell.
  await page.evaluate(() => void window.jupyterapp.commands.execute("notebook:run-all-cells"))
}

/** Runs the cell with the first text replaced by the second. */
async function start(page: Lab, index: number, change: [string, string]): Promise<void> {
  const changed = await page.evaluate(
    ([i, [from, to]]) => {
      const { content } = window.jupyterapp.shell.currentWidget as never as {
        content: { activeCellIndex: number; widgets: { model: { sharedModel: SharedCell } }[] }
      }
      const { sharedModel } = content.widgets[i]!.model
      const source = sharedModel.getSource()
      sharedModel.setSource(source.replace(from, to))
      content.activeCellIndex = i
      void window.jupyterapp.commands.execute("notebook:run-cell")
      return source.includes(from)
    },
    [index, change] as const,
  )
  expect(changed).toBe(true)
}

interface SharedCell {
  getSource(): string
  setSource(source: string): void
}

interface CellModel {
  type: string
  executionCount?: number | null
  executionState?: string
  toJSON(): {
    source: string
    outputs?: { output_type: string; name?: string; ename?: string; evalue?: string }[]
  }
}

function ended(page: Lab): Promise<boolean> {
  return page.evaluate(() => {
    const { content } = window.jupyterapp.shell.currentWidget as never as {
      content: { widgets: { model: CellModel }[] }
    }
    const code = content.widgets.map(widget => widget.model).filter(model => model.type === "code")
    const failed = code.some(model => model.toJSON().outputs?.some(output => output.output_type === "error"))
    return failed || code.every(model => typeof model.executionCount === "number")
  })
}

/** Errors, and anything on stderr. */
function problems(page: Lab): Promise<string[]> {
  return page.evaluate(() => {
    const { content } = window.jupyterapp.shell.currentWidget as never as {
      content: { widgets: { model: CellModel }[] }
    }
    return content.widgets
      .flatMap(widget => widget.model.toJSON().outputs ?? [])
      .filter(output => output.output_type === "error" || output.name === "stderr")
      .map(output => `${output.ename ?? output.name}: ${output.evalue ?? ""}`)
  })
}

/** Scrolls to the code cell that holds `text`, and `more` pixels further, and gives its index. */
async function reveal(page: Lab, text: string, more = 0): Promise<number> {
  const index = await page.evaluate(async part => {
    const { content } = window.jupyterapp.shell.currentWidget as never as {
      content: {
        widgets: { model: CellModel }[]
        activeCellIndex: number
        scrollToItem(i: number, align: string): Promise<void>
      }
    }
    const at = content.widgets.findIndex(
      ({ model }) => model.type === "code" && model.toJSON().source.includes(part),
    )
    content.activeCellIndex = at
    await content.scrollToItem(at, "start")
    return at
  }, text)
  await page.waitForTimeout(1000)
  await page.evaluate(by => document.querySelector(".jp-WindowedPanel-outer")?.scrollBy(0, by), more)
  await page.waitForTimeout(500)
  return index
}

async function shot(page: Lab, name: string): Promise<void> {
  await page.screenshot({ path: `${import.meta.dirname}/../.out/ui/shots/${name}.png` })
}
