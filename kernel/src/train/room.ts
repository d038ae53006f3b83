// What happens when a device has no room: what is dead is freed, the call is tried once more, and if that fails too the error
// names the largest of what lives. Knows neither tfjs nor graphs; XlaBackend says what is dead and what lives.

import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { fail, ShardlabError } from "../errors.js"

export interface Room {
  /** Frees what nobody holds any more. */
  free(): void
  /** What lives on the device. */
  living(): readonly Living[]
}

export interface Living {
  /** A variable's name; undefined for other tensors. */
  readonly name: string | undefined
  readonly dtype: string
  readonly shape: readonly number[]
  readonly bytes: number
}

export function withRoom<T>(room: Room | undefined, call: () => T): T {
  try {
    return call()
  } catch (error) {
    if (room === undefined || !isFull(error)) throw error
    room.free()
  }
  try {
    return call()
  } catch (error) {
    if (!isFull(error)) throw error
    throw fail("DEVICE_MEMORY", { ...error.details, largest: largestOf(room.living()) }, error.cause)
  }
}

function isFull(error: unknown): error is ShardlabError {
  return error instanceof ShardlabError && error.code === "DEVICE_MEMORY"
}

const named = 5

/** ` The largest of 12 tensors (1.2 GiB): dense/kernel [4096,4096] f32 64.0 MiB, ...` */
function largestOf(living: readonly Living[]): string {
  if (living.length === 0) return " No tensors are alive there."
  const sorted = living.toSorted((a, b) => b.bytes - a.bytes)
  const total = living.reduce((sum, { bytes }) => sum + bytes, 0)
  const rows = sorted
    .slice(0, named)
    .map(({ name, shape, dtype, bytes }) => `${name ?? "tensor"} [${shape}] ${dtype} ${sizeOf(bytes)}`)
  return ` The largest of ${living.length} tensors that live there (${sizeOf(total)}): ${rows.join(", ")}.`
}

function sizeOf(bytes: number): string {
  if (bytes >= 2 ** 30) return `${(bytes / 2 ** 30).toFixed(2)} GiB`
  return bytes >= 2 ** 20 ? `${(bytes / 2 ** 20).toFixed(1)} MiB` : `${(bytes / 1024).toFixed(1)} KiB`
}

let collector: (() => void) | undefined

/** A full garbage collection: what it finds dead is freed by finalisers, which run when the cell next waits. */
export function collectGarbage(): void {
  if (collector === undefined) {
    setFlagsFromString("--expose-gc")
    collector = runInNewContext("gc") as () => void
    setFlagsFromString("--no-expose-gc")
  }
  collector()
}
