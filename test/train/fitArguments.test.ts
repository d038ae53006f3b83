// What `fit` takes beside tfjs's own arguments is known to the checker of cells. That it runs: together.real.test.ts.
import { resolve } from "node:path"
import { expect, test } from "vitest"
import { inProcessChecker } from "../../kernel/src/cell/inProcessChecker.js"

test("a cell may say stepsPerExecution to fit and fitDataset; a text is refused", async () => {
  const checker = inProcessChecker({ cwd: resolve(import.meta.dirname, "../../notebooks") })
  const cell = (steps: string) => `import { tf } from "shardlab"
const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [2], units: 1 })] })
model.compile({ optimizer: "sgd", loss: "meanSquaredError" })
await model.fit(tf.ones([8, 2]), tf.ones([8, 1]), { epochs: 2, batchSize: 2, ${steps} })
const rows = tf.data.array([{ xs: [1, 2], ys: [1] }]).batch(1)
await model.fitDataset(rows, { epochs: 2, ${steps} })`
  const messages = async (steps: string) =>
    (await checker.check(cell(steps), { id: steps, n: 1 })).diagnostics.map(({ message }) => message)
  expect(await messages("stepsPerExecution: 4")).toEqual([])
  const twice = (text: string) => [expect.stringContaining(text), expect.stringContaining(text)]
  expect(await messages('stepsPerExecution: "four"')).toEqual(twice("not assignable to type 'number"))
}, 60_000)
