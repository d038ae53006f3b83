import fc from "fast-check"
import { expect, test } from "vitest"
import { fromWire, toWire } from "../../kernel/src/telemetry/codec.js"
import type { TelemetryEvent } from "../../kernel/src/telemetry/events.js"
import { RingBuffer } from "../../kernel/src/telemetry/ring.js"
import { columnsOf, type ShardRow } from "../../kernel/src/telemetry/shardColumns.js"
import { batch, sample, shard } from "./events.js"

const cell: TelemetryEvent = { kind: "cell.start", t: 1, n: 1, head: "1" }

test("a reader who has seen seq gets exactly what came after", () => {
  const ring = new RingBuffer()
  for (let i = 0; i < 5; i++) expect(ring.push(sample(i))).toBe(i + 1)
  const { seq, events } = ring.since(3)
  expect(seq).toBe(5)
  expect(events.map(event => event.t)).toEqual([3, 4])
  expect(ring.since(5)).toEqual({ seq: 5, events: [] })
})

test("an hour of samples does not push out the cell that started before them", () => {
  const ring = new RingBuffer({ "device.sample": 100 })
  ring.push(cell)
  for (let i = 0; i < 3600; i++) ring.push(sample(i))
  const { events } = ring.since()
  expect(events[0]).toEqual(cell)
  expect(events.length).toBeLessThanOrEqual(101)
  expect(events.at(-1)?.t).toBe(3599)
})

test("old shard batches fold into one frame of the stage with the latest state of every shard", () => {
  const ring = new RingBuffer({ "shard.batch": 8 })
  for (let i = 0; i < 100; i++) ring.push(batch("scan", [shard(i % 10, { state: i < 90 ? 1 : 2, ms: i })], i))
  const { events } = ring.since()
  expect(events.length).toBeLessThanOrEqual(9)
  expect(latest(events).map(row => [row.id, row.state, row.ms])).toEqual(
    Array.from({ length: 10 }, (_, id) => [id, 2, 90 + id]),
  )
})

test("replaying from any point gives the same shards as having listened throughout", () => {
  const rows = fc.array(
    fc.record({ id: fc.nat(20), state: fc.nat(5), stage: fc.constantFrom("a", "b"), ms: fc.nat(1000) }),
    { minLength: 1, maxLength: 200 },
  )
  fc.assert(
    fc.property(rows, fc.nat(200), (updates, cut) => {
      const ring = new RingBuffer({ "shard.batch": 5 })
      const heard: TelemetryEvent[] = []
      const all: TelemetryEvent[] = []
      let seen = 0
      for (const [i, { stage, ...row }] of updates.entries()) {
        const event = batch(stage, [shard(row.id, row)], i)
        all.push(event)
        const seq = ring.push(event)
        if (i < cut) {
          heard.push(event)
          seen = seq
        }
      }
      const rejoined = [...heard, ...ring.since(seen).events]
      for (const stage of ["a", "b"]) expect(latest(rejoined, stage)).toEqual(latest(all, stage))
    }),
  )
})

test("events survive the wire, also from buffers that are not aligned", () => {
  const events = [cell, batch("scan", [shard(7, { start: 1.5e12, rows: 2 ** 40, ms: 12.5 })], 3)]
  const wire = toWire(events)
  const json = JSON.parse(JSON.stringify(wire.events)) as typeof wire.events
  const shifted = wire.buffers.map(bytes => {
    const wide = new Uint8Array(bytes.length + 3)
    wide.set(bytes, 3)
    return wide.subarray(3)
  })
  expect(fromWire(json, shifted)).toEqual(events)
  expect(() => fromWire(json, [])).toThrow(/buffer 0 of 0 is missing/)
})

function latest(events: readonly TelemetryEvent[], stage = "scan"): ShardRow[] {
  const rows = new Map<number, ShardRow>()
  for (const event of events) {
    if (event.kind !== "shard.batch" || event.stage !== stage) continue
    event.columns.id.forEach((id, i) => {
      const row = Object.fromEntries(
        Object.entries(event.columns).map(([name, column]) => [name, column[i]]),
      ) as ShardRow
      rows.set(id, row)
    })
  }
  return [...rows.values()].sort((a, b) => a.id - b.id)
}

test("columns hold what rows said", () => {
  expect([...columnsOf([shard(3, { bytes: 9 })]).bytes]).toEqual([9])
})
