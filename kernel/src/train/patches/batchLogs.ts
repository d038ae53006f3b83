// The logs of a batch: its loss and metrics as numbers that are read when somebody asks, and else some steps later. tfjs
// reads them for every callback that has an `onBatchEnd`, and waits for the device each step; here a callback comes on time,
// with logs that are exact, and only one that looks at them waits.

import type { Logs, Pending } from "../FitRun.js"
import type { Leaf } from "../Value.js"
import type { XlaBackend } from "../XlaBackend.js"

type Tensor = import("@tensorflow/tfjs").Tensor
export type TfLogs = Record<string, Tensor | number>

const logsOfBatch = new WeakMap<TfLogs, Logs>()

/** The logs of a batch, kept although tfjs disposes their tensors at once. */
export function heldLogs(logs: TfLogs, backend: XlaBackend | undefined): Logs {
  const kept: Record<string, Pending | number> = {}
  for (const [name, log] of Object.entries(logs)) {
    if (name === "batch" || name === "size") continue
    const leaf = typeof log === "number" ? undefined : backend?.hold(log.dataId)
    if (leaf !== undefined) kept[name] = onceRead(leaf, backend!)
    else kept[name] = typeof log === "number" ? log : log.dataSync()[0]!
  }
  logsOfBatch.set(logs, kept)
  return kept
}

function onceRead(leaf: Leaf, backend: XlaBackend): Pending {
  let known: number | undefined
  return {
    value() {
      if (known !== undefined) return known
      known = Number((leaf.host ?? leaf.buffer!.read())[0])
      backend.releaseLeaf(leaf)
      return known
    },
  }
}

/** What we replace of tfjs-layers' CustomCallback, which calls the functions of a user. */
interface BatchCallback {
  batchEnd?: ((batch: number, logs: object) => unknown) | null
  onBatchEnd(batch: number, logs: TfLogs): Promise<void>
}

/** Has a user's `onBatchEnd` get logs that are read when looked at. */
export function lookWhenAsked(callback: object): void {
  const custom = callback as BatchCallback
  const { batchEnd, onBatchEnd } = custom
  if (typeof batchEnd !== "function") return
  // tfjs reads all logs for it; what else it does at the end of a batch it does still.
  custom.batchEnd = null
  custom.onBatchEnd = async function (batch, logs) {
    await batchEnd.call(this, batch, readWhenAsked(logs))
    await onBatchEnd.call(this, batch, logs)
  }
}

function readWhenAsked(logs: TfLogs): object {
  const held = logsOfBatch.get(logs)
  const shown = {}
  const numbers = () => ({ ...shown })
  for (const [name, log] of Object.entries(logs)) {
    const pending = held?.[name]
    const get = () =>
      typeof pending === "object" ? pending.value() : typeof log === "number" ? log : log.dataSync()[0]!
    Object.defineProperty(shown, name, { get, enumerable: true })
  }
  // `console.log(logs)` shows numbers.
  return Object.defineProperty(shown, Symbol.for("nodejs.util.inspect.custom"), { value: numbers })
}
