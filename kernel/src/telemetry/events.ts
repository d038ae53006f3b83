// The one contract between what runs and what shows it: every event that the kernel records and the panel draws, and
// their form on the comm. Not the transport: telemetry/bus.ts carries events inside a process, the front keeps the ring
// buffer and talks to the panel. Imports nothing of ours, and the extension takes only types from here.

export const telemetryVersion = 1
export const telemetryComm = "shardlab.telemetry.v1"
export const snapshotMime = "application/vnd.shardlab.snapshot.v1+json"

/** On every event. `t` is milliseconds since the Unix epoch; `cell` is the msg_id of the execute request. */
export interface EventBase {
  readonly t: number
  readonly cell?: string
}

export type TelemetryEvent = EventBase &
  (
    | CellStart
    | CellEnd
    | StageStart
    | StageName
    | StageEnd
    | ShardBatch
    | WorkerUp
    | WorkerDown
    | DeviceSample
    | TrainStart
    | TrainStep
    | TrainEpoch
    | TrainEnd
    | PoolCount
    | PolicyDecision
    | RunnerStop
    | LibraryLog
    | EngineGap
  )

export type EventKind = TelemetryEvent["kind"]

// --- cells
export interface CellStart {
  readonly kind: "cell.start"
  /** Execution count, as in `In [n]`. */
  readonly n: number
  /** First code line, for the band's label. */
  readonly head: string
}
export interface CellEnd {
  readonly kind: "cell.end"
  readonly n: number
  readonly status: "ok" | "error" | "interrupted"
}
export interface RunnerStop {
  readonly kind: "runner.stop"
  readonly cause: string
}

// --- shards
/** A stage is one pass of an engine (scan, map, feed) over `tasks` shards. */
export interface StageStart {
  readonly kind: "stage.start"
  readonly stage: string
  readonly name: string
  readonly tasks: number
  /** Only how many are done is known, not which: the first so many stand for them. */
  readonly counted?: true
}
/** What a stage does, where the engine tells that later than that it began. */
export interface StageName {
  readonly kind: "stage.name"
  readonly stage: string
  readonly name: string
}
export interface StageEnd {
  readonly kind: "stage.end"
  readonly stage: string
  readonly status: "ok" | "error" | "cancelled"
}
export const shardStates = ["queued", "running", "done", "failed", "spilled", "slow"] as const
export type ShardState = (typeof shardStates)[number]
/** Changed shards of one stage as columns, one row a shard. Deltas; a full frame on replay. */
export interface ShardBatch {
  readonly kind: "shard.batch"
  readonly stage: string
  readonly columns: ShardColumns
}
export interface ShardColumns {
  readonly id: Uint32Array
  /** Index in `shardStates`. */
  readonly state: Uint8Array
  /** Worker number, 0 when none; names come from `worker.up`. */
  readonly worker: Uint16Array
  readonly attempt: Uint8Array
  /** Start, ms since the epoch; 0 when not started. */
  readonly start: Float64Array
  /** Time taken so far, ms. */
  readonly ms: Float32Array
  readonly rows: Float64Array
  readonly bytes: Float64Array
  readonly spill: Float64Array
}
export interface WorkerUp {
  readonly kind: "worker.up"
  readonly id: number
  readonly name: string
  readonly host: string
  readonly cause: string
}
export interface WorkerDown {
  readonly kind: "worker.down"
  readonly id: number
  /** Completes the sentence "It ...": `ran out of memory`, `was killed (SIGKILL)`. */
  readonly cause: string
  /** True when it was not asked to leave. */
  readonly lost: boolean
}

// --- devices
/** One device at one instant. Shares are 0..1; memory in bytes; power in watts. `id` is `cpu` when there is no GPU. */
export interface DeviceSample {
  readonly kind: "device.sample"
  readonly id: string
  readonly name: string
  readonly util: number
  readonly mem: number
  readonly memMax: number
  readonly watts?: number
  readonly maxWatts?: number
  readonly celsius?: number
  /** The clock of its processors, and the highest it goes. */
  readonly mhz?: number
  readonly maxMhz?: number
  /** Why its clock is held back: `power cap`, `temperature`; absent while it is not. */
  readonly throttle?: string
  /** Whose memory it is, bytes; 0 where the driver does not say. */
  readonly processes?: readonly { readonly pid: number; readonly mem: number }[]
}

