// The kernel's message is read as it was written, and what is broken in it is dropped.
import { expect, test } from "vitest"
import {
  columnNames,
  decodeEvents,
  isKernelMessage,
  telemetryComm,
  telemetryVersion,
} from "../../extension/src/comm/codec.js"
import { shardStates } from "../../extension/src/store/ShardTable.js"
import { toWire } from "../../kernel/src/telemetry/codec.js"
import * as contract from "../../kernel/src/telemetry/events.js"
import { rowsOf } from "../../kernel/src/telemetry/shardColumns.js"
import { batch, shard } from "../telemetry/events.js"

const rows = [
  shard(4, { state: 1, worker: 300, start: 1.5e12, ms: 12.5, rows: 2 ** 40 }),
  shard(9, { state: 5 }),
]
const event = batch("s", rows, 7)

test("what the extension repeats of the contract is the contract", () => {
  expect(telemetryComm).toBe(contract.telemetryComm)
  expect(telemetryVersion).toBe(contract.telemetryVersion)
  expect([...shardStates]).toEqual([...contract.shardStates])
})

test("columns arrive as they left, also from buffers that are not aligned", () => {
  const { events, buffers } = toWire([event])
  const shifted = buffers.map(bytes => {
    const copy = new Uint8Array(bytes.length + 1)
    copy.set(bytes, 1)
    return new DataView(copy.buffer, 1)
  })
  for (const form of [buffers, shifted, buffers.map(bytes => bytes.slice().buffer)]) {
    const [read] = decodeEvents(JSON.parse(JSON.stringify(events)), form)
    expect(read).toMatchObject({ kind: "shard.batch", stage: "s", t: 7 })
    expect(rowsOf((read as typeof event & { kind: "shard.batch" }).columns)).toEqual(rows)
  }
})

test("a batch with a missing, cut or shorter buffer is dropped, the events around it stay", () => {
  const end = { kind: "stage.end", t: 8, stage: "s", status: "ok" } as const
  for (const name of columnNames) {
    const { events, buffers } = toWire([event, end])
    const at = (events[0] as { columns: Record<string, number> }).columns[name]!
    for (const broken of [undefined, buffers[at]!.subarray(0, buffers[at]!.length / 2)]) {
      const replaced = buffers.map((bytes, i) => (i === at ? broken : bytes)) as Uint8Array[]
      expect(decodeEvents(events, replaced), `${name}`).toEqual([end])
    }
  }
})

test("only the kernel's own messages are taken for such", () => {
  expect(isKernelMessage({ type: "replay" })).toBe(true)
  for (const data of [null, 3, "replay", {}, { type: "hello" }]) expect(isKernelMessage(data)).toBe(false)
})
