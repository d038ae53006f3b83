// When a training writes checkpoints, and how one goes on from them: between the options of `train`, the steps of a FitRun
// and the folder. Values are read from the device when a checkpoint is due; its files are written while the next steps run.

import { fail } from "../../errors.js"
import type { EpochSums, FitRun, RunStart } from "../FitRun.js"
import { activeXla } from "../install.js"
import type { Tf } from "../tf.js"
import { CheckpointFolder, type RunPosition } from "./CheckpointFolder.js"
import { restoreState, stateOf } from "./trainState.js"

type LayersModel = import("@tensorflow/tfjs").LayersModel

export interface CheckpointOptions {
  readonly folder: string
  /** Steps between two; default: one at the end of each epoch. */
  readonly every?: number
  /** The newest ones that stay; default 3. */
  readonly keep?: number
  /** The log whose best epoch stays as well: `val_loss`, `val_acc`; default `val_loss` with validation, else `loss`. */
  readonly monitor?: string
}

/** What of a run's options says where its checkpoints go, and what the order of its rows depends on. */
export interface CheckpointedRun {
  readonly checkpoint?: string | CheckpointOptions
  readonly seed?: number
  readonly batchSize?: number
  readonly shuffle?: boolean | { readonly buffer: number }
}

type History = Record<string, number[]>

export class Checkpointer {
  readonly #folder: CheckpointFolder
  readonly #every: number | undefined
  #writing: Promise<void> = Promise.resolve()
  #failure: unknown
  #best: { value: number; step: number } | undefined

  constructor(
    private readonly tf: Tf,
    private readonly model: LayersModel,
    private readonly options: CheckpointOptions,
    private readonly order: RunPosition["order"],
    /** False for processes that train along: one of them writes for all. */
    private readonly writes = true,
  ) {
    this.#folder = new CheckpointFolder(options.folder, options.keep ?? 3)
    this.#every = options.every
  }

  static of(
    tf: Tf,
    model: LayersModel,
    { checkpoint, seed = 0, batchSize = 128, shuffle = true }: CheckpointedRun,
    { rows, shards }: { readonly rows: number; readonly shards?: number },
    writes = true,
  ): Checkpointer | undefined {
    if (checkpoint === undefined) return undefined
    const options = typeof checkpoint === "string" ? { folder: checkpoint } : checkpoint
    const buffer = typeof shuffle === "object" && shards !== undefined ? shuffle.buffer : undefined
    const order = { seed, batchSize, shuffle: shuffle !== false, rows, shards, buffer }
    return new Checkpointer(tf, model, options, order, writes)
  }

  /**
   * Puts model, optimizer and random numbers where the newest checkpoint had them; undefined when there is none.
   * @throws CHECKPOINT_EXISTS without `resume`, CHECKPOINT_OTHER_MODEL, CHECKPOINT_DAMAGED
   */
  resume(wanted: boolean, say: (line: string) => void): RunPosition | undefined {
    const [newest] = this.#folder.steps()
    if (newest !== undefined && !wanted) {
      throw fail("CHECKPOINT_EXISTS", { path: this.options.folder, step: newest })
    }
    const saved = this.#folder.newest(({ message, hint }) =>
      say(`${message.slice(0, message.length - hint.length).trim()} The one before it is taken.`),
    )
    if (saved === undefined) return undefined
    const { path, position, state } = saved
    const differs = (Object.keys(this.order) as (keyof RunPosition["order"])[]).find(
      name => position.order[name] !== this.order[name],
    )
    if (differs !== undefined && position.batch > 0) {
      const text = (value: unknown) => value ?? "not given"
      const difference = `it stopped within an epoch with ${differs} ${text(position.order[differs])}, and here it is ${text(this.order[differs])}`
      throw fail("CHECKPOINT_OTHER_MODEL", { path, difference })
    }
    restoreState(this.tf, this.model, state, path)
    activeXla(this.tf)?.cutter.setSeed(position.seed)
    return position
  }

  /** After each step. */
  async step(run: FitRun, sums: EpochSums, history: History): Promise<void> {
    this.#throwFailure()
    if (this.#every === undefined || run.step % this.#every !== 0) return
    sums.settle()
    await this.#save(placeOf(run, sums, history))
  }

  /** After each epoch. */
  async epoch(run: FitRun, history: History): Promise<void> {
    this.#throwFailure()
    this.#rememberBest(run, history)
    const ended = { epoch: run.epoch, batch: 0, sums: { seen: 0, totals: {} } }
    await this.#save({ ...ended, step: run.step, samples: run.samples, history })
  }

  /** When a run was interrupted: what its last whole step left. */
  async interrupted(run: FitRun, sums: EpochSums | undefined, history: History): Promise<void> {
    if (sums === undefined) return
    sums.settle()
    await this.#save(placeOf(run, sums, history))
    await this.end()
  }

  /** Everything is on the disk. @throws CHECKPOINT_FAILED */
  async end(): Promise<void> {
    await this.#writing
    this.#throwFailure()
  }

  /** Nothing is being written any more, however that went: for a run that ended with an error. */
  async idle(): Promise<void> {
    await this.#writing
  }

  async #save(place: Omit<RunPosition, "seed" | "order">): Promise<void> {
    const backend = activeXla(this.tf)
    // What is cut over processes is read by all of them together.
    if (!this.writes && backend?.device.span === undefined) return
    backend?.cut()
    const seed = backend?.cutter.seed ?? 0
    const history = structuredClone(place.history)
    const state = await stateOf(this.tf, this.model)
    if (!this.writes) return
    await this.#writing
    this.#throwFailure()
    this.#writing = this.#folder
      .save({ ...place, history, seed, order: this.order }, state, this.#best?.step)
      .catch(error => {
        this.#failure = error
      })
  }

  #throwFailure(): void {
    if (this.#failure === undefined) return
    const failure = this.#failure
    this.#failure = undefined
    throw failure
  }

  #rememberBest(run: FitRun, history: History): void {
    const monitor = this.options.monitor ?? (history.val_loss === undefined ? "loss" : "val_loss")
    const value = history[monitor]?.at(-1)
    if (value === undefined) {
      const fix = `Known here: ${Object.keys(history).join(", ")}.`
      throw fail("BAD_VALUE", { where: "train", name: "checkpoint.monitor", value: monitor, fix })
    }
    const signed = /acc/i.test(monitor) ? -value : value
    if (this.#best === undefined || signed < this.#best.value) this.#best = { value: signed, step: run.step }
  }
}

function placeOf(run: FitRun, sums: EpochSums, history: History): Omit<RunPosition, "seed" | "order"> {
  const { step, samples, epoch, batch } = run
  return {
    epoch: epoch - 1,
    batch,
    step,
    samples,
    sums: { seen: sums.seen(), totals: sums.totals() },
    history,
  }
}

/** Where a FitRun begins that goes on from there. */
export function startOf({ epoch, batch, step, samples, sums }: RunPosition): RunStart {
  return { epoch, batch, step, samples, sums }
}
