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

/** Where a run begins that another one left: epochs that are over, batches of the next that are, what they summed up to. */
export interface RunStart {
  readonly epoch: number
  readonly batch: number
  readonly step: number
  readonly samples: number
  readonly sums: { readonly seen: number; readonly totals: Readonly<Record<string, number>> }
}

/** What tfjs has added up of the epoch that runs, for whoever saves it. */
export interface EpochSums {
  /** Reads the logs that are still on their way into the sums. */
  settle(): void
  seen(): number
  totals(): Readonly<Record<string, number>>
}

export interface FitRunOptions {
  readonly epochs: number
  readonly steps: number | undefined
  readonly device: string
  readonly start?: RunStart | undefined
  /** Steps that one execution runs; default 1. */
  readonly together?: number
  /** Rows of the batch that was just trained on, where tfjs does not see them all. */
  rowsOfBatch?(): number
  onProgress?(progress: Progress): void
  /** The numbers of each step, once they are read. */
  onLogs?(step: number, logs: Readonly<Record<string, number>>): void
  /** Training waits for what it gives. */
  onStep?(run: FitRun, sums: EpochSums): Promise<void> | undefined
  onEpoch?(result: EpochResult, run: FitRun): Promise<void> | void
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
  /** From 1. */
  epoch = 1
  /** Batches of this epoch. */
  batch = 0
  ended = false
  private carried: RunStart["sums"] | undefined
  private readonly waiting: Waiting[] = []
  private readonly started = performance.now()
  private reported = { at: this.started, samples: 0, step: 0 }
  private lastStepAt = this.started
  private settledAt = Number.NaN

  constructor(readonly options: FitRunOptions) {
    const { epochs, steps, device, start } = options
    if (start !== undefined) {
      this.step = start.step
      this.samples = start.samples
      this.epoch = start.epoch + 1
      this.batch = start.batch
      this.carried = start.batch > 0 ? start.sums : undefined
      this.reported = { at: this.started, samples: start.samples, step: start.step }
    }
    emit({ kind: "train.start", run: this.id, epochs, steps, device })
  }

  /** A step was started; `take` receives the logs of earlier ones as they settle. */
  batchEnd(
    size: number,
    logs: Logs,
    take: (logs: Readonly<Record<string, number>>, size: number) => void,
  ): void {
    this.waiting.push({ step: ++this.step, size, logs })
    this.batch++
    this.clock()
    // After the step is counted: what it changed is in the model.
    this.signal.throwIfAborted()
    while (this.waiting.length > lag + 2 * ((this.options.together ?? 1) - 1)) this.settle(take)
  }

  /** Reads everything that is still on its way. */
  drain(take: (logs: Readonly<Record<string, number>>, size: number) => void): void {
    while (this.waiting.length > 0) this.settle(take)
  }

  /** What an earlier run had summed up of the epoch that this one goes on with; once. */
  takeCarried(): RunStart["sums"] | undefined {
    const { carried } = this
    this.carried = undefined
    return carried
  }

  async epochEnd(logs: Readonly<Record<string, number>>): Promise<void> {
    const { loss, val_loss: val, ...metrics } = logs
    emit({ kind: "train.epoch", run: this.id, n: this.epoch, loss: loss ?? Number.NaN, val, metrics })
    await this.options.onEpoch?.({ epoch: this.epoch, logs }, this)
    this.epoch++
    this.batch = 0
  }

  end(status: "ok" | "error" | "interrupted"): void {
    if (this.ended) return
    this.ended = true
    emit({ kind: "train.end", run: this.id, status })
  }

  /** Over the whole run. */
  samplesPerSecond(): number {
    return (
      (this.samples - (this.options.start?.samples ?? 0)) /
      Math.max((performance.now() - this.started) / 1000, 1e-9)
    )
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
    this.options.onLogs?.(step, numbers)
    this.report(step, loss ?? Number.NaN)
  }

  /** Without those of the run that this one goes on with. */
  private get stepsHere(): number {
    return this.step - (this.options.start?.step ?? 0)
  }

  private clock(): void {
    const now = performance.now()
    if (this.stepsHere === settledAfter) this.settledAt = now
    if (this.stepMs.length === 4096) this.stepMs.splice(0, 2048)
    this.stepMs.push(now - this.lastStepAt)
    this.lastStepAt = now
  }

  private msLeft(now: number): number | undefined {
    const { epochs, steps } = this.options
    const done = this.stepsHere - settledAfter
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
