// What the panel knows of one kernel, as data. Not how it gets there (reduce.ts) and not how it looks. Everything is
// bounded: the oldest falls out, so a panel that stays open for a day holds as much as after an hour.

import type {
  DeviceSample,
  PolicyDecision,
  RunnerStop,
  StageEnd,
  TrainEnd,
  TrainEpoch,
} from "shardlab/events"
import { Series } from "./Series.js"
import type { ShardTable } from "./ShardTable.js"

export const limits = {
  cells: 500,
  stages: 200,
  samples: 7200,
  runs: 50,
  pools: 20,
  counts: 4000,
  decisions: 1000,
  gaps: 20,
}

export interface CellRun {
  /** msg_id of the execute request, or a made-up key where an event has none. */
  readonly key: string
  readonly n: number
  readonly head: string
  readonly start: number
  end?: number
  status: "running" | "ok" | "error" | "interrupted"
}
export interface Stage {
  readonly id: string
  name: string
  readonly tasks: number
  /** Only how many shards are done is known, not which: see StageStart. */
  readonly counted: boolean
  readonly start: number
  readonly cell?: string | undefined
  end?: number
  status: "running" | StageEnd["status"]
  readonly shards: ShardTable
}
export interface Worker {
  readonly id: number
  readonly name: string
  readonly host: string
  /** When it was there; the last one is open while it still is. */
  readonly spans: { from: number; joined?: string; to?: number; lost?: boolean; cause?: string }[]
}
export interface Device {
  readonly id: string
  readonly name: string
  readonly series: Series<"util" | "mem" | "memMax" | "watts" | "celsius" | "mhz">
  /** When it began and ended to be held back, and by what; undefined when by nothing. */
  readonly throttles: { readonly t: number; readonly reason: string | undefined }[]
  latest: DeviceSample
}
export interface TrainRun {
  readonly id: string
  readonly epochs: number
  readonly steps?: number | undefined
  readonly device: string
  readonly start: number
  end?: number
  status: "running" | TrainEnd["status"]
  readonly series: Series<"step" | "loss" | "rate" | "ms">
  readonly epochEnds: { readonly t: number; readonly event: TrainEpoch }[]
}
export interface Pool {
  readonly id: string
  readonly counts: Series<"desired" | "actual" | "pending">
  /** When it was closed; a pool of the same name that comes later opens it again. */
  closed?: number | undefined
}
export type Decision = PolicyDecision & { readonly t: number; readonly cell?: string | undefined }

export interface PanelState {
  /** Grows with every event. */
  revision: number
  /** Sequence number of the kernel's last event that is in here; what a new connection asks to continue from. */
  seq: number
  /** Kernel clock minus this machine's, ms. */
  clockOffset: number
  /** First and last moment of any event other than a device sample; NaN when there is none. */
  first: number
  last: number
  cells: CellRun[]
  readonly stages: Map<string, Stage>
  readonly workers: Map<number, Worker>
  readonly devices: Map<string, Device>
  readonly runs: Map<string, TrainRun>
  readonly pools: Map<string, Pool>
  decisions: Decision[]
  /** What engines do not tell, by their address. */
  readonly gaps: Map<string, string>
  /** The last stop of the runner, until a cell starts after it. */
  stop?: (RunnerStop & { readonly t: number; readonly cell?: string | undefined }) | undefined
}

export function emptyState(): PanelState {
  return {
    revision: 0,
    seq: 0,
    clockOffset: 0,
    first: Number.NaN,
    last: Number.NaN,
    cells: [],
    stages: new Map(),
    workers: new Map(),
    devices: new Map(),
    runs: new Map(),
    pools: new Map(),
    decisions: [],
    gaps: new Map(),
  }
}

export function newDevice(sample: DeviceSample): Device {
  const series = new Series(["util", "mem", "memMax", "watts", "celsius", "mhz"] as const, limits.samples)
  return { id: sample.id, name: sample.name, series, throttles: [], latest: sample }
}
