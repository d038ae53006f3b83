// Spark's REST address (/api/v1), read only: which jobs belong to an operation, their stages and tasks, the executors. The
// fields that are used, no more; a server that does not answer gives undefined.

import { isLoopback } from "../address.js"
import type { Session } from "../Session.js"
import type { RestPlan } from "./stageNames.js"

export interface RestJob {
  readonly jobId: number
  readonly jobTags: readonly string[]
  readonly stageIds: readonly number[]
}
export interface RestStage {
  readonly stageId: number
  readonly attemptId: number
  readonly status: "PENDING" | "ACTIVE" | "COMPLETE" | "FAILED" | "SKIPPED"
  readonly numTasks: number
  /** Rows read from files or made, not those from another stage. */
  readonly inputRecords?: number
  readonly submissionTime?: string
  readonly completionTime?: string
}
interface Moved {
  readonly recordsRead?: number
  readonly bytesRead?: number
  readonly localBytesRead?: number
  readonly remoteBytesRead?: number
  readonly recordsWritten?: number
  readonly bytesWritten?: number
}
export interface RestTask {
  readonly index: number
  readonly attempt: number
  readonly executorId: string
  readonly status: "RUNNING" | "SUCCESS" | "FAILED" | "KILLED" | "UNKNOWN"
  readonly launchTime: string
  readonly duration?: number
  readonly taskMetrics?: {
    readonly memoryBytesSpilled: number
    readonly diskBytesSpilled: number
    readonly inputMetrics: Moved
    readonly shuffleReadMetrics: Moved
    readonly outputMetrics: Moved
  }
}
export interface RestExecutor {
  readonly id: string
  readonly hostPort: string
  readonly isActive: boolean
  readonly totalCores: number
  readonly maxMemory: number
  readonly memoryUsed: number
  readonly activeTasks: number
  readonly completedTasks: number
  readonly failedTasks: number
  readonly addTime: string
  readonly removeTime?: string
  readonly removeReason?: string
}
/** The rows of a `persist`; the name is the plan that made them, cut after 1,024 characters. */
export interface RestKept {
  readonly name: string
  readonly memoryUsed: number
  readonly diskUsed: number
}

const timeoutMs = 3_000
/** The first answer of a driver that has just started, on a busy machine, takes longer. Where nobody listens on this machine
 *  that is told at once; elsewhere a wall may just stay silent. */
const firstTimeoutMs = 20_000
const mostTasks = 20_000

export class RestClient {
  constructor(
    /** `http://host:4040`. */
    readonly ui: string,
    readonly app: string,
  ) {}

  jobs(): Promise<readonly RestJob[] | undefined> {
    return this.#get("jobs")
  }
  /** Every attempt of a stage. */
  stage(id: number): Promise<readonly RestStage[] | undefined> {
    return this.#get(`stages/${id}?details=false`)
  }
  /** Only tasks that have started: the rest of a stage waits. */
  tasks({ stageId, attemptId }: RestStage): Promise<readonly RestTask[] | undefined> {
    return this.#get(`stages/${stageId}/${attemptId}/taskList?length=${mostTasks}`)
  }
  /** The plan of a query with what was measured so far. */
  plan(execution: number): Promise<RestPlan | undefined> {
    return this.#get(`sql/${execution}?details=true&planDescription=false`)
  }
  /** The driver is among them, and those that are gone. */
  executors(): Promise<readonly RestExecutor[] | undefined> {
    return this.#get("allexecutors")
  }
  kept(): Promise<readonly RestKept[] | undefined> {
    return this.#get("storage/rdd")
  }

  #get<T>(path: string): Promise<T | undefined> {
    return getJson<T>(`${this.ui}/api/v1/applications/${this.app}/${path}`)
  }
}

/** The REST address of a session's application: the given one, or where the server's own settings say. */
export async function findRest(session: Session, given?: string): Promise<RestClient | undefined> {
  const settings = await session.config(
    "spark.app.id",
    "spark.driver.host",
    "spark.ui.port",
    "spark.ui.enabled",
  )
  const app = settings["spark.app.id"]
  if (app === undefined || (given === undefined && settings["spark.ui.enabled"] === "false")) return undefined
  const ui = (
    given ?? `http://${settings["spark.driver.host"]}:${settings["spark.ui.port"] ?? 4040}`
  ).replace(/\/+$/, "")
  const found = await getJson<{ id: string }[]>(
    `${ui}/api/v1/applications`,
    given === undefined && !isLoopback(new URL(ui).hostname) ? timeoutMs : firstTimeoutMs,
  )
  return found?.some(({ id }) => id === app) === true ? new RestClient(ui, app) : undefined
}

/** Spark writes `2026-11-26T08:09:51.123GMT`. */
export function restTime(text: string): number {
  return Date.parse(text.replace("GMT", "Z"))
}

async function getJson<T>(url: string, patience = timeoutMs): Promise<T | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(patience), redirect: "error" })
    return response.ok ? ((await response.json()) as T) : undefined
  } catch {
    return undefined
  }
}
