// The stages of one operation by its tasks: finds the operation's jobs by their tags, tells of new stages, changed tasks and
// ended stages. Waiting tasks are not listed by Spark, so they are what is left of the stage's number.

import { emit } from "../../../telemetry/bus.js"
import { columnsOf, type ShardRow } from "../../../telemetry/shardColumns.js"
import { pause } from "../retry.js"
import { type RestClient, type RestJob, type RestStage, restTime } from "./rest.js"
import { stageNames } from "./stageNames.js"
import { taskRows } from "./taskRows.js"

interface Shown {
  readonly id: string
  readonly stageId: number
  /** Behind its name: `, attempt 2`. */
  readonly again: string
  readonly rows: Map<number, string>
  named: boolean
  ended: boolean
}

/** Spark's record of what has ended lags behind the result. */
const lagMs = 800
const lookAgainMs = 60

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

  /** Last looks, until Spark's record has the end of every stage; then whatever is left ends. */
  async end(status: "ok" | "error" | "cancelled"): Promise<void> {
    await this.#looking
    await this.refresh()
    const until = Date.now() + lagMs
    while (status === "ok" && Date.now() < until && !this.#isComplete()) {
      await pause(lookAgainMs)
      await this.refresh()
    }
    for (const shown of this.#shown.values()) this.#end(shown, status)
  }

  #isComplete(): boolean {
    const all = [...this.#shown.values()]
    return all.length > 0 && all.every(({ ended }) => ended)
  }

  async #look(): Promise<void> {
    const jobs = (await this.rest.jobs()) ?? []
    const own = jobs.filter(({ jobTags }) => jobTags.some(tag => tag.includes(this.operationId)))
    const ids = new Set(own.flatMap(({ stageIds }) => stageIds))
    const stages = await Promise.all([...ids].map(id => this.rest.stage(id)))
    const seen = stages.flatMap(attempts => attempts ?? []).filter(({ status }) => started.has(status))
    seen.sort((a, b) => a.stageId - b.stageId || a.attemptId - b.attemptId)
    for (const stage of seen) this.#begin(stage)
    await Promise.all([this.#name(own, seen), ...seen.map(stage => this.#show(stage))])
  }

  #begin({ stageId, attemptId, numTasks, submissionTime }: RestStage): void {
    const key = keyOf({ stageId, attemptId })
    if (this.#shown.has(key)) return
    const again = attemptId > 0 ? `, attempt ${attemptId + 1}` : ""
    const id = `spark-${this.operationId}-${key}`
    this.#shown.set(key, { id, stageId, again, rows: new Map(), named: false, ended: false })
    const name = `stage ${stageId}${again}: ${this.what}`
    emit({ kind: "stage.start", stage: id, name, tasks: numTasks, ...at(submissionTime) })
  }

  async #show(stage: RestStage): Promise<void> {
    const shown = this.#shown.get(keyOf(stage))!
    if (shown.ended) return
    const rows = taskRows((await this.rest.tasks(stage)) ?? [], this.worker)
    const changed = rows.filter(row => shown.rows.get(row.id) !== textOf(row))
    for (const row of changed) shown.rows.set(row.id, textOf(row))
    if (changed.length > 0) emit({ kind: "shard.batch", stage: shown.id, columns: columnsOf(changed) })
    const { status, completionTime } = stage
    if (status === "COMPLETE") this.#end(shown, "ok", completionTime)
    if (status === "FAILED") this.#end(shown, "error", completionTime)
  }

  /** Asks for the plan while a stage has only its number for a name. */
  async #name(jobs: readonly RestJob[], stages: readonly RestStage[]): Promise<void> {
    const nameless = [...this.#shown.values()].filter(({ named }) => !named)
    if (nameless.length === 0) return
    const plans = await Promise.all(executionsOf(jobs).map(id => this.rest.plan(id)))
    for (const plan of plans) {
      if (plan === undefined) continue
      const names = stageNames(plan, stages)
      for (const shown of nameless) {
        const name = names.get(shown.stageId)
        if (name === undefined || shown.named) continue
        shown.named = true
        emit({ kind: "stage.name", stage: shown.id, name: `${name}${shown.again}` })
      }
    }
  }

  #end(shown: Shown, status: "ok" | "error" | "cancelled", completionTime?: string): void {
    if (shown.ended) return
    shown.ended = true
    emit({ kind: "stage.end", stage: shown.id, status, ...at(completionTime) })
  }
}

const started: ReadonlySet<RestStage["status"]> = new Set(["ACTIVE", "COMPLETE", "FAILED"])

function keyOf({ stageId, attemptId }: Pick<RestStage, "stageId" | "attemptId">): string {
  return `${stageId}.${attemptId}`
}

/** Spark's own time of an event, where it has one. */
function at(time: string | undefined): { t?: number } {
  return time === undefined ? {} : { t: restTime(time) }
}

/** Queries that these jobs belong to: their numbers are in a tag of Spark's own. */
function executionsOf(jobs: readonly RestJob[]): number[] {
  const tags = jobs.flatMap(({ jobTags }) => jobTags)
  const found = tags.map(tag => /-execution-root-id-(\d+)$/.exec(tag)?.[1]).filter(id => id !== undefined)
  return [...new Set(found)].map(Number)
}

function textOf(row: ShardRow): string {
  return Object.values(row).join(" ")
}
