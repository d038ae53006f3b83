// Executors come and go: tells the panel of each once, with Spark's own reason, and numbers them.

import { emit } from "../../../telemetry/bus.js"
import type { RestClient, RestExecutor } from "./rest.js"

export interface Executor {
  readonly id: string
  readonly host: string
  readonly cores: number
  /** Bytes that it can use for data, and uses now. */
  readonly memory: number
  readonly memoryUsed: number
  readonly tasks: { readonly active: number; readonly done: number; readonly failed: number }
  readonly added: Date
  readonly removed?: Date
  /** Spark's reason. */
  readonly why?: string
}

/** Worker numbers of this process's pools are small: the panel tells both apart by the number. */
const firstNumber = 10_000
let made = firstNumber

export class Executors {
  readonly #numbers = new Map<string, number>()
  readonly #gone = new Set<string>()

  constructor(private readonly rest: RestClient) {}

  /** The panel's number of an executor. */
  number(id: string): number {
    const known = this.#numbers.get(id)
    if (known !== undefined) return known
    this.#numbers.set(id, ++made)
    return made
  }

  async list(): Promise<readonly Executor[]> {
    return (await this.#look()).map(executorOf)
  }

  /** Tells of what changed since the last look. */
  async refresh(): Promise<void> {
    await this.#look()
  }

  async #look(): Promise<readonly RestExecutor[]> {
    const found = ((await this.rest.executors()) ?? []).filter(({ id }) => id !== "driver")
    for (const executor of found) this.#tell(executor)
    return found
  }

  #tell({ id, hostPort, isActive, removeReason }: RestExecutor): void {
    if (this.#gone.has(id)) return
    if (!this.#numbers.has(id)) {
      const name = `executor ${id}`
      emit({ kind: "worker.up", id: this.number(id), name, host: hostPort, cause: "joined the application" })
    }
    if (isActive) return
    this.#gone.add(id)
    const cause =
      removeReason === undefined ? "left" : `left: ${removeReason.split("\n")[0]!.replace(/\.$/, "")}`
    emit({ kind: "worker.down", id: this.number(id), cause, lost: !/killed by driver/i.test(cause) })
  }
}

function executorOf(executor: RestExecutor): Executor {
  const { id, hostPort, totalCores, maxMemory, memoryUsed, addTime, removeTime, removeReason } = executor
  return {
    id,
    host: hostPort,
    cores: totalCores,
    memory: maxMemory,
    memoryUsed,
    tasks: { active: executor.activeTasks, done: executor.completedTasks, failed: executor.failedTasks },
    added: dateOf(addTime),
    ...(removeTime !== undefined && { removed: dateOf(removeTime) }),
    ...(removeReason !== undefined && { why: removeReason }),
  }
}

/** Spark writes `2026-11-26T08:09:51.123GMT`. */
function dateOf(text: string): Date {
  return new Date(text.replace("GMT", "Z"))
}
