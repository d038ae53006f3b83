// Notices when nearly every step compiles a program of its own, which makes training hundreds of times slower, and says
// once what differs between them and what to do. Not a limit: every program is compiled that has to be.

import { type Difference, differenceOf, type Outline, outlineOf } from "../ir/difference.js"
import type { Program } from "../ir/program.js"
import { emit } from "../telemetry/bus.js"

/** So many new programs within so many runs are a storm; the first steps of a training need a handful. */
const storm = { programs: 10, runs: 20 }
/** Looked at for the one that is most like the newest. */
const remembered = 6
/** Programs of a few operations compile in no time, and notebooks make many. */
const smallest = 10

export class CompileStorm {
  /** Storms so far; while one goes on it is one. */
  count = 0
  /** What was different in the latest, and what to do. */
  text: string | undefined
  private readonly recent: Outline[] = []
  private readonly compiledAt: number[] = []
  private isRaging = false

  constructor(private readonly tell: (text: string) => void = warn) {}

  /** A program had to be compiled for run number `run`. */
  compiled(program: Program, run: number): void {
    const outline = outlineOf(program)
    if (outline.operations.length < smallest) return
    while (this.compiledAt.length > 0 && this.compiledAt[0]! <= run - storm.runs) this.compiledAt.shift()
    if (this.compiledAt.length === 0) this.isRaging = false
    this.compiledAt.push(run)
    if (this.compiledAt.length >= storm.programs && !this.isRaging) this.begin(outline)
    this.recent.push(outline)
    if (this.recent.length > remembered) this.recent.shift()
  }

  private begin(now: Outline): void {
    this.isRaging = true
    this.count++
    const nearest = this.recent
      .map(other => differenceOf(other, now))
      .filter(difference => difference !== undefined)
      .sort((a, b) => b.after - a.after)[0]
    const why = nearest === undefined ? "" : ` Between the last ones ${nearest.text} ${advice[nearest.kind]}`
    this.text = `${storm.programs} programs were compiled within ${storm.runs} steps: nearly each step is another program.${why}`
    // Once: the cell that has it is read, and the report counts on.
    if (this.count === 1) this.tell(this.text)
  }
}

function warn(text: string): void {
  emit({ kind: "log", source: "train", level: "warning", text })
  process.stdout.write(`${text}\n`)
}

const advice: Readonly<Record<Difference["kind"], string>> = {
  shape:
    "Give batches of one size and sequences of one length: pad them, or leave out the last, shorter batch.",
  constant: "A number that changes should be a tensor: pass tf.scalar(x) as data.",
  setting:
    "A number that changes is part of an operation (where a slice starts, how far a pad goes): pick by a tensor instead, with tf.gather.",
  operation:
    "The code of the step takes another path each time: make the choice with tensors (tf.where), or outside of the step.",
  wiring: "The step leaves another number of results each time: dispose of what it makes, or return it.",
}
