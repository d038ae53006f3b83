// A worker process of a pool: makes the functions it is sent, runs one item at a time, and ends with the process that
// started it. Holds no state of the notebook but what came in a bundle.

import { Worker } from "node:worker_threads"
import { createImporter } from "../../../cell/imports.js"
import type { FromWorker, ToWorker, WorkerError, WorkerSetup } from "../protocol.js"
import { loadBundle, type MappedFunction } from "./loadBundle.js"

const { baseDir, overrides } = JSON.parse(process.argv[2]!) as WorkerSetup
const importer = createImporter({ baseDir, overrides })
const functions = new Map<number, Promise<MappedFunction>>()

process.on("message", (message: ToWorker) => take(message))
// The pool's process is gone: nobody waits for an answer. One that loops cannot hear this; the guard ends it.
process.on("disconnect", () => process.exit(0))
// A terminal's Ctrl-C reaches the whole process group; the pool decides what it means.
process.on("SIGINT", () => {})
new Worker(new URL("./orphanGuard.js", import.meta.url), { workerData: process.ppid }).unref()

for (const stream of ["stdout", "stderr"] as const) {
  const write = (text: string | Uint8Array) => {
    send({ type: "print", stream, text: typeof text === "string" ? text : Buffer.from(text).toString() })
    return true
  }
  process[stream].write = write as typeof process.stdout.write
}

// Never called: they make these two count as names that every worker has.
Object.assign(globalThis, { __shardlab_import: undefined, require: undefined })
send({ type: "ready", globals: Object.getOwnPropertyNames(globalThis) })

function take(message: ToWorker): void {
  switch (message.type) {
    case "load": {
      const loading = loadBundle(message.bundle, importer)
      // Whoever runs an item of it meets the failure; without this Node would end the process first.
      loading.catch(() => {})
      functions.set(message.bundle.id, loading)
      break
    }
    case "forget":
      functions.delete(message.bundle)
      break
    case "run":
      void run(message)
      break
    default:
      message satisfies never
  }
}

async function run({ bundle, index, item }: ToWorker & { type: "run" }): Promise<void> {
  const start = performance.now()
  const took = () => performance.now() - start
  let fn: MappedFunction
  try {
    fn = await functions.get(bundle)!
  } catch (error) {
    return send({ type: "failed", index, error: { ...plain(error), loading: true }, ms: took() })
  }
  try {
    const value = await fn(item, index)
    reply({ type: "done", index, value, ms: took() })
  } catch (error) {
    send({ type: "failed", index, error: plain(error), ms: took() })
  }
}

/** A result that cannot be sent is a failure of its item. */
function reply(message: FromWorker & { type: "done" }): void {
  try {
    send(message)
  } catch (error) {
    const { index, ms } = message
    const text = `The result cannot be sent back: ${(error as Error).message}`
    send({ type: "failed", index, ms, error: { name: "DataCloneError", message: text, stack: "" } })
  }
}

function plain(error: unknown): WorkerError {
  if (!(error instanceof Error)) return { name: "Thrown", message: String(error), stack: "" }
  return { name: error.name, message: error.message, stack: error.stack ?? "" }
}

function send(message: FromWorker): void {
  process.send?.(message)
}
