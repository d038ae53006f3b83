// The pool's handle of one worker process: starts it, gives it functions and items one at a time, and says how it ended.
// One process, one life; the pool replaces it. Which item goes where is the pool's to say.

import { type ChildProcess, fork } from "node:child_process"
import { fileURLToPath } from "node:url"
import type { Bundle, FromWorker, ToWorker, WorkerError, WorkerSetup } from "./protocol.js"

export interface WorkerOptions {
  readonly id: number
  readonly setup: WorkerSetup
  /** JavaScript heap limit; Node's own when absent. */
  readonly memoryMb?: number
}

export interface WorkerEvents {
  printed(worker: WorkerProcess, stream: "stdout" | "stderr", text: string): void
  /** Output of native code, which is nobody's print. */
  logged(worker: WorkerProcess, text: string): void
  /** `farewell` tells whether it was asked to. */
  ended(worker: WorkerProcess, cause: string): void
}

export type ItemResult =
  | { readonly kind: "done"; readonly value: unknown; readonly ms: number }
  | { readonly kind: "failed"; readonly error: WorkerError; readonly ms: number }
  | { readonly kind: "lost"; readonly cause: string }

const entry = fileURLToPath(new URL("./child/main.js", import.meta.url))
const stderrKept = 8192

export class WorkerProcess {
  readonly id: number
  readonly name: string
  /** Settles with the names that the worker has by itself; rejects with the cause when it ends before. */
  readonly ready: Promise<readonly string[]>
  isReady = false
  /** Why it was told to end; its end is then no loss. */
  farewell: string | undefined
  readonly #child: ChildProcess
  readonly #loaded = new Set<number>()
  #item: ((result: ItemResult) => void) | undefined
  #stderr = ""
  #ended = false

  constructor(
    { id, setup, memoryMb }: WorkerOptions,
    private readonly events: WorkerEvents,
  ) {
    this.id = id
    this.name = `w${id}`
    this.#child = fork(entry, [JSON.stringify(setup)], {
      cwd: setup.baseDir,
      serialization: "advanced",
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      execArgv: ["--no-warnings", ...(memoryMb === undefined ? [] : [`--max-old-space-size=${memoryMb}`])],
    })
    this.ready = this.#listen()
    // Whoever waits for the worker sees its failure; without this Node would end the process for nobody waiting.
    this.ready.catch(() => {})
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  get busy(): boolean {
    return this.#item !== undefined
  }

  /** Runs one item; never rejects. The worker must not be busy. */
  run(bundle: Bundle, index: number, item: unknown): Promise<ItemResult> {
    return new Promise(settle => {
      if (this.#ended) return settle({ kind: "lost", cause: "it had ended" })
      this.#item = settle
      if (!this.#loaded.has(bundle.id)) this.#send({ type: "load", bundle })
      this.#loaded.add(bundle.id)
      this.#send({ type: "run", bundle: bundle.id, index, item })
    })
  }

  forget(bundle: Bundle): void {
    if (this.#loaded.delete(bundle.id) && !this.#ended) this.#send({ type: "forget", bundle: bundle.id })
  }

  /** Ends it once it is idle; exit handlers of the worker run. */
  leave(farewell: string): void {
    this.farewell = farewell
    if (!this.isReady) this.kill(farewell)
    else if (!this.busy && this.#child.connected) this.#child.disconnect()
  }

  /** Ends it whatever it does. */
  kill(farewell: string): void {
    this.farewell = farewell
    this.#child.kill("SIGKILL")
  }

  #listen(): Promise<readonly string[]> {
    return new Promise((ready, failed) => {
      this.#child.on("message", (message: FromWorker) => this.#take(message, ready))
      this.#child.stderr?.on("data", chunk => this.#nativeOutput(String(chunk)))
      this.#child.once("error", error => this.#end(error.message, failed))
      this.#child.once("exit", (code, signal) => {
        // Its last words are still in the pipe.
        setImmediate(() => this.#end(causeOf(code, signal, this.#stderr), failed))
      })
    })
  }

  #take(message: FromWorker, ready: (globals: readonly string[]) => void): void {
    switch (message.type) {
      case "ready":
        this.isReady = true
        ready(message.globals)
        break
      case "print":
        this.events.printed(this, message.stream, message.text)
        break
      case "done":
        this.#settle({ kind: "done", value: message.value, ms: message.ms })
        break
      case "failed":
        this.#settle({ kind: "failed", error: message.error, ms: message.ms })
        break
      default:
        message satisfies never
    }
  }

  #settle(result: ItemResult): void {
    const item = this.#item
    this.#item = undefined
    item?.(result)
    if (this.farewell !== undefined) this.leave(this.farewell)
  }

  #end(cause: string, failed: (error: Error) => void): void {
    if (this.#ended) return
    this.#ended = true
    this.isReady = false
    failed(new Error(cause))
    // The pool takes it off its list before its item looks for another worker.
    this.events.ended(this, cause)
    this.#settle({ kind: "lost", cause })
  }

  #nativeOutput(text: string): void {
    this.#stderr = (this.#stderr + text).slice(-stderrKept)
    for (const line of text.split("\n")) if (line.trim() !== "") this.events.logged(this, line)
  }

  #send(message: ToWorker): void {
    // A worker that has gone says so by its exit.
    this.#child.send(message, () => {})
  }
}

/** How a process ended, as the end of a sentence. */
function causeOf(code: number | null, signal: NodeJS.Signals | null, stderr: string): string {
  if (/heap out of memory|Reached heap limit|std::bad_alloc/.test(stderr)) return "ran out of memory"
  if (signal === "SIGKILL") return "was killed (SIGKILL), as the system does when memory runs out"
  if (signal !== null) return `ended by signal ${signal}`
  const words = stderr
    .split("\n")
    .find(line => /error/i.test(line))
    ?.trim()
  return `ended with exit code ${code}${words === undefined ? "" : ` (${words})`}`
}
