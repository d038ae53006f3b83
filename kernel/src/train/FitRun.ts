// One call of `fit`, followed from the outside: its numbers as they become known, the telemetry of its steps and epochs,
// the stop on a loss that is not a number and on an interrupt. Losses stay on the device for a few steps, so that reading
// one never waits for the step that was just started; this also bounds how far JavaScript runs ahead of the device.

import { fail } from "../errors.js"
import { emit } from "../telemetry/bus.js"
import { trainingSignal } from "./interruption.js"

/** A number that may still be on its way. `value` waits for it, once. */
export interface Pending {
  value(): number
}
export type Logs = Readonly<Record<string, Pending | number>>

/** What a progress display or a test gets to see, at most every `reportMs`. */
export interface Progress {
  readonly step: number
  readonly epoch: number
  readonly epochs: number
  /** Known only when the size of the data is. */
  readonly steps: number | undefined
  readonly loss: number
  readonly samples: number
  readonly samplesPerSecond: number
  /** Until the end, once the steps have settled (the first ones compile) and their number is known. */
  readonly msLeft: number | undefined
}

export interface EpochResult {
  /** From 1. */
  readonly epoch: number
  readonly logs: Readonly<Record<string, number>>
}

export interface FitRunOptions {
  readonly epochs: number
  readonly steps: number | undefined
  readonly device: string
  onProgress?(progress: Progress): void
  onEpoch?(result: EpochResult): void
}

/** How many steps a loss may stay unread. */
const lag = 3
const reportMs = 250
/** Steps that record and compile, and say nothing about those to come. */
const settledAfter = 3

interface Waiting {
  readonly step: number
  readonly size: number
  readonly logs: Logs
}

let made = 0

export class FitRun {
  readonly id = `fit-${process.pid}-${++made}`
  /** Milliseconds between the ends of steps, the latest few thousand. */
  readonly stepMs: number[] = []
  readonly signal = trainingSignal()
  step = 0
  samples = 0
  epoch = 1
  ended = false
  private readonly waiting: Waiting[] = []
  private readonly started = performance.now()
  private reported = { at: this.started, samples: 0, step: 0 }
  private lastStepAt = this.started
  private settledAt = Number.NaN

  constructor(readonly options: FitRunOptions) {
    const { epochs, steps, device } = options
    emit({ kind: "train.start", run: this.id, epochs, steps, device })
  }

  /** A step was started; `take` receives the logs of earlier ones as they settle. */
  batchEnd(
    size: number,
    logs: Logs,
    take: (logs: Readonly<Record<string, number>>, size: number) => void,
  ): void {
    this.signal.throwIfAborted()
    this.waiting.push({ step: ++this.step, size, logs })
    this.clock()
    while (this.waiting.length > lag) this.settle(take)
  }

  /** Reads everything that is still on its way. */
  drain(take: (logs: Readonly<Record<string, number>>, size: number) => void): void {
    while (this.waiting.length > 0) this.settle(take)
  }

  epochEnd(logs: Readonly<Record<string, number>>): void {
    const { loss, val_loss: val, ...metrics } = logs
    emit({ kind: "train.epoch", run: this.id, n: this.epoch, loss: loss ?? Number.NaN, val, metrics })
    this.options.onEpoch?.({ epoch: this.epoch, logs })
    this.epoch++
  }

  end(status: "ok" | "error" | "interrupted"): void {
    if (this.ended) return
    this.ended = true
    emit({ kind: "train.end", run: this.id, status })
  }

  /** Over the whole run. */
  samplesPerSecond(): number {
    return this.samples / Math.max((performance.now() - this.started) / 1000, 1e-9)
  }

  private settle(take: (logs: Readonly<Record<string, number>>, size: number) => void): void {
    const { step, size, logs } = this.waiting.shift()!
    const numbers: Record<string, number> = {}
    for (const name in logs) {
      const log = logs[name]!
      numbers[name] = typeof log === "number" ? log : log.value()
    }
    const { loss } = numbers
    if (loss !== undefined && !Number.isFinite(loss)) throw fail("LOSS_NOT_FINITE", { loss, step })
    this.samples += size
    take(numbers, size)
    this.report(step, loss ?? Number.NaN)
  }

  private clock(): void {
    const now = performance.now()
    if (this.step === settledAfter) this.settledAt = now
    if (this.stepMs.length === 4096) this.stepMs.splice(0, 2048)
    this.stepMs.push(now - this.lastStepAt)
    this.lastStepAt = now
  }

  private msLeft(now: number): number | undefined {
    const { epochs, steps } = this.options
    const done = this.step - settledAfter
    if (steps === undefined || done <= 0) return undefined
    return ((now - this.settledAt) / done) * Math.max(steps * epochs - this.step, 0)
  }

  private report(step: number, loss: number): void {
    const now = performance.now()
    if (now - this.reported.at < reportMs) return
    const [samples, ms] = [this.samples - this.reported.samples, now - this.reported.at]
    emit({ kind: "train.step", run: this.id, step, loss, samples, ms })
    const { epochs, steps, onProgress } = this.options
    const samplesPerSecond = (samples / ms) * 1000
    const { epoch } = this
    onProgress?.({
      step,
      epoch,
      epochs,
      steps,
      loss,
      samples: this.samples,
      samplesPerSecond,
      msLeft: this.msLeft(now),
    })
    this.reported = { at: now, samples: this.samples, step }
  }
}
