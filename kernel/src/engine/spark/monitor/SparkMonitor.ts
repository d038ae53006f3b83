// What the panel hears of operations on Spark: stages and their tasks from the REST address, looked at while something runs;
// without that address the stage counts that come with the results, and a sentence that says so. Sail tells of neither.

import { emit, followUp } from "../../../telemetry/bus.js"
import type { ExecutePlanResponse } from "../gen/spark/connect/base_pb.js"
import { CountedStages } from "./countedStages.js"
import { type Executor, Executors } from "./executors.js"
import type { Monitor, Watch } from "./Monitor.js"
import type { RestClient, RestKept } from "./rest.js"
import { TaskStages } from "./taskStages.js"

const busyMs = 500
const idleMs = 5_000

type Status = "ok" | "error" | "cancelled"

export interface SparkMonitorOptions {
  /** The server's address, without a token. */
  readonly server: string
  /** Undefined when its REST address is not known. */
  readonly rest?: RestClient | undefined
  /** Whether it tells of stages with the results, as Spark does and Sail does not. */
  readonly progress: boolean
  /** A REST address that was given and gave nothing. */
  readonly silentUi?: string | undefined
}

export class SparkMonitor implements Monitor {
  readonly #executors: Executors | undefined
  readonly #running = new Map<string, TaskStages>()
  #timer: NodeJS.Timeout | undefined
  #closed = false

  constructor(private readonly options: SparkMonitorOptions) {
    const { rest, server } = options
    this.#executors = rest === undefined ? undefined : new Executors(rest)
    if (rest === undefined) emit({ kind: "engine.gap", engine: server, text: gapOf(options) })
    else void this.#look()
  }

  /** Undefined when the server's REST address is not known. */
  async executors(): Promise<readonly Executor[] | undefined> {
    return this.#executors?.list()
  }

  async keptRows(): Promise<readonly RestKept[] | undefined> {
    return this.options.rest?.kept()
  }

  watch(operationId: string, what: string): Watch {
    const { rest } = this.options
    if (rest === undefined) {
      const stages = new CountedStages(operationId, what)
      return {
        take: ({ responseType }: ExecutePlanResponse) => {
          if (responseType.case === "executionProgress") stages.take(responseType.value)
        },
        end: status => stages.end(status),
      }
    }
    const stages = new TaskStages(operationId, what, rest, id => this.#executors!.number(id))
    this.#running.set(operationId, stages)
    void this.#look()
    return {
      take: () => {},
      end: (status: Status) => {
        this.#running.delete(operationId)
        followUp(Promise.all([stages.end(status), this.#executors!.refresh()]))
      },
    }
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    const { rest, server } = this.options
    if (rest === undefined) emit({ kind: "engine.gap", engine: server })
    this.#executors?.close()
  }

  /** One look at a time; the next one is set when this one is done. */
  async #look(): Promise<void> {
    if (this.#closed) return
    clearTimeout(this.#timer)
    await Promise.all([
      this.#executors!.refresh(),
      ...[...this.#running.values()].map(stages => stages.refresh()),
    ])
    if (this.#closed) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#look(), this.#running.size > 0 ? busyMs : idleMs).unref()
  }
}

function gapOf({ server, progress, silentUi }: SparkMonitorOptions): string {
  if (!progress) return "Sail does not report progress: what its queries read and where is not shown."
  const fix = `connect("${server}", { ui: "http://host:4040" })`
  if (silentUi !== undefined)
    return `${silentUi} did not answer as the UI of this Spark, so only how many tasks are done is shown.`
  return `The address of Spark's UI is not known, so only how many tasks are done is shown. Give it: ${fix}`
}
