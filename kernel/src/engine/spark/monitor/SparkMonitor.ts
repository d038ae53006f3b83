// What the panel hears of operations on Spark: stages and their tasks from the REST address, looked at while something runs;
// without that address the stage counts that come with the results, and a line that says so.

import { emit } from "../../../telemetry/bus.js"
import type { ExecutePlanResponse } from "../gen/spark/connect/base_pb.js"
import { CountedStages } from "./countedStages.js"
import { type Executor, Executors } from "./executors.js"
import type { Monitor, Watch } from "./Monitor.js"
import type { RestClient, RestKept } from "./rest.js"
import { TaskStages } from "./taskStages.js"

const busyMs = 500
const idleMs = 5_000

type Status = "ok" | "error" | "cancelled"

export class SparkMonitor implements Monitor {
  readonly #executors: Executors | undefined
  readonly #running = new Map<string, TaskStages>()
  #timer: NodeJS.Timeout | undefined
  #closed = false

  constructor(
    private readonly rest: RestClient | undefined,
    /** For the line that says what is missing. */
    server: string,
  ) {
    this.#executors = rest === undefined ? undefined : new Executors(rest)
    if (rest === undefined) {
      const text = `${server}: no REST address, so the panel shows stages by counts only. Give one: connect(..., { ui: "http://host:4040" }).`
      emit({ kind: "log", source: "spark", level: "info", text })
    } else void this.#look()
  }

  /** Undefined when the server's REST address is not known. */
  async executors(): Promise<readonly Executor[] | undefined> {
    return this.#executors?.list()
  }

  async keptRows(): Promise<readonly RestKept[] | undefined> {
    return this.rest?.kept()
  }

  watch(operationId: string, what: string): Watch {
    const { rest } = this
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
        void stages.end(status)
      },
    }
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
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
