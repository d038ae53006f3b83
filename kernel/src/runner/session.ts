// One session: a checker process, a runner process and the events of both. Runs a cell through check, evaluate, commit;
// replaces the runner (and the checker, whose declarations are of variables that are gone) when it has died.

import type {
  CheckedCell,
  Checker,
  Completeness,
  Completions,
  Diagnostic,
  Inspection,
} from "../cell/Checker.js"
import type { EventKind, TelemetryEvent } from "../telemetry/events.js"
import { RingBuffer } from "../telemetry/ring.js"
import { type Death, deathError } from "./death.js"
import type {
  CellError,
  CommMessage,
  ExecuteOptions,
  ExecuteOutcome,
  KernelSession,
  OutputSink,
} from "./KernelSession.js"
import type { Ran } from "./protocol.js"
import { RunnerProcess } from "./RunnerProcess.js"

export interface SessionOptions {
  /** Folder of the notebook: imports and relative paths start here. */
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  /** Starts a checker; the tests put a double here. */
  readonly startChecker?: (options: { cwd: string }) => Promise<Checker>
  /** Milliseconds between telemetry samples of the host; 0 turns them off. Default 1000. */
  readonly sampleMs?: number
  /** JavaScript heap limit of the runner in MB. Default: `SHARDLAB_HEAP_MB`, else Node's own. */
  readonly heapMb?: number
}

/** Starts a session. Both processes start at once and in the background: the first cell waits for them. */
export async function startSession(options: SessionOptions): Promise<KernelSession> {
  return new Session(options)
}

/** Events of these kinds make a cell's run worth keeping as a picture in the notebook. */
const pictured: readonly EventKind[] = [
  "shard.batch",
  "train.step",
  "train.epoch",
  "policy.decision",
  "pool.count",
]

/** Where the running cell is: an interrupt stops the wait for the checker, or what the runner does. */
interface Phase {
  readonly interrupted: Promise<CellError>
  interrupt(): void
  inRunner: boolean
}

class Session implements KernelSession {
  readonly #options: SessionOptions
  readonly #ring = new RingBuffer()
  readonly #listeners = new Set<(event: TelemetryEvent) => void>()
  #checker: Promise<Checker>
  #runner: RunnerProcess
  #phase: Phase | undefined
  /** True once the running cell did something that is worth a picture. */
  #pictured = false
  #lostBetweenCells: Death | undefined
  #closed = false

  constructor(options: SessionOptions) {
    this.#options = options
    this.#checker = this.#startChecker()
    this.#runner = this.#startRunner()
  }

  async execute(code: string, options: ExecuteOptions, sink: OutputSink): Promise<ExecuteOutcome> {
    const { id, n } = options
    this.#pictured = false
    this.#record({ kind: "cell.start", t: Date.now(), cell: id, n, head: headOf(code) })
    this.#tellLoss(sink)
    const phase = newPhase()
    this.#phase = phase
    const outcome = await this.#run(code, options, sink, phase)
    this.#phase = undefined
    const status = outcome.status === "died" ? "error" : outcome.status
    this.#record({ kind: "cell.end", t: Date.now(), cell: id, n, status })
    if (!options.silent) await this.#showSnapshot(sink, { n, status })
    return outcome
  }

