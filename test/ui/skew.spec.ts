// A skewed join on a real Spark standalone cluster with two workers, in a real JupyterLab: what the panel says of the stage,
// the shard and the workers. And Sail, which tells nothing of that, and of which the panel says so.
import { ensureCluster } from "../../extension/setup/cluster.mjs"
import { expect, type Lab, lane, newNotebook, runCell, sidePanel, test, useTheme } from "./lab"

/** Nine of ten orders are of one customer. */
const data = `import { connect, count, desc, read, sum, when } from "shardlab"
await read.range(2_000_000)
  .select(o => ({ customer: when(o.id.mod(10).eq(0), o.id.mod(1999)).otherwise(7), amount: o.id.mod(97) }))
  .write.parquet("orders.parquet")
await read.range(1_999)
  .select(c => ({ customer: c.id, segment: when(c.id.mod(3).eq(0), "home").when(c.id.mod(3).eq(1), "office").otherwise("school") }))
  .write.parquet("customers.parquet")`

/** Spark would mend the skew, or avoid it, by itself: it is told not to. */
const cluster = `const spark = await connect("spark", { workers: 2, conf: {
  "spark.sql.shuffle.partitions": "24",
  "spark.sql.autoBroadcastJoinThreshold": "-1",
  "spark.sql.adaptive.coalescePartitions.enabled": "false",
  "spark.sql.adaptive.skewJoin.enabled": "false",
} })`

const join = `const orders = await spark.read.parquet("orders.parquet")
const customers = await spark.read.parquet("customers.parquet")
await orders
  .join(customers, { on: "customer" })
  .groupBy("segment")
  .agg(o => ({ orders: count(), amount: sum(o.amount) }))
  .sort(desc("orders"))
  .collect()`

// The pictures of the first test stand in the README: of a size that is readable there, and sharp.
test.use({ viewport: { width: 1280, height: 800 }, deviceScaleFactor: 1.5 })

test.beforeAll(async () => {
  test.setTimeout(600_000)
  await ensureCluster("spark")
  await ensureCluster("sail")
})

test("a skewed join shows where the rows are, on which worker, and by how much", async ({ page }) => {
  test.setTimeout(400_000)
  await newNotebook(page, "skew.ipynb")
  for (const [index, code] of [data, cluster, join].entries()) await runCell(page, index, code)
  expect(await textOf(page, 2)).toContain("segment: 'office', orders: 1866633n")

  const map = sidePanel(page).locator(".shardlab-Map")
  await expect(map).toHaveAttribute("data-skewed", "1")
  await expect(map).toContainText("24 shards · join on customer, group by segment")
  const shards = lane(page, "shards")
  await expect(shards).toHaveAttribute("data-workers", "2")
  await expect(shards.locator(".shardlab-Lane-readout")).toContainText(/24 \/ 24.*skew\d{3}× rows/)
  await expect(shards.locator(".shardlab-Lane-note")).toBeHidden()

  const shard = await walkToSkewed(page)
  const tip = sidePanel(page).locator(".shardlab-Tip")
  const figures = /Rows1,[89]\d\d,\d{3}, \d{3}× the median \d,\d{3}Share9\d % of the stage's rows/
  await expect(tip).toContainText(figures)
  await expect(tip).toContainText(/Ran onexecutor [01]/)

  await sidePanel(page).press("f")
  await page.sidebar.close("left")
  await closeLauncher(page)
  await scrollTo(page, 2)
  await pointAt(page, shard)
  await picture(page, "skew-light")
  await useTheme(page, "JupyterLab Dark")
  await pointAt(page, shard)
  await picture(page, "skew-dark")

  await runCell(
    page,
    3,
    "(await spark.executors()).map(e => `${e.id}: ${e.cores} core, ${e.tasks.failed} failed`)",
  )
  expect(await textOf(page, 3)).toContain("[ '0: 1 core, 0 failed', '1: 1 core, 0 failed' ]")
})

test("what Sail does not tell is said, with no advice that would not help", async ({ page }) => {
  await newNotebook(page)
  await runCell(
    page,
    0,
    `import { connect } from "shardlab"\nconst sail = await connect("sail")\nawait sail.read.range(9).count()`,
  )
  const shards = lane(page, "shards")
  await expect(shards.locator(".shardlab-Lane-note")).toHaveText(/^Sail does not report progress: /)
  await expect(shards).not.toContainText("ui:")
  await picture(page, "sail")
})

/** Walks the map by keyboard to the shard that is marked; gives its number. */
async function walkToSkewed(page: Lab): Promise<number> {
  const canvas = sidePanel(page).locator(".shardlab-Map-canvas")
  const tip = sidePanel(page).locator(".shardlab-Tip")
  await canvas.focus()
  for (let shard = 0; shard < 24; shard++) {
    await canvas.press("ArrowRight")
    if ((await tip.locator(".shardlab-Chip").allTextContents()).includes("skewed")) return shard
  }
  throw new Error("no shard is marked as skewed")
}

/** Puts the pointer on a shard: cells are 18 pixels wide where there are few. */
async function pointAt(page: Lab, shard: number): Promise<void> {
  const canvas = sidePanel(page).locator(".shardlab-Map-canvas")
  const columns = Math.floor((await canvas.boundingBox())!.width / 18)
  const position = { x: (shard % columns) * 18 + 8, y: Math.floor(shard / columns) * 18 + 8 }
  await canvas.hover({ position })
  await expect(sidePanel(page).locator(".shardlab-Tip")).toContainText("skewed")
}

async function textOf(page: Lab, cell: number): Promise<string> {
  return ((await page.notebook.getCellTextOutput(cell)) ?? []).join("\n")
}

async function closeLauncher(page: Lab): Promise<void> {
  await page.evaluate(() => {
    const all = [...window.jupyterapp.shell.widgets("main")]
    all.find(({ title }) => title.label === "Launcher")?.close()
  })
}

async function scrollTo(page: Lab, cell: number): Promise<void> {
  await page.evaluate(async index => {
    const { content } = window.jupyterapp.shell.currentWidget as never as {
      content: { scrollToItem(index: number, align: string): Promise<void> }
    }
    await content.scrollToItem(index, "start")
  }, cell)
}

async function picture(page: Lab, name: string): Promise<void> {
  await page.waitForTimeout(400)
  await page.screenshot({ path: `${import.meta.dirname}/../.out/ui/shots/${name}.png` })
}
