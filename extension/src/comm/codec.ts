// A kernel's message to events. Not the transport. Takes the contract's types only, so the column types stand here too:
// little-endian, in the message's binary buffers.

import type { KernelMessage, ShardColumns, SnapshotEvent, TelemetryEvent, WireEvent } from "shardlab/events"

export const telemetryVersion = 1
export const telemetryComm = "shardlab.telemetry.v1"

const columnTypes = {
  id: Uint32Array,
  state: Uint8Array,
  worker: Uint16Array,
  attempt: Uint8Array,
  start: Float64Array,
  ms: Float32Array,
  rows: Float64Array,
  bytes: Float64Array,
  spill: Float64Array,
} as const
export const columnNames = Object.keys(columnTypes) as (keyof ShardColumns)[]

export type Buffers = readonly (ArrayBuffer | ArrayBufferView)[]

/** True for data that is one of the kernel's messages, of any version. */
export function isKernelMessage(data: unknown): data is KernelMessage {
  const type = (data as { type?: unknown } | null)?.type
  return type === "replay" || type === "events" || type === "error"
}

/** Events with their columns read. A batch whose buffers are missing or of unequal length is dropped. */
export function decodeEvents(events: readonly WireEvent[], buffers: Buffers): TelemetryEvent[] {
  return events.flatMap((event): TelemetryEvent[] => {
    if (event.kind !== "shard.batch") return [event]
    const columns = readColumns(name => decodeColumn(name, buffers[event.columns[name]]))
    return columns ? [{ ...event, columns }] : []
  })
}

/** The same for a snapshot, whose columns are plain arrays. */
export function decodeSnapshot(events: readonly SnapshotEvent[]): TelemetryEvent[] {
  return events.flatMap((event): TelemetryEvent[] => {
    if (event.kind !== "shard.batch") return [event]
    const columns = readColumns(name => columnTypes[name].from(event.columns[name] ?? []))
    return columns ? [{ ...event, columns }] : []
  })
}

function readColumns(
  read: (name: keyof ShardColumns) => ArrayLike<number> | undefined,
): ShardColumns | undefined {
  const columns: Partial<Record<keyof ShardColumns, ArrayLike<number>>> = {}
  for (const name of columnNames) columns[name] = read(name)
  const length = columns.id?.length
  return columnNames.every(name => columns[name]?.length === length) && length !== undefined
    ? (columns as unknown as ShardColumns)
    : undefined
}

function decodeColumn(name: keyof ShardColumns, buffer: ArrayBuffer | ArrayBufferView | undefined) {
  const Column = columnTypes[name]
  if (!buffer) return undefined
  const bytes = ArrayBuffer.isView(buffer)
    ? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
    : new Uint8Array(buffer)
  if (bytes.length % Column.BYTES_PER_ELEMENT !== 0) return undefined
  // Copied, because a message's buffers need not be aligned for 8-byte elements.
  return new Column(bytes.slice().buffer as ArrayBuffer)
}
