// What a Dask scheduler tells over HTTP: counts as JSON, Prometheus metrics, and a WebSocket with each task that ran. It only
// listens; nothing here can change the cluster.

import WebSocket from "ws"

/** `/json/counts.json` */
export interface Counts {
  readonly workers: number
  /** How many Dask's own adaptive rule would have, whether or not anything follows it. */
  readonly recommended: number
  readonly cores: number
  readonly tasks: number
  readonly processing: number
  /** Tasks whose results are in memory. */
  readonly memory: number
}

/** A task's name in the scheduler: text, or the name of its group and numbers. */
export type Key = string | readonly [string, ...unknown[]]

/** One message of `/eventstream`. */
export type DaskEvent =
  | { readonly name: "add_worker" | "remove_worker"; readonly worker: string }
  | {
      readonly name: "transition"
      readonly key: Key
      readonly worker: string
      readonly action: string
      /** Seconds since the epoch. */
      readonly start: number
      readonly stop: number
      readonly nbytes?: number
      readonly exception_text?: string
    }

export class Dashboard {
  readonly #base: string

  /** `address`: the dashboard's, `http://127.0.0.1:8787/status`. */
  constructor(address: string) {
    this.#base = address.replace(/\/status\/?$/, "").replace(/\/$/, "")
  }

  async counts(): Promise<Counts | undefined> {
    const text = await this.#get("/json/counts.json")
    if (text === undefined) return undefined
    const { workers, desired_workers: recommended, cores, tasks, processing, memory } = JSON.parse(text)
    return { workers, recommended, cores, tasks, processing, memory }
  }

  /** Prometheus metrics by name with their labels, `dask_scheduler_tasks{state="memory"}`; undefined when they are off. */
  async metrics(): Promise<ReadonlyMap<string, number> | undefined> {
    const text = await this.#get("/metrics")
    return text === undefined ? undefined : parseMetrics(text)
  }

  /** Calls back for each event until closed; `opened` when it listens, `ended` when the scheduler ends the stream. */
  listen(take: (event: DaskEvent) => void, opened: () => void, ended: (problem: string) => void): () => void {
    const socket = new WebSocket(`${this.#base.replace(/^http/, "ws")}/eventstream`)
    let closed = false
    const end = (problem: string) => {
      if (!closed) ended(problem)
      closed = true
    }
    socket.on("open", () => {
      ;(socket as unknown as { _socket?: { unref(): void } })._socket?.unref()
      opened()
    })
    socket.on("message", data => take(JSON.parse(String(data)) as DaskEvent))
    socket.on("error", error => end(error.message))
    socket.on("close", () => end("the stream of events ended"))
    return () => {
      closed = true
      socket.terminate()
    }
  }

  async #get(path: string): Promise<string | undefined> {
    try {
      const response = await fetch(this.#base + path, { signal: AbortSignal.timeout(2_000) })
      return response.ok ? await response.text() : undefined
    } catch {
      return undefined // the scheduler is gone, or shows no dashboard
    }
  }
}

export function parseMetrics(text: string): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  for (const line of text.split("\n")) {
    const match = /^([a-zA-Z_:][\w:]*(?:\{.*\})?) (\S+)/.exec(line)
    if (match !== null) found.set(match[1]!, Number(match[2]))
  }
  return found
}
