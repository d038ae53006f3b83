// Events of one cell made small enough to stay in a notebook. What a reader acts on is kept whole as long as possible
// (cells, stages, epochs, decisions that changed something); samples and steps become means over equal spans, shards
// become groups of neighbours whose worst state wins. Each level keeps half as much, until the budget is met.

import {
  type DeviceSample,
  type ShardColumns,
  type Snapshot,
  type SnapshotEvent,
  shardStates,
  type TelemetryEvent,
  type TrainStep,
  telemetryVersion,
} from "../events.js"
import { columnNames, rowsOf, type ShardRow } from "../shardColumns.js"
import { subtitleOf, titleOf } from "./sentences.js"
import type { At, Story } from "./story.js"

/** The snapshot of `story` within `budget` bytes of JSON; `events` are those of the cell. */
export function thinSnapshot(story: Story, events: readonly TelemetryEvent[], budget: number): Snapshot {
  const frame = {
    version: telemetryVersion,
    title: titleOf(story),
    subtitle: subtitleOf(story),
    start: story.start,
    end: story.end,
  }
  for (let keep = 2048; keep >= 1; keep = Math.floor(keep / 2)) {
    const snapshot = { ...frame, events: thinEvents(events, keep) }
    if (Buffer.byteLength(JSON.stringify(snapshot)) <= budget) return snapshot
  }
  return { ...frame, events: [] }
}

/** At most about `keep` shards a stage, `keep / 4` samples a device and steps a run, and `keep / 4` of other kinds. */
function thinEvents(events: readonly TelemetryEvent[], keep: number): SnapshotEvent[] {
  const few = Math.max(2, Math.floor(keep / 4))
  const thinned: SnapshotEvent[] = []
  const groups = new Map<string, TelemetryEvent[]>()
  for (const event of events) {
    if (event.kind === "log") continue
    const key = groupOf(event)
    const group = groups.get(key)
    if (group) group.push(event)
    else groups.set(key, [event])
  }
  for (const group of groups.values()) thinned.push(...thinGroup(group, keep, few))
  return thinned.sort((a, b) => a.t - b.t)
}

/** Events that are thinned together: of one kind and of one device, run, stage or pool. */
function groupOf(event: TelemetryEvent): string {
  switch (event.kind) {
    case "device.sample":
      return `${event.kind} ${event.id}`
    case "train.step":
      return `${event.kind} ${event.run}`
    case "shard.batch":
      return `${event.kind} ${event.stage}`
    case "policy.decision":
      return `${event.kind} ${event.pool} ${event.dryRun} ${event.from === event.to}`
    default:
      return event.kind
  }
}

function thinGroup(group: readonly TelemetryEvent[], keep: number, few: number): SnapshotEvent[] {
  switch (group[0]!.kind) {
    case "device.sample":
      return spans(group as At<DeviceSample>[], few, meanSample)
    case "train.step":
      return spans(group as At<TrainStep>[], few, joinSteps)
    case "shard.batch":
      return [oneBatch(group as ShardEvent[], keep)]
    default:
      return spread(group as Exclude<TelemetryEvent, ShardEvent>[], few)
  }
}

/** Equal runs of neighbours, each joined to one. */
function spans<E>(events: readonly E[], limit: number, join: (events: readonly E[]) => E): E[] {
  const size = Math.ceil(events.length / limit)
  const joined: E[] = []
  for (let i = 0; i < events.length; i += size) joined.push(join(events.slice(i, i + size)))
  return joined
}

/** The first, the last, and evenly chosen ones between. */
function spread<E>(events: readonly E[], limit: number): E[] {
  if (events.length <= limit) return [...events]
  const step = (events.length - 1) / (limit - 1)
  return Array.from({ length: limit }, (_, i) => events[Math.round(i * step)]!)
}

function meanSample(samples: readonly At<DeviceSample>[]): At<DeviceSample> & { kind: "device.sample" } {
  const mean = (value: (sample: At<DeviceSample>) => number) =>
    samples.reduce((sum, sample) => sum + value(sample), 0) / samples.length
  const last = samples.at(-1)!
  const watts = last.watts === undefined ? {} : { watts: Math.round(mean(sample => sample.watts ?? 0)) }
  return {
    ...last,
    util: round(mean(sample => sample.util)),
    mem: Math.round(mean(sample => sample.mem)),
    ...watts,
  }
}

function joinSteps(steps: readonly At<TrainStep>[]): At<TrainStep> & { kind: "train.step" } {
  const sum = (value: (step: At<TrainStep>) => number) =>
    steps.reduce((total, step) => total + value(step), 0)
  return {
    ...steps.at(-1)!,
    loss: round(sum(step => step.loss) / steps.length),
    samples: sum(step => step.samples),
    ms: round(sum(step => step.ms)),
  }
}

type ShardEvent = Extract<TelemetryEvent, { kind: "shard.batch" }>

function oneBatch(batches: readonly ShardEvent[], keep: number): SnapshotEvent {
  const latest = new Map<number, ShardRow>()
  for (const { columns } of batches) for (const row of rowsOf(columns)) latest.set(row.id, row)
  const rows = [...latest.values()].sort((a, b) => a.id - b.id)
  const grouped = spans(rows, keep, joinShards)
  const columns = {} as Record<keyof ShardColumns, number[]>
  for (const name of columnNames) columns[name] = grouped.map(row => round(row[name], 6))
  const { t, stage, cell } = batches.at(-1)!
  return { kind: "shard.batch", t, ...(cell === undefined ? {} : { cell }), stage, columns }
}

const worstFirst = ["failed", "slow", "spilled", "running", "queued", "done"].map(state =>
  shardStates.indexOf(state as (typeof shardStates)[number]),
)

function joinShards(rows: readonly ShardRow[]): ShardRow {
  const sum = (name: "rows" | "bytes" | "spill") => rows.reduce((total, row) => total + row[name], 0)
  const started = rows.filter(row => row.start > 0)
  const start = started.length > 0 ? Math.min(...started.map(row => row.start)) : 0
  const state = worstFirst.find(worst => rows.some(row => row.state === worst))
  return {
    ...rows[0]!,
    state: state ?? 0,
    attempt: Math.max(...rows.map(row => row.attempt)),
    start: Math.round(start),
    ms: Math.max(...rows.map(row => row.ms)),
    rows: sum("rows"),
    bytes: sum("bytes"),
    spill: sum("spill"),
  }
}

/** Whole numbers stay as they are: times since the epoch need more than the digits of a measurement. */
function round(value: number, digits = 4): number {
  if (Number.isInteger(value) || !Number.isFinite(value)) return value
  return Math.abs(value) > 1e6 ? Math.round(value) : Number(value.toPrecision(digits))
}
