// A Dask cluster for a kernel: workers of this machine that end with it, or a scheduler that runs somewhere. The runner's
// `connect` calls it.

import { connect as openSocket } from "node:net"
import { fail } from "../../errors.js"
import { keysMayTravel } from "./access.js"
import { DaskEngine } from "./DaskEngine.js"
import { DaskProcess, type StartOptions } from "./DaskProcess.js"
import { DaskMonitor, type SchedulerCalls } from "./monitor/DaskMonitor.js"
import { type Counts, Dashboard } from "./monitor/dashboard.js"
import type { RunningTask } from "./monitor/queryStages.js"
import { findDask } from "./python.js"

export interface DaskOptions {
  /** Worker processes of a cluster that is started here; default 2. */
  readonly workers?: number
  /** Threads a worker; default 1. */
  readonly threads?: number
  /** Memory a worker, as Dask writes it: `"2GB"`. Default: the machine's, divided. */
  readonly workerMemory?: string
  /** The Python that has Dask; default: `.venv-dask` or `.venv` near the notebook, then `python3`. */
  readonly python?: string
  readonly interrupt?: () => AbortSignal
  /** Hears of the steps of a start. */
  readonly say?: (line: string) => void
}

export interface DaskWorker {
  readonly address: string
  readonly name: string
  readonly threads: number
  readonly status: string
  /** Bytes: used, the limit, and spilled to disk. */
  readonly memory: number
  readonly memoryLimit: number
  readonly spilled: number
  /** Tasks: now, and those that ended since `since`, when this kernel first saw the worker. */
  readonly running: number
  readonly done: number
  readonly failed: number
  readonly since: Date
}

export interface DaskCluster {
  readonly engine: DaskEngine
  /** `tcp://127.0.0.1:8786` */
  readonly address: string
  readonly dashboard: string
  /** `Dask 2026.8.0` */
  readonly product: string
  /** The Python process, for tests. */
  readonly pid: number | undefined
  workers(): Promise<readonly DaskWorker[]>
  counts(): Promise<Counts | undefined>
  /** Number of tasks by state, from the scheduler's metrics. */
  tasks(): Promise<Readonly<Record<string, number>>>
  close(): Promise<void>
}

/** `to`: `"dask"` starts workers here, `tcp://host:8786` joins a scheduler. @throws CLUSTER_START, CLUSTER_UNREACHABLE */
export async function connectDask(to: string, options: DaskOptions = {}): Promise<DaskCluster> {
  const say = options.say ?? (() => {})
  const { python } = await findDask(options.python)
  if (to !== "dask") await checkListens(to)
  if (to === "dask") say(`Dask: starting a scheduler and ${options.workers ?? 2} workers ...`)
  const process = new DaskProcess(python, startOptions(to, options))
  try {
    process.hold(true)
    const { scheduler, dashboard: page, version } = await process.ready
    process.hold(false)
    say(`Dask ${version}: ${scheduler}`)
    const dashboard = new Dashboard(page)
    const asked = to === "dask" ? (options.workers ?? 2) : undefined
    const calls: SchedulerCalls = {
      running: groups => process.ask<RunningTask[]>("running", { groups }),
      ownStream: () => process.ask<void>("ownStream"),
    }
    const pool = `dask ${scheduler.replace(/^\w+:\/\//, "")}`
    const monitor = new DaskMonitor(dashboard, calls, pool, asked)
    const { interrupt } = options
    const withKeys = keysMayTravel(scheduler)
    const engine = new DaskEngine({ process, monitor, withKeys, ...(interrupt && { interrupt }) })
    return {
      engine,
      address: scheduler,
      dashboard: page,
      product: `Dask ${version}`,
      pid: process.pid,
      workers: async () => {
        const found = await process.ask<DaskWorker[]>("workers")
        return found.map(worker => ({ ...worker, ...monitor.seen(worker.address) }))
      },
      counts: () => dashboard.counts(),
      tasks: async () => taskStates(await dashboard.metrics()),
      close: () => engine.close(),
    }
  } catch (error) {
    await process.close()
    throw error
  }
}

/** Nobody there is said at once: Dask's client would try for ten seconds. TLS and other transports are left to it. */
async function checkListens(address: string): Promise<void> {
  const found = /^tcp:\/\/(?:\[(.+)\]|([^:/]+)):(\d+)$/.exec(address)
  if (found === null) return
  const problem = await new Promise<string | undefined>(resolve => {
    const socket = openSocket({ host: found[1] ?? found[2]!, port: Number(found[3]), timeout: 10_000 })
    const end = (text?: string) => {
      socket.destroy()
      resolve(text)
    }
    socket.once("connect", () => end())
    socket.once("timeout", () => end("no answer in 10 s"))
    socket.once("error", error => end(error.message))
  })
  const fix = "Is the scheduler running? `dask scheduler` prints its address."
  if (problem !== undefined) throw fail("CLUSTER_UNREACHABLE", { server: address, problem, fix })
}

function startOptions(to: string, { workers = 2, threads, workerMemory }: DaskOptions): StartOptions {
  if (to !== "dask") return { address: to }
  return {
    workers,
    ...(threads !== undefined && { threads }),
    ...(workerMemory !== undefined && { memory: workerMemory }),
  }
}

function taskStates(metrics: ReadonlyMap<string, number> = new Map()): Record<string, number> {
  const found: Record<string, number> = {}
  for (const [name, value] of metrics) {
    const state = /^dask_scheduler_tasks\{state="(.+)"\}$/.exec(name)?.[1]
    if (state !== undefined) found[state] = value
  }
  return found
}
