// Executors come and go: tells the panel of each once, with Spark's own reason, and numbers them.

import { emit } from "../../../telemetry/bus.js"
import { type RestClient, type RestExecutor, restTime } from "./rest.js"

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
  readonly #told = new Set<string>()
  readonly #gone = new Set<string>()
  readonly #since = Date.now()
  #looked = false

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

  /** Nobody looks any more: for the panel they are gone. */
  close(): void {
    for (const [id, number] of this.#numbers) {
      if (this.#gone.has(id)) continue
      this.#gone.add(id)
      emit({ kind: "worker.down", id: number, cause: "left with its cluster", lost: false })
    }
  }

  async #look(): Promise<readonly RestExecutor[]> {
    const answer = await this.rest.executors()
    const found = (answer ?? []).filter(({ id }) => id !== "driver")
    // Those that had left before anybody looked are no news.
    if (!this.#looked) for (const { id, isActive } of found) if (!isActive) this.#gone.add(id)
    this.#looked ||= answer !== undefined
    for (const executor of found) this.#tell(executor)
    return found
  }

  #tell({ id, hostPort, isActive, addTime, removeTime, removeReason }: RestExecutor): void {
    if (this.#gone.has(id)) return
    const number = this.number(id)
    if (!this.#told.has(id)) {
      this.#told.add(id)
      const name = `executor ${id}`
      const t = Math.max(this.#since, restTime(addTime))
      emit({ kind: "worker.up", t, id: number, name, host: hostPort, cause: "joined the application" })
    }
    if (isActive) return
    this.#gone.add(id)
    const t = removeTime === undefined ? Date.now() : restTime(removeTime)
    emit({ kind: "worker.down", t, id: number, ...departure(removeReason) })
  }
}

/** Spark's reason in the panel's words, and whether nobody asked for it. */
export function departure(reason = ""): { cause: string; lost: boolean } {
  const said = reason.split("\n")[0]!.replace(/\.$/, "")
  const code = /exited with code (\d+)/i.exec(said)?.[1]
  const lost = !/killed by driver|decommission|idle/i.test(said)
  if (code === "137")
    return { cause: "was killed (exit code 137: SIGKILL, as by the system when memory is short)", lost }
  return { cause: said === "" ? "left" : `left: ${said}`, lost }
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
    added: new Date(restTime(addTime)),
    ...(removeTime !== undefined && { removed: new Date(restTime(removeTime)) }),
    ...(removeReason !== undefined && { why: removeReason }),
  }
}
