// A loop whose shapes change each step compiles each step: it is noticed, said once with its cause, and counted.
import { beforeAll, expect, test } from "vitest"
import { subscribe } from "../../kernel/src/telemetry/bus.js"
import type { TelemetryEvent } from "../../kernel/src/telemetry/events.js"
import { backendReport } from "../../kernel/src/train/backend.js"
import type { Tf } from "../../kernel/src/train/tf.js"
import { xla } from "./onXla.js"

let tf: Tf
beforeAll(async () => {
  tf = await xla()
})

test("shapes that change each step", () => {
  const events: TelemetryEvent[] = []
  const unsubscribe = subscribe(event => events.push(event))
  const w = tf.variable(tf.ones([3, 2]))
  const optimizer = tf.train.adam(0.01)
  const step = (rows: number) => {
    const x = tf.ones([rows, 3])
    const loss = () =>
      tf
        .matMul(x, w as never)
        .square()
        .mean()
        .asScalar()
    optimizer.minimize(loss)
  }
  for (let i = 0; i < 30; i++) step(8)
  expect(backendReport()).toMatchObject({ storms: 0, storm: undefined })
  for (let rows = 10; rows < 22; rows++) step(rows)
  unsubscribe()
  const { storms, storm } = backendReport()
  expect(storms).toBe(1)
  expect(storm).toMatch(
    /10 programs were compiled within 20 steps.*was f32\[\d+,\d+\] and is f32\[\d+,\d+\].*pad/s,
  )
  const logs = events.filter(event => event.kind === "log" && event.text.includes("programs were compiled"))
  expect(logs).toHaveLength(1)
})
