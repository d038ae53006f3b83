// Events to and from their form on the comm: JSON, with the columns of shard batches in the message's binary buffers
// (little-endian, as typed arrays lie in memory). Not the transport, and no version check: the comm's hello does that.

import type { ShardColumns, TelemetryEvent, WireEvent } from "./events.js"
import { columnNames, columnTypes } from "./shardColumns.js"

/** JSON-ready events and the buffers that their `columns` index. The buffers share memory with the events. */
export function toWire(events: readonly TelemetryEvent[]): { events: WireEvent[]; buffers: Uint8Array[] } {
  const buffers: Uint8Array[] = []
  const wire = events.map((event): WireEvent => {
    if (event.kind !== "shard.batch") return event
    const columns = {} as Record<keyof ShardColumns, number>
    for (const name of columnNames) {
      const { buffer, byteOffset, byteLength } = event.columns[name]
      columns[name] = buffers.push(new Uint8Array(buffer, byteOffset, byteLength)) - 1
    }
    return { ...event, columns }
  })
  return { events: wire, buffers }
}

/** The inverse of `toWire`. Throws a RangeError when a batch names a buffer that did not arrive. */
export function fromWire(events: readonly WireEvent[], buffers: readonly Uint8Array[]): TelemetryEvent[] {
  return events.map((event): TelemetryEvent => {
    if (event.kind !== "shard.batch") return event
    const columns: Record<string, unknown> = {}
    for (const name of columnNames) {
      const bytes = buffers[event.columns[name]]
      if (!bytes)
        throw new RangeError(`shard.batch: buffer ${event.columns[name]} of ${buffers.length} is missing`)
      // A copy, because a message's buffers need not be aligned for 8-byte elements.
      columns[name] = new columnTypes[name](bytes.slice().buffer as ArrayBuffer)
    }
    return { ...event, columns: columns as unknown as ShardColumns }
  })
}
