// The front's handle of one runner process: starts it, sends it cells, routes what it outputs, and says how it ended. One
// process, one life; session.ts replaces it.

import { type ChildProcess, spawn } from "node:child_process"
import type { Socket } from "node:net"
import { fileURLToPath } from "node:url"
import type { TelemetryEvent } from "../telemetry/events.js"
import { type Death, explainDeath } from "./death.js"
import { FrameReader, messageFrame } from "./frames.js"
import type { CommMessage, OutputSink } from "./KernelSession.js"
import { OutputRouter } from "./outputRouter.js"
import {
  type Command,
  commandFd,
  type FromWatchdog,
  type Output,
  outputFd,
  type Ran,
  type RunCell,
  type ToWatchdog,
  watchdogFd,
} from "./protocol.js"

export interface RunnerOptions {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  /** Telemetry sample interval; 0 samples nothing. */
  readonly sampleMs: number
  /** Limit of the JavaScript heap; Node's own when absent. */
  readonly heapMb?: number
}

export interface RunnerEvents {
  telemetry(event: TelemetryEvent): void
  ended(death: Death): void
}

const entry = fileURLToPath(new URL("./child/main.js", import.meta.url))
const stderrKept = 16_384

export class RunnerProcess {
  readonly #child: ChildProcess
  readonly #router = new OutputRouter()
  #running: { id: string; settle: (ran: Ran | Death) => void; sink: OutputSink } | undefined
  #stderr = ""
  #death: Death | undefined
  #ready = false

  constructor(
    options: RunnerOptions,
    private readonly events: RunnerEvents,
  ) {
    this.#child = spawn(process.execPath, [...nodeFlags(options), entry], {
      cwd: options.cwd,
      env: { ...process.env, ...options.env, SHARDLAB_SAMPLE_MS: String(options.sampleMs) },
      stdio: ["ignore", "pipe", "pipe", "pipe", "pipe", "pipe"],
    })
    this.#listen()
  }

  get death(): Death | undefined {
    return this.#death
  }

  /** False for a process that ended before it could run anything. */
  get wasReady(): boolean {
    return this.#ready
  }

  /** Runs a cell; settles with its end or with the runner's. All output has gone to `sink` by then. */
  run(cell: RunCell, sink: OutputSink): Promise<Ran | Death> {
    this.#router.to(sink)
    return new Promise(resolve => {
      if (this.#death !== undefined) return resolve(this.#death)
      this.#running = { id: cell.id, settle: resolve, sink }
      this.#command(cell)
    })
  }

  interrupt(): void {
    this.#toWatchdog({ type: "interrupt" })
  }

  comm(message: CommMessage): void {
    this.#command({ type: "comm", message })
  }

  /** Asks the process to exit, so that its exit handlers run, and kills it when it does not do so soon. */
  async close(graceMs = 400): Promise<void> {
    if (this.#death !== undefined) return
    const exited = new Promise<void>(resolve => this.#child.once("exit", () => resolve()))
    this.#command({ type: "exit" })
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), graceMs)
    await exited
    clearTimeout(timer)
  }

  #listen(): void {
    const reader = new FrameReader(
      message => this.#take(message as Output),
      (name, bytes) => this.#router.text(name, bytes),
    )
    this.#pipe(outputFd).on("data", chunk => reader.push(chunk))
    const watchdog = new FrameReader(message => this.events.telemetry((message as FromWatchdog).event))
    this.#pipe(watchdogFd).on("data", chunk => watchdog.push(chunk))
    this.#child.stdout!.on("data", chunk => this.#router.text("stdout", chunk))
    this.#child.stderr!.on("data", chunk => this.#nativeStderr(String(chunk)))
    // A runner that has gone breaks its pipes; `exit` tells.
    for (const fd of [outputFd, commandFd, watchdogFd]) this.#pipe(fd).on("error", () => {})
    this.#child.once("error", error => this.#ended({ ...explainDeath(null, null, ""), cause: error.message }))
    this.#child.once("exit", (code, signal) => void this.#exited(code, signal))
  }

  #take(output: Output): void {
    if (output.type === "ready") this.#ready = true
    else if (output.type === "telemetry") this.events.telemetry(output.event)
    else if (output.type === "input") void this.#ask(output)
    else if (output.type === "ran") void this.#ran(output)
    else this.#router.show(output)
  }

  async #ask({ question, prompt, password }: Output & { type: "input" }): Promise<void> {
    const answer = await this.#router.ask(prompt, password)
    this.#toWatchdog({ type: "answer", question, answer })
  }

  /** Native code's output comes on another pipe: what it wrote before the cell's end is there within a turn or two. */
  async #ran({ id, outcome }: Output & { type: "ran" }): Promise<void> {
    for (let turn = 0; turn < 2; turn++) await new Promise(resolve => setImmediate(resolve))
    if (this.#running?.id === id) this.#settle(outcome)
  }

  #settle(ran: Ran | Death): void {
    const running = this.#running
    this.#running = undefined
    this.#router.flush()
    running?.settle(ran)
  }

  async #exited(code: number | null, signal: NodeJS.Signals | null): Promise<void> {
    // Its last words are still in the pipes. A grandchild that inherited one must not keep the cell waiting.
    const drained = new Promise<void>(resolve => this.#child.once("close", () => resolve()))
    await Promise.race([drained, new Promise(resolve => setTimeout(resolve, 500).unref())])
    this.#ended(explainDeath(code, signal, this.#stderr))
  }

  #ended(death: Death): void {
    if (this.#death !== undefined) return
    this.#death = death
    this.#settle(death)
    this.events.ended(death)
  }

  /** Chatter of native libraries: kept out of the notebook, in telemetry and for the words about a crash. */
  #nativeStderr(text: string): void {
    this.#stderr = (this.#stderr + text).slice(-stderrKept)
    for (const line of text.split("\n").filter(line => line.trim() !== "")) {
      this.events.telemetry({ kind: "log", t: Date.now(), source: "runner", level: "warning", text: line })
    }
  }

  #command(command: Command): void {
    this.#pipe(commandFd).write(messageFrame(command))
  }

  #toWatchdog(message: ToWatchdog): void {
    this.#pipe(watchdogFd).write(messageFrame(message))
  }

  #pipe(fd: number): Socket {
    return this.#child.stdio[fd] as Socket
  }
}

function nodeFlags({ heapMb }: RunnerOptions): string[] {
  // Without the first, terminating a loop inside a timer's callback aborts Node 20: its async-hook stack is off then.
  const flags = ["--no-force-async-hooks-checks", "--no-warnings"]
  if (heapMb !== undefined) flags.push(`--max-old-space-size=${heapMb}`)
  return flags
}
