// A device that is lost in the middle of a training, on the real plugin with a failure put where the plugin's own would come
// from: the error says so, the model is that of the last whole step, and the run goes on from its checkpoint.
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test, vi } from "vitest"
import { PjrtError } from "../../kernel/src/device/pjrt/api.js"
import { Client } from "../../kernel/src/device/pjrt/client.js"
import type { Tf } from "../../kernel/src/train/tf.js"
import { train } from "../../kernel/src/train/train.js"
import { difference, xla } from "./onXla.js"

let tf: Tf
const folder = mkdtempSync(join(tmpdir(), "shardlab-lost-"))
beforeAll(async () => {
  tf = await xla()
})
afterAll(() => {
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true, force: true })
})

function model() {
  const made = tf.sequential({
    layers: [tf.layers.dense({ inputShape: [3], units: 1, kernelInitializer: "ones" })],
  })
  made.compile({ optimizer: tf.train.adam(0.05), loss: "meanSquaredError" })
  return made
}
const weightsOf = (made: ReturnType<typeof model>) =>
  made.getWeights().flatMap(weight => Array.from(weight.dataSync()))

test("the error names the device; weights stay whole; the checkpoint before is gone on from, equal to the bit", async () => {
  const x = tf.randomNormal([80, 3], 0, 1, "float32", 4)
  const data = { x, y: tf.sum(x, 1, true).square() }
  const options = { data, batchSize: 8, epochs: 3 }
  const [unbroken, afterSteps] = [model(), new Map<number, number[]>()]
  const onBatchEnd = async () => {
    const { iterations } = unbroken.optimizer as unknown as { iterations: number }
    afterSteps.set(iterations, weightsOf(unbroken))
  }
  await train(unbroken, { ...options, callbacks: { onBatchEnd } })

  const { attempt } = Client.prototype
  let fails = false
  vi.spyOn(Client.prototype, "attempt").mockImplementation(function (this: Client, doing, call) {
    if (!fails || doing !== "running a program") return attempt.call(this, doing, call)
    fails = false
    throw this.explain(doing, new PjrtError(14, "the device is gone"))
  })
  const broken = model()
  const checkpoint = { folder, every: 4 }
  const error = await train(broken, {
    ...options,
    checkpoint,
    callbacks: {
      onBatchBegin: async (batch: number) => {
        const { iterations } = broken.optimizer as unknown as { iterations: number }
        fails = iterations > 14 && batch === 6
      },
    },
  }).catch(reason => reason)
  expect(error).toMatchObject({ code: "DEVICE_LOST" })
  expect(error.message).toMatch(/cpu failed while running a program: the device is gone/)
  expect(error.hint).toContain("checkpoint")
  const { iterations } = broken.optimizer as unknown as { iterations: number }
  expect(iterations).toBe(16)
  expect(difference(afterSteps.get(16)!, weightsOf(broken))).toBe(0)

  const resumed = model()
  const run = await train(resumed, { ...options, checkpoint, resume: true })
  expect(run.resumedAt).toBe(16)
  expect(weightsOf(resumed)).toEqual(weightsOf(unbroken))
})
