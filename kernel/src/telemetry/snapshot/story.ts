// One cell's run, as the snapshot tells it: the events of the cell reduced to what each lane shows. Pure; the four forms
// (picture, Vega-Lite, text, own MIME) are made from this and compute nothing about the run themselves.

import type {
  CellStart,
  DeviceSample,
  EventBase,
  PolicyDecision,
  PoolCount,
  TelemetryEvent,
  TrainEpoch,
  TrainStep,
} from "../events.js"
import { shardStates } from "../events.js"
import { rowsOf, type ShardRow } from "../shardColumns.js"

export interface SnapshotCell {
  readonly n: number
  readonly status: "ok" | "error" | "interrupted" | "died"
}

export interface Story {
  readonly cell: SnapshotCell
  readonly start: number
  readonly end: number
  readonly shards?: ShardStory
  readonly devices: readonly DeviceStory[]
  readonly training?: TrainingStory
  readonly pool?: PoolStory
}

/** A shard that a worker held from `start` to `end`; a retried shard has several. */
export interface Attempt {
  readonly worker: number
  readonly start: number
  readonly end: number
}

export interface ShardStory {
  /** Name of the stage that took longest. */
  readonly stage: string
  /** How many stages there were. */
  readonly stages: number
  readonly total: number
  readonly done: number
  readonly rows: number
  readonly bytes: number
  readonly spilled: number
  readonly retried: number
  readonly failed: number
  readonly attempts: readonly Attempt[]
  readonly workers: readonly { id: number; name: string }[]
  readonly lost: readonly { worker: number; t: number }[]
}

export interface DeviceStory {
  readonly name: string
  readonly label: string
  readonly samples: readonly At<DeviceSample>[]
  readonly meanUtil: number
  readonly peakMem: number
  /** Watt-hours, when the device tells its power. */
  readonly energy?: number
}

export interface TrainingStory {
  readonly epochs: number
  readonly device: string
  readonly start: number
  readonly steps: readonly At<TrainStep>[]
  readonly ends: readonly At<TrainEpoch>[]
  readonly lastLoss?: number
  readonly samplesPerSecond?: number
}

export interface PoolStory {
  readonly pool: string
  readonly policy?: string
  /** The first is the state when the cell began. */
  readonly counts: readonly At<PoolCount>[]
  readonly decisions: readonly At<PolicyDecision>[]
  readonly dryRuns: readonly At<PolicyDecision>[]
}

export type At<E> = EventBase & E
type Kind<K extends TelemetryEvent["kind"]> = Extract<TelemetryEvent, { kind: K }>

/**
 * The story of cell `n`, or undefined when it trained nothing, let no policy decide, and worked on shards or a pool for
 * less than two seconds without losing any. `events` may begin
 * before the cell: worker names and pool sizes are taken from there.
 */
export function storyOf(events: readonly TelemetryEvent[], cell: SnapshotCell): Story | undefined {
  const begun = lastIndex(events, event => event.kind === "cell.start" && event.n === cell.n)
  const before = events.slice(0, Math.max(0, begun))
  const during = events.slice(Math.max(0, begun))
  const ended = during.findIndex(event => event.kind === "cell.end" && event.n === cell.n)
  const own = ended < 0 ? during : during.slice(0, ended + 1)
  if (own.length === 0) return undefined
  const start = own[0]!.t
  const end = Math.max(own.at(-1)!.t, start + 1)
  const story = {
    cell,
    start,
    end,
    shards: shardStory(own, before, end),
    devices: deviceStories(of(own, "device.sample")),
    training: trainingStory(own),
    pool: poolStory(own, before, start),
  }
  return isWorthKeeping(story) ? story : undefined
}

/** A pass over shards shorter than this is told by its result; a picture under every query would hide the notebook. */
const worthMs = 2000

function isWorthKeeping({ start, end, shards, training, pool }: Story): boolean {
  if (training || (pool && pool.decisions.length > 0)) return true
  const trouble = shards !== undefined && shards.lost.length + shards.failed > 0
  return trouble || ((shards !== undefined || pool !== undefined) && end - start >= worthMs)
}

/** First code line of the cell, when the events tell. */
export function headOf(events: readonly TelemetryEvent[], n: number): string {
  const starts = of(events, "cell.start") as At<CellStart>[]
  return starts.find(event => event.n === n)?.head ?? ""
}

function of<K extends TelemetryEvent["kind"]>(events: readonly TelemetryEvent[], kind: K): Kind<K>[] {
  return events.filter((event): event is Kind<K> => event.kind === kind)
}

function lastIndex(events: readonly TelemetryEvent[], test: (event: TelemetryEvent) => boolean): number {
  for (let i = events.length - 1; i >= 0; i--) if (test(events[i]!)) return i
  return -1
}

// --- shards

function shardStory(
  own: readonly TelemetryEvent[],
  before: readonly TelemetryEvent[],
  end: number,
): ShardStory | undefined {
  const batches = of(own, "shard.batch")
  if (batches.length === 0) return undefined
  const latest = new Map<string, ShardRow>()
  const attempts = new Map<string, ShardRow>()
  for (const { stage, columns } of batches) {
    for (const row of rowsOf(columns)) {
      latest.set(`${stage} ${row.id}`, row)
      if (row.start > 0) attempts.set(`${stage} ${row.id} ${row.attempt}`, row)
    }
  }
  const shards = [...latest.values()]
  const held = [...attempts.values()].map(row => attemptOf(row, end))
  const stages = of(own, "stage.start")
  return {
    stage: longestStage(own, end) ?? "shards",
    stages: new Set(batches.map(({ stage }) => stage)).size,
    total: Math.max(
      shards.length,
      stages.reduce((sum, stage) => sum + stage.tasks, 0),
    ),
    done: shards.filter(isDone).length,
    rows: sum(shards, row => row.rows),
    bytes: sum(shards, row => row.bytes),
    spilled: shards.filter(row => row.spill > 0 || shardStates[row.state] === "spilled").length,
    retried: shards.filter(row => row.attempt > 1).length,
    failed: shards.filter(row => shardStates[row.state] === "failed").length,
    attempts: held,
    workers: workersOf(held, of([...before, ...own], "worker.up")),
    lost: of(own, "worker.down")
      .filter(event => event.lost)
      .map(event => ({ worker: event.id, t: event.t })),
  }
}

