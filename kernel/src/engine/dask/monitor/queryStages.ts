// The tasks of one query as the panel sees them: each group of tasks is a stage from its first task on, each task a shard.
// Dask tells of a task when it has ended, and a worker of those that it computes; the rest of a stage waits.

import { emit } from "../../../telemetry/bus.js"
import { type ShardState, shardStates } from "../../../telemetry/events.js"
import { columnsOf, type ShardRow } from "../../../telemetry/shardColumns.js"
import type { TaskGroup } from "../DaskProcess.js"
import type { DaskEvent, Key } from "./dashboard.js"

/** Rows that come together are sent together. */
export const sendMs = 100
let queriesMade = 0

export type Status = "ok" | "error" | "cancelled"
export type Transition = Extract<DaskEvent, { name: "transition" }>
/** A task that a worker computes. `start`: seconds since the epoch. */
export interface RunningTask {
  readonly key: Key
  readonly worker: string
  readonly start: number
}

export class QueryStages {
  readonly #number = ++queriesMade
  readonly #stages = new Map<string, Stage>()
  /** Its result is there: only what is missing counts still, because the next query may have the same tasks. */
  over = false

  constructor(private readonly what: string) {}

  begin(groups: readonly TaskGroup[]): void {
    for (const { name, tasks } of groups) {
      const id = `dask-${process.pid}-${this.#number}-${this.#stages.size}`
      const label = `${this.what}: ${readable(name)}`
      if (!this.#stages.has(name)) this.#stages.set(name, new Stage(id, label, tasks))
    }
  }

  /** The names of its groups. */
  get groups(): readonly string[] {
    return [...this.#stages.keys()]
  }

  take(event: Transition, worker: number): void {
    const stage = this.#stages.get(groupOf(event.key))
    if (!(this.over && stage?.ended)) stage?.take(event, worker)
  }

  running(task: RunningTask, worker: number): void {
    if (!this.over) this.#stages.get(groupOf(task.key))?.running(task, worker)
  }

  /** What the worker computed will be computed again elsewhere. */
  lost(worker: number): void {
    for (const stage of this.#stages.values()) stage.lost(worker)
  }

  end(status: Status): void {
    for (const stage of this.#stages.values()) stage.end(status)
  }
}

interface Task {
  readonly id: number
  /** Attempts that ended. */
  attempts: number
  /** It has a result, or had one that a lost worker held. */
  done: boolean
  /** It may run: not ended, or its result may be lost. An answer about running tasks can come after the word of their end. */
  open: boolean
  row: ShardRow | undefined
}

class Stage {
  readonly #tasks = new Map<string, Task>()
  readonly #changed = new Set<Task>()
  ended = false
  #done = 0
  #started = false
  #timer: NodeJS.Timeout | undefined

  constructor(
    private readonly name: string,
    private readonly label: string,
    private readonly count: number,
  ) {}

  take({ key, start, stop, nbytes, exception_text: problem }: Transition, worker: number): void {
    const task = this.#task(key)
    const attempt = ++task.attempts
    task.open = false
    const ms = (stop - start) * 1000
    const state = problem === undefined ? "done" : "failed"
    this.#set(task, { state, worker, attempt, start: start * 1000, ms, bytes: nbytes ?? 0 })
    if (state === "failed" || task.done) return
    task.done = true
    if (++this.#done === this.count) this.end("ok")
  }

  running({ key, start }: RunningTask, worker: number): void {
    const task = this.#task(key)
    if (!task.open) return
    const from = start * 1000
    const ms = Math.max(Date.now() - from, 0)
    this.#set(task, { state: "running", worker, attempt: task.attempts + 1, start: from, ms })
  }

  /** Fails what runs, of one worker or of all. */
  lost(worker?: number): void {
    for (const task of this.#tasks.values()) {
      const { row } = task
      if (row === undefined || (worker ?? row.worker) !== row.worker) continue
      task.open = true
      if (!isRunning(row)) continue
      task.attempts++
      this.#set(task, { ...row, state: "failed", ms: Math.max(Date.now() - row.start, 0) })
    }
  }

  /** The first word counts. A stage that never began is not shown. */
  end(status: Status): void {
    if (this.ended || !this.#started) return
    this.ended = true
    if (status !== "ok") this.lost()
    this.#send()
    emit({ kind: "stage.end", stage: this.name, status })
  }

  #task(key: Key): Task {
    const text = JSON.stringify(key)
    const known = this.#tasks.get(text)
    if (known !== undefined) return known
    const made = { id: this.#tasks.size, attempts: 0, done: false, open: true, row: undefined }
    this.#tasks.set(text, made)
    return made
  }

  #set(task: Task, { state, ...values }: Omit<Partial<ShardRow>, "state"> & { state: ShardState }): void {
    if (!this.#started) emit({ kind: "stage.start", stage: this.name, name: this.label, tasks: this.count })
    this.#started = true
    task.row = { ...nothing, ...values, id: task.id, state: shardStates.indexOf(state) }
    this.#changed.add(task)
    this.#timer ??= setTimeout(() => this.#send(), sendMs).unref()
  }

  #send(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const rows = [...this.#changed].map(({ row }) => row!)
    this.#changed.clear()
    if (rows.length > 0) emit({ kind: "shard.batch", stage: this.name, columns: columnsOf(rows) })
  }
}

/** Dask knows no rows, and tells of spilled bytes by worker only. */
const nothing: ShardRow = {
  id: 0,
  state: 0,
  worker: 0,
  attempt: 1,
  start: 0,
  ms: 0,
  rows: 0,
  bytes: 0,
  spill: 0,
}

function isRunning({ state }: ShardRow): boolean {
  return shardStates[state] === "running"
}

/** `("read-0a1b...", 3)` is of the group `read-0a1b...`. */
function groupOf(key: Key): string {
  return typeof key === "string" ? key : key[0]
}

/** Without the hash at its end. */
function readable(group: string): string {
  return group.replace(/-[0-9a-f]{16,}$/, "")
}
