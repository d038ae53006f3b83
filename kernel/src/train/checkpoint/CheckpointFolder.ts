// Checkpoints of one run in a folder: `step-000000120/` with the model and the optimizer as safetensors and the rest as JSON.
// One is made aside and renamed, so each that is there is whole; a checksum tells one that was damaged later. Keeps the
// newest ones and the best. Not what is in them: trainState.ts; not when to write: Checkpointer.ts.

import { createHash } from "node:crypto"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { mkdir, open, rename, rm } from "node:fs/promises"
import { join } from "node:path"
import { fail, ShardlabError } from "../../errors.js"
import { fromSafetensors, toSafetensors } from "./safetensors.js"
import type { TrainState } from "./trainState.js"

/** Where a run stands, beside its arrays. All that the next step depends on. */
export interface RunPosition {
  /** Epochs that are over. */
  readonly epoch: number
  /** Batches of the epoch that runs, already done. */
  readonly batch: number
  readonly step: number
  readonly samples: number
  /** State of the random numbers of dropout and the like. */
  readonly seed: number
  /** Sums of the epoch that runs, by log. */
  readonly sums: { readonly seen: number; readonly totals: Readonly<Record<string, number>> }
  readonly history: Readonly<Record<string, readonly number[]>>
  /** What the order of batches depends on. */
  readonly order: {
    readonly seed: number
    readonly batchSize: number
    readonly shuffle: boolean
    readonly rows: number
    /** Of rows that are streamed, and the rows of their buffer where it was given. */
    readonly shards?: number | undefined
    readonly buffer?: number | undefined
  }
}

export interface Saved {
  readonly path: string
  readonly position: RunPosition
  readonly state: TrainState
}

interface StateFile {
  readonly format: 1
  readonly position: RunPosition
  readonly optimizerClass: string
  readonly iterations: number
  readonly learningRate?: number
  /** SHA-256 of each file of arrays. */
  readonly sums: Readonly<Record<string, string>>
}

const named = /^step-(\d{9})$/
const arrays = ["model.safetensors", "optimizer.safetensors"] as const

export class CheckpointFolder {
  constructor(
    readonly path: string,
    private readonly keep: number,
  ) {}

  /** Steps that have one, the newest first. */
  steps(): readonly number[] {
    const names = existsSync(this.path) ? readdirSync(this.path) : []
    return names
      .flatMap(name => named.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => b - a)
  }

  /**
   * The newest that can be read; `onDamaged` hears of those that cannot.
   * @throws CHECKPOINT_DAMAGED when there are some and none can be read.
   */
  newest(onDamaged: (error: ShardlabError) => void): Saved | undefined {
    let last: ShardlabError | undefined
    for (const step of this.steps()) {
      try {
        return this.#read(step)
      } catch (error) {
        if (!(error instanceof ShardlabError)) throw error
        last = error
        onDamaged(last)
      }
    }
    if (last !== undefined) throw last
    return undefined
  }

  /** @throws CHECKPOINT_FAILED; then the ones before are untouched, and no part stays. */
  async save(position: RunPosition, state: TrainState, best: number | undefined): Promise<void> {
    const place = this.#place(position.step)
    const part = join(this.path, `.part-${process.pid}`)
    try {
      await rm(part, { recursive: true, force: true })
      await mkdir(part, { recursive: true })
      const files = [toSafetensors(state.model), toSafetensors(state.optimizer)]
      const sums = Object.fromEntries(arrays.map((name, i) => [name, digest(files[i]!)]))
      for (const [i, name] of arrays.entries()) await writeThrough(join(part, name), files[i]!)
      const { optimizerClass, iterations, learningRate } = state
      const file: StateFile = {
        format: 1,
        position,
        optimizerClass,
        iterations,
        ...(learningRate !== undefined && { learningRate }),
        sums,
      }
      await writeThrough(join(part, "state.json"), Buffer.from(`${JSON.stringify(file, null, 1)}\n`))
      await rm(place, { recursive: true, force: true })
      await rename(part, place)
    } catch (error) {
      // Where even that fails, `error` says why.
      await rm(part, { recursive: true, force: true }).catch(() => {})
      throw fail("CHECKPOINT_FAILED", { path: this.path, problem: (error as Error).message }, error)
    }
    await this.#prune(best)
  }

  #place(step: number): string {
    return join(this.path, `step-${String(step).padStart(9, "0")}`)
  }

  async #prune(best: number | undefined): Promise<void> {
    const old = this.steps()
      .slice(this.keep)
      .filter(step => step !== best)
    for (const step of old) await rm(this.#place(step), { recursive: true, force: true })
  }

  #read(step: number): Saved {
    const path = this.#place(step)
    const text = this.#file(path, "state.json").toString("utf8")
    const file = parse(text)
    if (file?.format !== 1) throw fail("CHECKPOINT_DAMAGED", { path, problem: "its state.json is cut off" })
    const [model, optimizer] = arrays.map(name => {
      const bytes = this.#file(path, name)
      if (digest(bytes) !== file.sums[name]) {
        throw fail("CHECKPOINT_DAMAGED", { path, problem: `${name} is not what was written` })
      }
      return fromSafetensors(bytes, join(path, name))
    })
    const { optimizerClass, iterations, learningRate, position } = file
    return {
      path,
      position,
      state: { model: model!, optimizer: optimizer!, optimizerClass, iterations, learningRate },
    }
  }

  #file(path: string, name: string): Buffer {
    try {
      return readFileSync(join(path, name))
    } catch (error) {
      throw fail("CHECKPOINT_DAMAGED", { path, problem: `${name} cannot be read` }, error)
    }
  }
}

function parse(text: string): StateFile | undefined {
  try {
    return JSON.parse(text) as StateFile
  } catch {
    return undefined
  }
}

const digest = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex")

/** On the disk, not only in its cache, before the folder gets its name. */
async function writeThrough(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, "w")
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
}
