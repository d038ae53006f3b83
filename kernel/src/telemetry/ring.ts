// What the kernel remembers of its events, so that a panel opened or reloaded late sees the session so far. Bounded: each
// kind has its own limit, so an hour of device samples never pushes out the cells and decisions beside them. Not a
// transport and not a log file: nothing survives the kernel.

import type { EventKind, ShardBatch, TelemetryEvent } from "./events.js"
import { mergeColumns } from "./shardColumns.js"

/** Events kept of each kind; for `shard.batch`, the deltas kept before the oldest are folded into their stage's frame. */
export type RingLimits = Partial<Record<EventKind, number>>

const defaultLimit = 5_000
const defaultLimits: RingLimits = {
  "device.sample": 14_400,
  "train.step": 7_200,
  "pool.count": 7_200,
  "shard.batch": 256,
  log: 500,
}

interface Entry<E extends TelemetryEvent = TelemetryEvent> {
  readonly seq: number
  readonly event: E
}
type ShardEvent = Extract<TelemetryEvent, ShardBatch>

export class RingBuffer {
  readonly #limits: RingLimits
  readonly #kinds = new Map<EventKind, Entry[]>()
  /** Stage to the folded state of its shards; `seq` is that of the last delta folded in. */
  readonly #frames = new Map<string, Entry<ShardEvent>>()
  #seq = 0

  constructor(limits: RingLimits = {}) {
    this.#limits = { ...defaultLimits, ...limits }
  }

  /** Records an event and returns its sequence number, from 1. */
  push(event: TelemetryEvent): number {
    const entry = { seq: ++this.#seq, event }
    const entries = this.#kinds.get(event.kind)
    if (entries) entries.push(entry)
    else this.#kinds.set(event.kind, [entry])
    this.#trim(event.kind)
    return this.#seq
  }

  /**
   * What a reader who has seen everything up to `seq` still needs, oldest first. Shards whose deltas were folded come as
   * one full frame of their stage, so a reader applies them like any other batch.
   */
  since(seq = 0): { seq: number; events: TelemetryEvent[] } {
    const entries: Entry[] = [...this.#frames.values()].filter(frame => frame.seq > seq)
    for (const kept of this.#kinds.values()) entries.push(...kept.slice(firstAfter(kept, seq)))
    entries.sort((a, b) => a.seq - b.seq)
    return { seq: this.#seq, events: entries.map(entry => entry.event) }
  }

  /** Trims by an eighth at a time, so that a full buffer does not move its array on every event. */
  #trim(kind: EventKind): void {
    const entries = this.#kinds.get(kind)!
    const limit = this.#limits[kind] ?? defaultLimit
    if (entries.length <= limit) return
    const dropped = entries.splice(0, entries.length - limit + Math.floor(limit / 8))
    if (kind === "shard.batch") this.#fold(dropped as Entry<ShardEvent>[])
    else if (kind === "stage.start") for (const { event } of dropped) this.#forgetStage(event)
  }

  #fold(dropped: readonly Entry<ShardEvent>[]): void {
    for (const stage of new Set(dropped.map(entry => entry.event.stage))) {
      const deltas = dropped.filter(entry => entry.event.stage === stage)
      const frame = this.#frames.get(stage)
      const batches = (frame ? [frame, ...deltas] : deltas).map(entry => entry.event.columns)
      const { seq, event } = deltas.at(-1)!
      this.#frames.set(stage, { seq, event: { ...event, columns: mergeColumns(batches) } })
    }
  }

  #forgetStage(event: TelemetryEvent): void {
    if (event.kind === "stage.start") this.#frames.delete(event.stage)
  }
}

function firstAfter(entries: readonly Entry[], seq: number): number {
  let [low, high] = [0, entries.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (entries[middle]!.seq > seq) high = middle
    else low = middle + 1
  }
  return low
}