// --- training
export interface TrainStart {
  readonly kind: "train.start"
  readonly run: string
  readonly epochs: number
  /** Steps an epoch when known. */
  readonly steps?: number
  readonly device: string
}
/** `samples` since the last `train.step`, `ms` the time they took, `step` counted over the whole run. */
export interface TrainStep {
  readonly kind: "train.step"
  readonly run: string
  readonly step: number
  readonly loss: number
  readonly samples: number
  readonly ms: number
}
export interface TrainEpoch {
  readonly kind: "train.epoch"
  readonly run: string
  /** From 1. */
  readonly n: number
  readonly loss: number
  /** Validation loss, when there is validation data. */
  readonly val?: number
  readonly metrics: Record<string, number>
}
export interface TrainEnd {
  readonly kind: "train.end"
  readonly run: string
  readonly status: "ok" | "error" | "interrupted"
}

// --- policies
export interface PoolCount {
  readonly kind: "pool.count"
  readonly pool: string
  readonly desired: number
  readonly actual: number
  readonly pending: number
  /** The pool is gone for good. */
  readonly closed?: boolean
}
/** One line of the why? card: what the step did, its rule in words with numbers, what came out, whether it decided. */
export interface DecisionStep {
  readonly name: "Measured" | "Target" | "Wanted" | "Stabilise" | "Rate" | "Bounds" | "Effect"
  readonly rule: string
  readonly out: string
  readonly limited: boolean
}
export interface DecisionInput {
  readonly name: string
  readonly value: number
  readonly unit: string
}
export interface PolicyDecision {
  readonly kind: "policy.decision"
  readonly pool: string
  readonly policy: string
  readonly from: number
  readonly to: number
  /** Before stabilisation, rate and bounds. */
  readonly wanted: number
  readonly inputs: readonly DecisionInput[]
  readonly steps: readonly DecisionStep[]
  /** One sentence. */
  readonly reason: string
  /** When the change can be felt, ms since the epoch, when known. */
  readonly effectiveAt?: number
  readonly dryRun: boolean
}

/** Chatter of native libraries and of ours, which never goes to the notebook's stderr. */
export interface LibraryLog {
  readonly kind: "log"
  readonly source: string
  readonly level: "info" | "warning"
  readonly text: string
}

/** What an engine does not tell, for the panel to say where it would show it. */
export interface EngineGap {
  readonly kind: "engine.gap"
  /** Its address. */
  readonly engine: string
  /** Whole sentences; absent once the engine is left. */
  readonly text?: string
}

// --- the form on the comm
/** An event as JSON: `columns` of a shard batch hold indices into the message's binary buffers. */
export type WireEvent =
  | Exclude<TelemetryEvent, { kind: "shard.batch" }>
  | (EventBase & {
      kind: "shard.batch"
      stage: string
      columns: Record<keyof ShardColumns, number>
    })

/** Panel to kernel. `since` asks for events after that sequence number only. */
export type PanelMessage = {
  readonly type: "hello"
  readonly version: number
  readonly since?: number
}

/** Kernel to panel. `seq` is the sequence number of the last event carried; `now` the kernel's clock. */
export type KernelMessage =
  | {
      readonly type: "replay" | "events"
      readonly version: number
      readonly seq: number
      readonly now: number
      readonly events: readonly WireEvent[]
    }
  | {
      readonly type: "error"
      readonly message: string
      readonly supported: readonly number[]
    }

/** What the snapshot MIME bundle holds: one cell's run, small enough to stay in the notebook (64 KB at most). */
export interface Snapshot {
  readonly version: number
  readonly title: string
  readonly subtitle: string
  readonly start: number
  readonly end: number
  /** Thinned to the budget; shard batches carry plain arrays. */
  readonly events: readonly SnapshotEvent[]
}
export type SnapshotEvent =
  | Exclude<TelemetryEvent, { kind: "shard.batch" }>
  | (EventBase & {
      kind: "shard.batch"
      stage: string
      columns: Record<keyof ShardColumns, readonly number[]>
    })
