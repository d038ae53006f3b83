// The checker from the session's side: a process that is started, asked, and replaced when it died or grew too large. The
// cells that ran are remembered here as plain data, so a new process knows what the old one knew.

import { type ChildProcess, fork } from "node:child_process"
import { fileURLToPath } from "node:url"
import { fail } from "../errors.js"
import { emit } from "../telemetry/bus.js"
import { CellState, type StateDelta } from "./CellState.js"
import type { CheckedCell, Checker, Completeness, Completions, Inspection } from "./Checker.js"
import type { CheckerAnswer, CheckerCall } from "./checkerProcess.js"

export interface StartCheckerOptions {
  /** The notebook's folder. */
  readonly cwd: string
  /** Resident bytes above which the process is replaced after a cell. Default 1.5 GB. */
  readonly maxRss?: number
}

/** Starts a checker process. Resolves at once: the first call waits for it. */
export async function startChecker(options: StartCheckerOptions): Promise<Checker> {
  return new CheckerClient(options)
}

class CheckerClient implements Checker {
  readonly #state = new CellState()
  readonly #cwd: string
  readonly #maxRss: number
  #process: CheckerProcess | undefined
  #rss = 0

  constructor({ cwd, maxRss = 1.5e9 }: StartCheckerOptions) {
    this.#cwd = cwd
    this.#maxRss = maxRss
    this.#process = new CheckerProcess(cwd)
  }

  async check(code: string, cell: { id: string; n: number }): Promise<CheckedCell> {
    return (await this.#call("check", [code, cell])) as CheckedCell
  }

  async commit(id: string, outcome: Parameters<Checker["commit"]>[1]): Promise<void> {
    this.#state.apply((await this.#call("commit", [id, outcome])) as StateDelta)
    if (this.#rss > this.#maxRss) this.#replace()
  }

  async complete(code: string, offset: number): Promise<Completions> {
    return (await this.#call("complete", [code, offset])) as Completions
  }

  async inspect(code: string, offset: number, detail: 0 | 1): Promise<Inspection> {
    return (await this.#call("inspect", [code, offset, detail])) as Inspection
  }

  async isComplete(code: string): Promise<Completeness> {
    return (await this.#call("isComplete", [code])) as Completeness
  }

  async close(): Promise<void> {
    this.#process?.end()
    this.#process = undefined
  }

  async #call(method: CheckerCall["method"], args: readonly unknown[]): Promise<unknown> {
    if (this.#process === undefined || this.#process.ended) this.#replace()
    const { value, error, rss } = await this.#process!.call(method, args)
    this.#rss = rss
    if (error !== undefined) throw new Error(error)
    return value
  }

  #replace(): void {
    const old = this.#process
    this.#process = new CheckerProcess(this.#cwd)
    void this.#process.call("restore", [this.#state.all()]).catch(() => {}) // its death is met by the next call
    old?.end()
    emit({ kind: "log", source: "checker", level: "info", text: "The type checker's process was replaced." })
  }
}

class CheckerProcess {
  ended = false
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, { done(answer: CheckerAnswer): void; failed(error: unknown): void }>()
  #last = 0

  constructor(cwd: string) {
    const entry = fileURLToPath(new URL("checkerProcess.js", import.meta.url))
    this.#child = fork(entry, [cwd], {
      serialization: "advanced",
      stdio: ["ignore", "ignore", "ignore", "ipc"],
      execArgv: [],
    })
    this.#child.on("message", (answer: CheckerAnswer) => {
      this.#waiting.get(answer.id)?.done(answer)
      this.#waiting.delete(answer.id)
    })
    this.#child.on("exit", (code, signal) => this.#onEnd(signal ?? `exit code ${code}`))
    this.#child.on("error", error => this.#onEnd(error.message))
  }

  call(method: CheckerCall["method"], args: readonly unknown[]): Promise<CheckerAnswer> {
    const id = ++this.#last
    return new Promise((done, failed) => {
      this.#waiting.set(id, { done, failed })
      this.#child.send({ id, method, args } as CheckerCall, error => {
        if (error !== null) failed(fail("CHECKER_LOST", { cause: error.message }, error))
      })
    })
  }

  end(): void {
    this.ended = true
    if (this.#child.connected) this.#child.disconnect()
  }

  #onEnd(cause: string): void {
    this.ended = true
    for (const { failed } of this.#waiting.values()) failed(fail("CHECKER_LOST", { cause }))
    this.#waiting.clear()
  }
}
