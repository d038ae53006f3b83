// The seam between what talks to a user (the Jupyter wire, the batch command) and what runs cells: one session is one
// checker process and one runner process. It owns both and ends them in `close`; a runner that dies becomes an error
// reply that names the cause, and the next cell starts a fresh one. Not Jupyter: no message, socket or signature here.

import type { CheckedCell, Completeness, Completions, Inspection } from "../cell/Checker.js"
import type { TelemetryEvent } from "../telemetry/events.js"

export interface KernelSession {
  /** Runs one cell; calls must come one after the other (the wire queues). Output goes to `sink` in order, all of it
   *  before the promise settles. Never rejects for what a cell does. */
  execute(code: string, options: ExecuteOptions, sink: OutputSink): Promise<ExecuteOutcome>
  complete(code: string, offset: number): Promise<Completions>
  inspect(code: string, offset: number, detail: 0 | 1): Promise<Inspection>
  isComplete(code: string): Promise<Completeness>
  /** Stops the running cell; variables survive. Does nothing when idle. */
  interrupt(): Promise<void>
  /** Comm traffic from the front end to comms that user code holds. */
  comm(message: CommMessage): Promise<void>
  /** Every telemetry event from now on (the session's own cell events included). */
  onTelemetry(listener: (event: TelemetryEvent) => void): () => void
  /** Events since the session began, oldest dropped first (ring buffer). */
  recorded(since?: number): { seq: number; events: TelemetryEvent[] }
  /** Puts a line into the telemetry log: what the session's owner noticed and no cell should show. */
  note(text: string): void
  /** A fresh runner and checker: all variables are gone. */
  restart(): Promise<void>
  /** `graceMs`: how long the runner may take for its own end before it is killed; default 400. */
  close(graceMs?: number): Promise<void>
}

export interface ExecuteOptions {
  /** msg_id of the request: stamps telemetry. */
  readonly id: string
  /** Execution count shown as `In [n]`. */
  readonly n: number
  /** No telemetry snapshot, no result. */
  readonly silent: boolean
  /** Jupyter user_expressions: name to expression, evaluated after the cell. */
  readonly userExpressions?: Record<string, string>
}

export interface OutputSink {
  stream(name: "stdout" | "stderr", text: string): void
  display(bundle: Record<string, unknown>, options: DisplayOptions): void
  result(bundle: Record<string, unknown>, metadata: Record<string, unknown>): void
  clear(wait: boolean): void
  comm(message: CommMessage): void
  /** Asks the user for a line; rejects when the front end does not allow stdin. */
  input(prompt: string, password: boolean): Promise<string>
}

export interface DisplayOptions {
  readonly id?: string
  readonly update?: boolean
  readonly metadata?: Record<string, unknown>
}

export interface CommMessage {
  readonly kind: "open" | "msg" | "close"
  readonly id: string
  readonly target?: string
  readonly data: unknown
  readonly metadata?: Record<string, unknown>
  readonly buffers?: readonly Uint8Array[]
}

export type ExecuteOutcome =
  | {
      readonly status: "ok"
      readonly userExpressions: Record<string, unknown>
      readonly checked: CheckedCell
    }
  | CellError

/** What stopped a cell. `traceback` lines are in the user's TypeScript, positions mapped, ANSI colours allowed. */
export interface CellError {
  readonly status: "error" | "interrupted" | "died"
  readonly ename: string
  readonly evalue: string
  readonly traceback: readonly string[]
}
