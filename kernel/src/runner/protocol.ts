// What the front and the runner say to each other, and over which file descriptor. Plain data, no behaviour.

import type { LiveType } from "../cell/Checker.js"
import type { TelemetryEvent } from "../telemetry/events.js"
import type { CellError, CommMessage, DisplayOptions } from "./KernelSession.js"

/** Runner to front, ordered: everything that a cell outputs, and its end. Written with blocking writes. */
export const outputFd = 3
/** Front to the runner's main thread: what to run. */
export const commandFd = 4
/** Both ways, to the runner's watchdog thread: works while the main thread loops. */
export const watchdogFd = 5

export type Command =
  | RunCell
  | { readonly type: "comm"; readonly message: CommMessage }
  | { readonly type: "exit" }

export interface RunCell {
  readonly type: "run"
  readonly id: string
  readonly n: number
  /** As the user wrote it, for code frames. */
  readonly code: string
  readonly js: string
  readonly map: string
  readonly names: readonly string[]
  readonly hasValue: boolean
  readonly silent: boolean
  readonly userExpressions: Record<string, string>
}

export type Output =
  | { readonly type: "ready" }
  | { readonly type: "display"; readonly bundle: Record<string, unknown>; readonly options: DisplayOptions }
  | {
      readonly type: "result"
      readonly bundle: Record<string, unknown>
      readonly metadata: Record<string, unknown>
    }
  | { readonly type: "clear"; readonly wait: boolean }
  | { readonly type: "comm"; readonly message: CommMessage }
  | { readonly type: "telemetry"; readonly event: TelemetryEvent }
  | { readonly type: "input"; readonly question: number; readonly prompt: string; readonly password: boolean }
  | { readonly type: "ran"; readonly id: string; readonly outcome: Ran }

export type Ran =
  | {
      readonly status: "ok"
      readonly userExpressions: Record<string, unknown>
      readonly live: readonly LiveType[]
    }
  /** `defined`: the cell got far enough that some of the names it declares have values. */
  | (CellError & { readonly defined: boolean })

export type ToWatchdog =
  | { readonly type: "interrupt" }
  | { readonly type: "answer"; readonly question: number; readonly answer: Answer }

/** A line of input, or why there is none. */
export type Answer = { readonly text: string } | { readonly refused: string }

export type FromWatchdog = { readonly type: "telemetry"; readonly event: TelemetryEvent }
