// Training where XLA is not to be had: tfjs's own backends do it, and say so once, on stdout and in the telemetry.
import { writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { startSession } from "../../kernel/lib/runner/session.js"
import type { TelemetryEvent } from "../../kernel/lib/telemetry/events.js"
import { runIn } from "./runIn.js"

const notAPlugin = join(tmpdir(), `shardlab-not-a-plugin-${process.pid}.so`)
writeFileSync(notAPlugin, "this is text")

const plugins = {
  "that is missing": ["/nowhere/plugin.so", /No XLA plugin was found. Looked at: \/nowhere\/plugin.so/],
  "that is no plugin": [notAPlugin, /The XLA plugin .*shardlab-not-a-plugin.* is not used/],
} as const

const training = `import { tf } from "shardlab"
const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [2], units: 1 })] })
model.compile({ optimizer: tf.train.sgd(0.1), loss: "meanSquaredError" })
const x = tf.tensor2d([[0, 0], [0, 1], [1, 0], [1, 1]]), y = tf.tensor2d([[0], [1], [1], [2]])
await model.fit(x, y, { epochs: 60, verbose: 0, stepsPerExecution: 2 })
Math.round((model.predict(tf.tensor2d([[1, 1]])) as import("@tensorflow/tfjs").Tensor).dataSync()[0]!)`

describe.each(Object.entries(plugins))("a plugin %s", (_, [path, reason]) => {
  test("falls back to wasm or cpu, said once", async () => {
    const session = await startSession({
      cwd: import.meta.dirname,
      sampleMs: 0,
      env: { SHARDLAB_PJRT_PLUGIN: path },
    })
    const logs: TelemetryEvent[] = []
    session.onTelemetry(event => event.kind === "log" && event.source === "train" && logs.push(event))
    const run = runIn(session)
    const first = await run(training)
    const second = await run(`${training} + 0`)
    const listed = await run("%gpu")
    await session.close()
    expect(first.outcome.status, JSON.stringify(first.outcome)).toBe("ok")
    expect(first.result).toBe("2")
    expect(first.text).toMatch(/^Training runs on tfjs (wasm|cpu), not on XLA/)
    expect(first.text).toMatch(reason)
    expect(second.text).toBe("")
    expect(logs).toHaveLength(1)
    expect(listed.result).toMatch(/no XLA device/)
  })
})