/** Its name as it was last told. */
function longestStage(own: readonly TelemetryEvent[], end: number): string | undefined {
  const ends = new Map(of(own, "stage.end").map(({ stage, t }) => [stage, t]))
  const took = ({ stage, t }: Kind<"stage.start">) => (ends.get(stage) ?? end) - t
  const longest = of(own, "stage.start").toSorted((a, b) => took(b) - took(a) || b.tasks - a.tasks)[0]
  return of(own, "stage.name").findLast(({ stage }) => stage === longest?.stage)?.name ?? longest?.name
}

function attemptOf(row: ShardRow, end: number): Attempt {
  const running = shardStates[row.state] === "running"
  return { worker: row.worker, start: row.start, end: running ? end : row.start + row.ms }
}

function isDone(row: ShardRow): boolean {
  const state = shardStates[row.state]
  return state === "done" || state === "spilled" || state === "slow"
}

function workersOf(held: readonly Attempt[], ups: readonly Kind<"worker.up">[]): ShardStory["workers"] {
  const names = new Map(ups.map(up => [up.id, up.name]))
  const ids = [...new Set(held.map(attempt => attempt.worker))].sort((a, b) => a - b)
  return ids.map(id => ({ id, name: names.get(id) ?? (id === 0 ? "here" : `w${id}`) }))
}

// --- devices

function deviceStories(samples: readonly Kind<"device.sample">[]): DeviceStory[] {
  const ids = [...new Set(samples.map(sample => sample.id))]
  return ids.map(id => deviceStory(samples.filter(sample => sample.id === id)))
}

function deviceStory(samples: readonly Kind<"device.sample">[]): DeviceStory {
  const { id, name, watts } = samples[0]!
  return {
    name,
    label: /^[a-z]+$/.test(id) ? id.toUpperCase() : id.replace(/^gpu[: -]?/i, "GPU "),
    samples,
    meanUtil: sum(samples, sample => sample.util) / samples.length,
    peakMem: samples.reduce((peak, sample) => Math.max(peak, sample.mem), 0),
    energy: watts === undefined ? undefined : energyOf(samples),
  }
}

/** Watt-hours: each sample's power over the time since the one before. */
function energyOf(samples: readonly Kind<"device.sample">[]): number {
  let wattMs = 0
  for (let i = 1; i < samples.length; i++) {
    wattMs += (samples[i]!.watts ?? 0) * (samples[i]!.t - samples[i - 1]!.t)
  }
  return wattMs / 3.6e6
}

// --- training

/** The run with the most steps: a cell that fits two models shows the longer one. */
function trainingStory(own: readonly TelemetryEvent[]): TrainingStory | undefined {
  const starts = of(own, "train.start")
  const steps = of(own, "train.step")
  const stepsOf = (run: string) => steps.filter(step => step.run === run)
  const begun = starts.toSorted((a, b) => stepsOf(b.run).length - stepsOf(a.run).length)[0]
  if (!begun) return undefined
  const ran = stepsOf(begun.run)
  const ends = of(own, "train.epoch").filter(epoch => epoch.run === begun.run)
  const ms = sum(ran, step => step.ms)
  return {
    epochs: begun.epochs,
    device: begun.device,
    start: begun.t,
    steps: ran,
    ends,
    lastLoss: ends.at(-1)?.loss ?? ran.at(-1)?.loss,
    samplesPerSecond: ms > 0 ? (1000 * sum(ran, step => step.samples)) / ms : undefined,
  }
}

// --- policy

/** The pool that moved most. A pool that stood still all through the cell is not this cell's story. */
function poolStory(
  own: readonly TelemetryEvent[],
  before: readonly TelemetryEvent[],
  start: number,
): PoolStory | undefined {
  const counts = of(own, "pool.count")
  const decisions = of(own, "policy.decision")
  const pools = [...new Set([...counts, ...decisions].map(event => event.pool))]
  const stories = pools.map((pool): PoolStory => {
    const earlier = of(before, "pool.count").findLast(count => count.pool === pool)
    const decided = decisions.filter(decision => decision.pool === pool)
    const live = decided.filter(decision => !decision.dryRun)
    return {
      pool,
      policy: live[0]?.policy,
      counts: [
        ...(earlier ? [{ ...earlier, t: start }] : []),
        ...counts.filter(count => count.pool === pool),
      ],
      decisions: live,
      dryRuns: decided.filter(decision => decision.dryRun),
    }
  })
  return stories.filter(story => movesOf(story) > 0).sort((a, b) => movesOf(b) - movesOf(a))[0]
}

function movesOf({ counts, decisions }: PoolStory): number {
  const resized = counts.filter((count, i) => i > 0 && count.actual !== counts[i - 1]!.actual).length
  return resized + decisions.filter(decision => decision.from !== decision.to).length
}

/** Sizes that a pool went through, repeats left out: `[4, 6, 5]`. */
export function sizesOf(pool: PoolStory): number[] {
  const sizes = pool.counts.map(count => count.actual)
  return sizes.filter((size, i) => size !== sizes[i - 1])
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0)
}
