// What one call of `train` records, and when: options as parameters, losses by step and logs by epoch as metrics, the model
// as files. Written behind the training, which never waits for it before its end; what does not get through is tried again
// at the next turn, said once, and never ends a training.

import { checkOptions, fail } from "../../errors.js"
import type { RowRecipe } from "../feed/RowRecipe.js"
import type { Tf } from "../tf.js"
import { openFolder } from "./folderStore.js"
import { modelFiles } from "./modelFiles.js"
import type { MetricPoint, RunBegin, RunStatus, RunStore } from "./RunStore.js"
import { openServer } from "./serverStore.js"
import { sourceTags, userName } from "./source.js"

type LayersModel = import("@tensorflow/tfjs").LayersModel

export interface RecordOptions {
  /** A folder in MLflow's layout (`mlruns`), or the address of an MLflow server: `http://127.0.0.1:5000`. */
  readonly to: string
  /** Default `Default`. */
  readonly experiment?: string
  /** Default: the model's name and the time. */
  readonly name?: string
  readonly tags?: Readonly<Record<string, string>>
  /** Default true: the model's files are part of the record. */
  readonly model?: boolean
}

/** Where a run was recorded. */
export interface RecordedAt {
  readonly id: string
  readonly place: string
}

/** More points of one metric than this make no better curve. */
const pointsAMetric = 2000
const flushMs = 2000
/** MLflow cuts or refuses longer values. */
const longestParam = 500

export function recordOptions(record: string | RecordOptions): RecordOptions {
  const options = typeof record === "string" ? { to: record } : record
  checkOptions("train: record", options, ["to", "experiment", "name", "tags", "model"])
  if (typeof options.to === "string" && options.to !== "") return options
  const fix = 'Name a folder or an MLflow server: `record: "mlruns"`, `record: "http://127.0.0.1:5000"`.'
  throw fail("BAD_VALUE", { where: "train", name: "record", value: "without a place", fix })
}

export class TrainRecord {
  #points: MetricPoint[] = []
  #writing: Promise<void> = Promise.resolve()
  #flushedAt = Date.now()
  #failure: unknown

  private constructor(
    private readonly store: RunStore,
    private readonly options: RecordOptions,
    private readonly every: number,
    private readonly say: (line: string) => void,
  ) {}

  /** @throws RECORD_FAILED where nothing can be recorded: before anything was trained. */
  static async open(
    record: string | RecordOptions,
    about: { model: LayersModel; params: Readonly<Record<string, unknown>>; steps: number },
    say: (line: string) => void,
  ): Promise<TrainRecord> {
    const options = recordOptions(record)
    const at = Date.now()
    const begin: RunBegin = {
      experiment: options.experiment ?? "Default",
      name:
        options.name ?? `${about.model.name}-${new Date(at).toISOString().slice(0, 19).replaceAll(":", "")}`,
      user: userName(),
      at,
      tags: { "mlflow.user": userName(), ...(await sourceTags()), ...options.tags },
    }
    const store = /^https?:/.test(options.to)
      ? await openServer(options.to, begin)
      : await openFolder(options.to, begin).catch(error => {
          const fix = "Choose a folder that you may write."
          throw fail("RECORD_FAILED", { place: options.to, problem: (error as Error).message, fix }, error)
        })
    const params = Object.entries(about.params).filter(([, value]) => value !== undefined)
    await store.write({ params: Object.fromEntries(params.map(([name, value]) => [name, paramText(value)])) })
    return new TrainRecord(store, options, Math.max(1, Math.ceil(about.steps / pointsAMetric)), say)
  }

  get place(): RecordedAt {
    return { id: this.store.id, place: this.store.place }
  }

  /** The logs of one step, by their own names. */
  step(step: number, logs: Readonly<Record<string, number>>): void {
    if (step % this.every === 0) this.#add(step, logs)
    if (Date.now() - this.#flushedAt > flushMs) this.#flush()
  }

  /** The logs of an epoch: those of the training as `epoch_loss`, those of the validation as `val_loss`. */
  epoch(step: number, logs: Readonly<Record<string, number>>, learningRate: number): void {
    const named = Object.entries(logs).map(([name, value]) => [
      name.startsWith("val_") ? name : `epoch_${name}`,
      value,
    ])
    this.#add(step, { ...Object.fromEntries(named), learning_rate: learningRate })
    this.#flush()
  }

  /** The run came to its end: its last numbers, and the model. */
  async finish(
    tf: Tf,
    model: LayersModel,
    {
      recipe,
      steps,
      samplesPerSecond,
    }: { recipe?: RowRecipe | undefined; steps: number; samplesPerSecond: number },
  ): Promise<void> {
    this.#add(steps, { samples_per_second: samplesPerSecond })
    const files = this.options.model === false ? {} : await modelFiles(tf, model, recipe)
    this.#then(async () => {
      for (const [path, bytes] of Object.entries(files)) await this.store.artifact(path, bytes)
    })
    await this.#end("FINISHED")
  }

  /** The run did not: `KILLED` when it was interrupted. */
  async stopped(error: unknown, interrupted: boolean): Promise<void> {
    const text = error instanceof Error ? error.message : String(error)
    this.#then(() => this.store.write({ tags: { "shardlab.error": text.slice(0, longestParam) } }))
    await this.#end(interrupted ? "KILLED" : "FAILED")
  }

  async #end(status: RunStatus): Promise<void> {
    this.#flush()
    this.#then(() => this.store.end(status, Date.now()))
    await this.#writing
    if (this.#points.length > 0) this.say(`${this.#points.length} numbers of the run were not recorded.`)
  }

  #add(step: number, logs: Readonly<Record<string, number>>): void {
    const at = Date.now()
    for (const [name, value] of Object.entries(logs))
      if (Number.isFinite(value)) this.#points.push({ name, value, step, at })
  }

  #flush(): void {
    this.#flushedAt = Date.now()
    const metrics = this.#points
    if (metrics.length === 0) return
    this.#points = []
    this.#then(
      () => this.store.write({ metrics }),
      () => {
        this.#points = [...metrics, ...this.#points]
      },
    )
  }

  #then(write: () => Promise<void>, undo?: () => void): void {
    this.#writing = this.#writing.then(write).catch(error => {
      undo?.()
      if (this.#failure === undefined) this.say(`The training goes on, but: ${(error as Error).message}`)
      this.#failure = error
    })
  }
}

function paramText(value: unknown): string {
  const text = typeof value === "object" ? JSON.stringify(value) : String(value)
  return text.length > longestParam ? `${text.slice(0, longestParam - 3)}...` : text
}
