// The stages of one operation by its tasks: finds the operation's jobs by their tags, tells of new stages, changed tasks and
// ended stages. Waiting tasks are not listed by Spark, so they are what is left of the stage's number.

import { emit } from "../../../telemetry/bus.js"
import { columnsOf, type ShardRow } from "../../../telemetry/shardColumns.js"
import type { RestClient, RestStage } from "./rest.js"
import { taskRows } from "./taskRows.js"

interface Shown {
  readonly name: string
  readonly rows: Map<number, string>
  ended: boolean
}

export class TaskStages {
  readonly #shown = new Map<string, Shown>()
  #looking: Promise<void> | undefined

  constructor(
    private readonly operationId: string,
    private readonly what: string,
    private readonly rest: RestClient,
    private readonly worker: (executor: string) => number,
  ) {}

  /** Looks once; calls that come meanwhile wait for the same look. */
  refresh(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined
    })
    return this.#looking
  }

  /** A last look, so that short stages and final numbers are not missed; then every stage ends. */
  async end(status: "ok" | "error" | "cancelled"): Promise<void> {
    await this.#looking
    await this.refresh()
    for (const shown of this.#shown.values()) this.#end(shown, status)
  }

  async #look(): Promise<void> {
    const jobs = (await this.rest.jobs()) ?? []
    const own = jobs.filter(({ jobTags }) => jobTags.some(tag => tag.includes(this.operationId)))
    const ids = new Set(own.flatMap(({ stageIds }) => stageIds))
    const stages = await Promise.all([...ids].map(id => this.rest.stage(id)))
    const seen = stages.flatMap(attempts => attempts ?? []).filter(({ status }) => started.has(status))
    await Promise.all(seen.map(stage => this.#show(stage)))
  }

  async #show(stage: RestStage): Promise<void> {
    const key = `${stage.stageId}.${stage.attemptId}`
    const shown = this.#shown.get(key) ?? this.#begin(key, stage)
    if (shown.ended) return
    const rows = taskRows((await this.rest.tasks(stage)) ?? [], this.worker)
    const changed = rows.filter(row => shown.rows.get(row.id) !== textOf(row))
    for (const row of changed) shown.rows.set(row.id, textOf(row))
    if (changed.length > 0) emit({ kind: "shard.batch", stage: shown.name, columns: columnsOf(changed) })
    if (stage.status === "COMPLETE") this.#end(shown, "ok")
    if (stage.status === "FAILED") this.#end(shown, "error")
  }

  #begin(key: string, { stageId, attemptId, numTasks }: RestStage): Shown {
    const shown: Shown = { name: `spark-${this.operationId}-${key}`, rows: new Map(), ended: false }
    this.#shown.set(key, shown)
    const again = attemptId > 0 ? `, attempt ${attemptId + 1}` : ""
    const name = `${this.what}: stage ${stageId}${again}`
    emit({ kind: "stage.start", stage: shown.name, name, tasks: numTasks })
    return shown
  }

  #end(shown: Shown, status: "ok" | "error" | "cancelled"): void {
    if (shown.ended) return
    shown.ended = true
    emit({ kind: "stage.end", stage: shown.name, status })
  }
}

const started: ReadonlySet<RestStage["status"]> = new Set(["ACTIVE", "COMPLETE", "FAILED"])

function textOf(row: ShardRow): string {
  return Object.values(row).join(" ")
}