  async complete(code: string, offset: number): Promise<Completions> {
    return (await this.#checker).complete(code, offset)
  }

  async inspect(code: string, offset: number, detail: 0 | 1): Promise<Inspection> {
    return (await this.#checker).inspect(code, offset, detail)
  }

  async isComplete(code: string): Promise<Completeness> {
    return (await this.#checker).isComplete(code)
  }

  async interrupt(): Promise<void> {
    if (this.#phase?.inRunner === false) this.#phase.interrupt()
    else this.#runner.interrupt()
  }

  async comm(message: CommMessage): Promise<void> {
    this.#runner.comm(message)
  }

  onTelemetry(listener: (event: TelemetryEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  recorded(since = 0): { seq: number; events: TelemetryEvent[] } {
    return this.#ring.since(since)
  }

  note(text: string): void {
    this.#record({ kind: "log", t: Date.now(), source: "front", level: "warning", text })
  }

  async restart(): Promise<void> {
    const old = { runner: this.#runner, checker: this.#checker }
    this.#runner = this.#startRunner()
    this.#checker = this.#startChecker()
    this.#lostBetweenCells = undefined
    await Promise.all([old.runner.close(), closeChecker(old.checker)])
  }

  async close(graceMs?: number): Promise<void> {
    this.#closed = true
    await Promise.all([this.#runner.close(graceMs), closeChecker(this.#checker)])
  }

  async #run(code: string, options: ExecuteOptions, sink: OutputSink, phase: Phase): Promise<ExecuteOutcome> {
    const { id, n, silent, userExpressions = {} } = options
    const checker = await Promise.race([this.#checker.catch(checkerError), phase.interrupted])
    if ("status" in checker) return checker
    const checked = await Promise.race([
      checker.check(code, { id, n }).catch(checkerError),
      phase.interrupted,
    ])
    if ("status" in checked) return checked
    for (const bundle of checked.displays) sink.display(bundle, {})
    const errors = checked.diagnostics.filter(({ severity }) => severity === "error")
    if (errors.length > 0) return diagnosticError(errors)
    for (const { frame } of checked.diagnostics) sink.stream("stdout", `${frame}\n`)
    if (checked.js.trim() === "") {
      await checker.commit(id, { ok: true, live: [] })
      return { status: "ok", userExpressions: {}, checked }
    }
    const { js, map, names, hasValue } = checked
    if (this.#runner.death !== undefined) this.#runner = this.#startRunner()
    phase.inRunner = true
    const ran = await this.#runner.run(
      { type: "run", id, n, code, js, map, names, hasValue, silent, userExpressions },
      sink,
    )
    return this.#settle(checker, id, ran, checked)
  }

  async #settle(
    checker: Checker,
    id: string,
    ran: Ran | Death,
    checked: CheckedCell,
  ): Promise<ExecuteOutcome> {
    // The death handler has replaced the checker too: this cell has nothing to commit.
    if ("cause" in ran) return deathError(ran)
    if (ran.status !== "ok") {
      // A cell that trained a model and was then interrupted has declared it: later cells may use it.
      await checker.commit(id, { ok: ran.defined, live: [] }).catch(() => {})
      return ran
    }
    await checker.commit(id, { ok: true, live: ran.live }).catch(() => {})
    return { status: "ok", userExpressions: ran.userExpressions, checked }
  }

  async #showSnapshot(
    sink: OutputSink,
    cell: { n: number; status: "ok" | "error" | "interrupted" },
  ): Promise<void> {
    if (!this.#pictured) return
    try {
      const { snapshotOf } = await import("../telemetry/snapshot.js")
      const bundle = await snapshotOf(this.#ring.since().events, cell)
      if (bundle !== undefined) sink.display(bundle, {})
    } catch (error) {
      // A picture that cannot be drawn must not fail the cell that it shows.
      this.note(`snapshot: ${String(error)}`)
    }
  }

  /** A runner that ended after its last cell: the user learns it from the next one. */
  #tellLoss(sink: OutputSink): void {
    const death = this.#lostBetweenCells
    this.#lostBetweenCells = undefined
    if (death !== undefined) {
      sink.stream("stdout", `[${death.cause} That was after the last cell; all variables are gone.]\n`)
    }
  }

  #startChecker(): Promise<Checker> {
    const { cwd } = this.#options
    const starting = (this.#options.startChecker ?? startRealChecker)({ cwd })
    // Whoever awaits it sees the failure; without this Node would end the front for nobody awaiting it yet.
    starting.catch(() => {})
    return starting
  }

  #startRunner(): RunnerProcess {
    const {
      cwd,
      env,
      sampleMs = 250,
      heapMb = Number(process.env.SHARDLAB_HEAP_MB) || undefined,
    } = this.#options
    const runner: RunnerProcess = new RunnerProcess(
      { cwd, env, sampleMs, heapMb },
      {
        telemetry: event => this.#record(event),
        ended: death => this.#replace(runner, death),
      },
    )
    return runner
  }

  #replace(ended: RunnerProcess, death: Death): void {
    if (this.#closed || ended !== this.#runner) return
    this.#record({ kind: "runner.stop", t: Date.now(), cause: death.cause })
    // One that never got going would not do so the next time either: the next cell tries again, and says why.
    if (ended.wasReady) void this.restart()
    if (this.#phase === undefined) this.#lostBetweenCells = death
  }

  #record(event: TelemetryEvent): void {
    this.#ring.push(event)
    this.#pictured ||= pictured.includes(event.kind)
    for (const listener of this.#listeners) listener(event)
  }
}

/** Loaded late, so that the runner is already starting while the checker's client is read. */
async function startRealChecker(options: { cwd: string }): Promise<Checker> {
  const { startChecker } = await import("../cell/startChecker.js")
  return startChecker(options)
}

async function closeChecker(checker: Promise<Checker>): Promise<void> {
  await checker.then(started => started.close()).catch(() => {})
}

function newPhase(): Phase {
  let interrupt: () => void = () => {}
  const interrupted = new Promise<CellError>(resolve => {
    const evalue = "The cell was interrupted before it ran."
    interrupt = () => resolve({ status: "interrupted", ename: "Interrupted", evalue, traceback: [evalue] })
  })
  return { interrupted, interrupt: () => interrupt(), inRunner: false }
}

function checkerError(error: unknown): CellError {
  const { message } = error instanceof Error ? error : new Error(String(error))
  const evalue = `The type checker failed: ${message}`
  return { status: "error", ename: "CheckerError", evalue, traceback: [evalue] }
}

function diagnosticError(errors: readonly Diagnostic[]): CellError {
  const typed = errors.some(({ code }) => code.startsWith("TS"))
  const [first] = errors
  return {
    status: "error",
    ename: typed ? "TypeCheckError" : "ShardlabError",
    evalue: `${first!.code}: ${first!.message}`,
    traceback: errors.flatMap(({ frame }) => frame.split("\n")),
  }
}

/** The first line that is code, for the cell's label. */
function headOf(code: string): string {
  const lines = code.split("\n").map(line => line.trim())
  const head = lines.find(line => line !== "" && !line.startsWith("//")) ?? lines[0] ?? ""
  return head.slice(0, 80)
}
