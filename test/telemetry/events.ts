// Small makers of telemetry events for the tests of this folder.
import type { TelemetryEvent } from "../../kernel/src/telemetry/events.js"
import { columnsOf, type ShardRow } from "../../kernel/src/telemetry/shardColumns.js"

export function sample(t: number, util = 0.5): TelemetryEvent {
  return { kind: "device.sample", t, id: "cpu", name: "CPU", util, mem: 2 ** 30, memMax: 2 ** 34 }
}

export function shard(id: number, values: Partial<ShardRow> = {}): ShardRow {
  return { id, state: 0, worker: 0, attempt: 1, start: 0, ms: 0, rows: 0, bytes: 0, spill: 0, ...values }
}

export function batch(stage: string, rows: readonly ShardRow[], t: number): TelemetryEvent {
  return { kind: "shard.batch", t, stage, columns: columnsOf(rows) }
}
