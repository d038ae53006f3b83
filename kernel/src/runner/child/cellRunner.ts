// Runs one cell and settles it exactly once: with its end, or at an interrupt, whichever comes first. The second way is
// needed because a script that was terminated behind an await never ends, and one that only waits cannot be terminated.

import { beginCell, interruptCell } from "../../interrupt.js"
import { followedUp } from "../../telemetry/bus.js"
import type { CellError } from "../KernelSession.js"
import type { Ran, RunCell } from "../protocol.js"
import { displaysDone, isDisplayHandle } from "./displays.js"
import type { Evaluated, Evaluator } from "./evaluator.js"
import type { OutputPipe } from "./output.js"
import type { Tracebacks } from "./traceback.js"
import { bundleOf, liveTypes, wireable } from "./values.js"

const interrupted: CellError = {
  status: "interrupted",
  ename: "Interrupted",
  evalue: "The cell was interrupted; variables are kept.",
  traceback: ["\u001b[31mInterrupted\u001b[39m: the cell was interrupted; variables are kept."],
}

export class CellRunner {
  #running: { readonly cell: RunCell; settle(outcome: Ran): void } | undefined
  /** Id of the cell that runs or ran last: output and telemetry belong to it. */
  cellId: string | undefined

  constructor(
    private readonly evaluator: Evaluator,
    private readonly output: OutputPipe,
    private readonly tracebacks: Tracebacks,
  ) {}

  run(cell: RunCell): void {
    this.cellId = cell.id
    this.output.beginCell()
    beginCell()
    const running = {
      cell,
      settle: (outcome: Ran): void => {
        if (this.#running !== running) return
        this.#running = undefined
        this.output.endCell()
        this.output.send({ type: "ran", id: cell.id, outcome })
      },
    }
    this.#running = running
    this.#outcome(cell)
      .catch(error => this.#failed(cell, error))
      .then(async outcome => {
        await followedUp()
        running.settle(outcome)
      })
  }

  /** Called by the watchdog when the main thread is free to run it. */
  interrupt(): void {
    const running = this.#running
    running?.settle(this.#stopped(running.cell))
    interruptCell()
  }

  async #outcome(cell: RunCell): Promise<Ran> {
    const url = this.tracebacks.register(cell)
    const evaluated = await this.evaluator.evaluate(`${cell.js}\n//# sourceURL=${url}`)
    if (evaluated.kind === "terminated") return this.#stopped(cell)
    if (evaluated.kind === "thrown") return this.#failed(cell, evaluated.error)
    const { value } = evaluated
    if (cell.hasValue && !cell.silent && value !== undefined && !isDisplayHandle(value)) {
      const bundle = wireable(await bundleOf(value))
      this.output.send({ type: "result", bundle, metadata: {} })
    }
    await displaysDone()
    const userExpressions = await this.#userExpressions(cell.userExpressions)
    return { status: "ok", userExpressions, live: liveTypes(this.#values(cell.names)) }
  }

  #stopped(cell: RunCell): Ran {
    return { ...interrupted, defined: this.#isDefined(cell) }
  }

  #failed(cell: RunCell, error: unknown): Ran {
    return { ...this.tracebacks.describe(error), defined: this.#isDefined(cell) }
  }

  #isDefined({ names }: RunCell): boolean {
    return Object.keys(this.#values(names)).length > 0
  }

  /** The values of those names that exist at run time; an interface's name does not, nor one whose line was not reached. */
  #values(names: readonly string[]): Record<string, unknown> {
    if (names.length === 0) return {}
    const entries = names.map(name => `[${JSON.stringify(name)}, () => ${name}]`).join(", ")
    const script = `[${entries}].flatMap(([name, get]) => { try { return [[name, get()]] } catch { return [] } })`
    return Object.fromEntries((this.evaluator.evaluateNow(script) ?? []) as [string, unknown][])
  }

  async #userExpressions(expressions: Record<string, string>): Promise<Record<string, unknown>> {
    const answers: Record<string, unknown> = {}
    for (const [name, expression] of Object.entries(expressions)) {
      answers[name] = await this.#answer(await this.evaluator.evaluate(`(${expression}\n)`))
    }
    return answers
  }

  async #answer(evaluated: Evaluated): Promise<Record<string, unknown>> {
    if (evaluated.kind === "value") {
      return { status: "ok", data: wireable(await bundleOf(evaluated.value)), metadata: {} }
    }
    return evaluated.kind === "thrown"
      ? { ...this.tracebacks.describe(evaluated.error) }
      : { ...interrupted, status: "error" }
  }
}
