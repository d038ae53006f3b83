// Searches on real worker processes: objectives and trainings travel there, fail there, and lose their workers there.
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { read } from "../../kernel/lib/runner/dataframes.js"
import { type Pool, workers } from "../../kernel/lib/runner/pools.js"
import { tune } from "../../kernel/lib/runner/tuning.js"

let pool: Pool
const folder = mkdtempSync(join(tmpdir(), "shardlab-tuning-"))
beforeAll(async () => {
  pool = await workers({ min: 2, max: 2, name: "tune test" })
})
afterAll(async () => {
  await pool.close()
  rmSync(folder, { recursive: true, force: true })
})

// vitest rewrites imports and adds helpers, so functions come as text here.
const fn = <T>(source: string) => new Function(`return ${source}`)() as T
type Objective = Parameters<typeof tune>[1]
const space = { x: { from: -2, to: 2 }, y: { from: 0.01, to: 100, log: true } }

test("an objective: the best of many, the same for the same seed, in two processes", async () => {
  const objective = fn<Objective>(
    "async ({ x, y }) => (x - 1) ** 2 + Math.log10(y) ** 2 + (process.pid > 0 ? 0 : 1)",
  )
  const found = await tune(space, objective, { pool, trials: 60, seed: 5 })
  expect(found.best!.value).toBeLessThan(0.3)
  expect(found.trials).toHaveLength(60)
  const again = await tune(space, objective, { pool, trials: 60, seed: 5 })
  expect(again.trials.map(({ id, value }) => [id, value])).toEqual(
    found.trials.map(({ id, value }) => [id, value]),
  )
})

test("hyperband gives the better ones more epochs", async () => {
  const objective = fn<Objective>("({ x }, { epochs }) => Math.abs(x) + 1 / epochs")
  const found = await tune(space, objective, { pool, method: "hyperband", epochs: 9, seed: 2 })
  expect(found.trials).toHaveLength(9 + 5 + 3)
  expect(found.best!.epochs).toBe(9)
  expect(found.trials.filter(({ status }) => status === "stopped").length).toBe(8 + 4)
})

test("a trial that throws has failed, and the search goes on", async () => {
  const objective = fn<Objective>(
    "({ x }) => { if (x > 1) throw new RangeError('too far'); return x > 0 ? NaN : x }",
  )
  const found = await tune(space, objective, { pool, trials: 30, seed: 1 })
  expect(found.best!.params.x).toBeLessThan(0)
  const errors = new Set(found.trials.map(({ error }) => error))
  expect(errors).toEqual(
    new Set([undefined, "RangeError: too far", "TypeError: the objective gave no number"]),
  )
})

test("a trial whose worker is killed runs again; one that kills every worker has failed", async () => {
  const marker = join(folder, "killed")
  const source = `async ({ x }, { id }) => {
    const { existsSync, writeFileSync } = await __shardlab_import("node:fs")
    if (id === 2 && !existsSync(${JSON.stringify(marker)})) {
      writeFileSync(${JSON.stringify(marker)}, "")
      process.kill(process.pid, "SIGKILL")
    }
    if (id === 3) process.kill(process.pid, "SIGKILL")
    return x
  }`
  const found = await tune(space, fn<Objective>(source), { pool, trials: 6, seed: 1 })
  expect(existsSync(marker)).toBe(true)
  const of = (id: number) => found.trials.find(trial => trial.id === id)!
  expect(of(2)).toMatchObject({ status: "done", error: undefined })
  expect(of(3)).toMatchObject({ status: "failed", error: expect.stringMatching(/^its worker was lost/) })
  expect(found.trials.filter(({ status }) => status === "done")).toHaveLength(5)
})

test("a training on a frame: a parameter that is an option is that option, rungs go on from checkpoints", async () => {
  const rows = Array.from({ length: 200 }, (_, i) => ({ a: Math.cos(i), b: Math.sin(i * 1.7) }))
  const data = read.rows(rows.map(({ a, b }) => ({ a, b, y: 2 * a - b })))
  const model = fn<never>(`async ({ rate }) => {
    const { tf } = await __shardlab_import("shardlab")
    const made = tf.sequential({ layers: [tf.layers.dense({ inputShape: [2], units: 1, kernelInitializer: "zeros" })] })
    made.compile({ optimizer: tf.train.sgd(rate), loss: "meanSquaredError" })
    return made
  }`)
  const found = await tune(
    { rate: { from: 1e-4, to: 0.5, log: true }, batchSize: [20, 50] },
    { model, data, label: "y", validationSplit: 0.2 },
    { pool, method: "hyperband", epochs: 3, folder: join(folder, "trials") },
  )
  expect(found.trials).toHaveLength(3 + 2)
  const { best } = found
  expect(best!.epochs).toBe(3)
  expect(best!.params.rate).toBeGreaterThan(Math.min(...found.trials.map(({ params }) => params.rate)))
  // 3 epochs of about 160 rows, wherever the second rung began.
  const [newest] = readdirSync(best!.folder!)
  const steps = Number(newest!.split("-")[1])
  expect(steps).toBeGreaterThanOrEqual(3 * Math.floor(140 / best!.params.batchSize))
  expect(steps).toBeLessThanOrEqual(3 * Math.ceil(180 / best!.params.batchSize))
})

test("what cannot travel and what is no option is said before anything runs", async () => {
  await expect(tune(space, { model: 3 } as never, { pool })).rejects.toThrow(/`model` is a number/)
  const data = read.rows([{ a: 1, y: 1 }])
  const model = fn<never>("() => 1")
  await expect(tune(space, { model, data, label: "y", epoch: 3 } as never, { pool })).rejects.toThrow(
    /no option `epoch`/,
  )
})
