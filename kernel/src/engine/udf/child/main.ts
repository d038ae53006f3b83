// The program of a Node child beside a Python worker on an executor: makes the functions that it is sent and runs batches
// through them. Bundled into one script by childProgram.ts; started by the Python side (trampoline.ts), which it ends with.

import { readSync, writeSync } from "node:fs"
import { createRequire } from "node:module"
import { runInThisContext } from "node:vm"
import { Worker } from "node:worker_threads"
import { ShardlabError } from "../../../errors.js"
import { functionError, mapBatch, mapGroup } from "../../../frame/applyFunction.js"
import { decodeBatches } from "../../../frame/arrow/decode.js"
import { encodeStream } from "../../../frame/arrow/encode.js"
import type { ColumnBatch } from "../../../frame/ColumnBatch.js"
import { Schema } from "../../../frame/Schema.js"
import type { LiveFunction } from "../../../frame/UserFunction.js"
import { answer, ask, type FunctionFailure, failureMark, functionFile, type Job } from "../protocol.js"

interface Loaded {
  readonly job: Job
  readonly fn: LiveFunction
  readonly input: Schema
}
const loaded = new Map<string, Loaded>()
/** As many functions as stay ready; the oldest is forgotten, and sent again when it is needed. */
const kept = 32

keepStdout()
guardOrphan()
void serve()

async function serve(): Promise<void> {
  for (;;) {
    const { letter, body } = readFrame()
    let id = ""
    try {
      if (letter === ask.load) id = load(JSON.parse(body.toString()) as Job)
      else {
        const end = body.indexOf("\n")
        id = body.toString("latin1", 0, end)
        await run(loaded.get(id)!, body.subarray(end + 1))
      }
      writeFrame(answer.done, Buffer.alloc(0))
    } catch (error) {
      writeFrame(answer.failed, Buffer.from(`${failureMark} ${encoded(id, error)}`))
    }
  }
}

function load(job: Job): string {
  const require = createRequire(`${process.cwd()}/`)
  try {
    const make = runInThisContext(`(function (require) {${job.script}\n})`, { filename: functionFile })
    const fn = make(require) as LiveFunction
    loaded.set(job.id, { job, fn, input: new Schema(job.input) })
  } catch (error) {
    throw functionError(verb(job), job.name, error)
  }
  const [oldest] = loaded.keys()
  if (loaded.size > kept) loaded.delete(oldest!)
  return job.id
}

async function run({ job, fn, input }: Loaded, bytes: Buffer): Promise<void> {
  const applied = { fn, name: job.name, input, fields: job.output }
  for (const batch of decodeBatches(bytes, job.input)) {
    if (batch.rows === 0) continue
    const results =
      job.unit === "group" ? mapGroup(applied, job.keys, batch) : mapBatch(applied, job.unit, batch)
    for await (const result of results) send(result, job)
  }
}

function send(batch: ColumnBatch, { output }: Job): void {
  writeFrame(answer.result, encodeStream(batch, output))
}

function verb({ unit }: Job): string {
  return { batch: "mapBatches", row: "mapRows", filter: "filterRows", group: "mapGroups" }[unit]
}

/** One word without spaces, which survives whatever the server makes of its text. */
function encoded(id: string, thrown: unknown): string {
  const error = thrown instanceof ShardlabError ? thrown : functionError("the function", "it", thrown)
  const { cause } = error
  const failure: FunctionFailure = {
    id,
    code: error.code,
    values: texts(error.details),
    ...(error.code === "FUNCTION_FAILED" && { cause: plain(cause) }),
  }
  return Buffer.from(JSON.stringify(failure)).toString("base64")
}

function texts(values: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]))
}

/** The user's frames are what matters: the rest of a deep stack would only be cut off by the server. */
function plain(cause: unknown): { name: string; message: string; stack: string } {
  if (!(cause instanceof Error)) return { name: "Thrown", message: String(cause), stack: "" }
  const frames = (cause.stack ?? "").split("\n").filter(line => line.includes(functionFile))
  return { name: cause.name, message: cause.message.slice(0, 1000), stack: frames.slice(0, 12).join("\n") }
}

// --- the pipe
function readFrame(): { readonly letter: string; readonly body: Buffer } {
  const head = readExactly(5)
  return { letter: head.toString("latin1", 0, 1), body: readExactly(head.readUInt32LE(1)) }
}

function readExactly(bytes: number): Buffer {
  const buffer = Buffer.allocUnsafe(bytes)
  for (let at = 0; at < bytes; ) {
    const read = readSync(0, buffer, at, bytes - at, null)
    // Python is gone, or has no more work.
    if (read === 0) process.exit(0)
    at += read
  }
  return buffer
}

function writeFrame(letter: string, body: Uint8Array): void {
  const head = Buffer.alloc(5)
  head.write(letter, 0, "latin1")
  head.writeUInt32LE(body.byteLength, 1)
  for (const part of [head, body]) {
    for (let at = 0; at < part.byteLength; ) {
      try {
        at += writeSync(1, part, at)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EAGAIN") process.exit(0)
      }
    }
  }
}

/** What the user prints goes to the executor's log, as with any Python function. */
function keepStdout(): void {
  const toLog = (text: string | Uint8Array) => {
    writeSync(2, typeof text === "string" ? Buffer.from(text) : text)
    return true
  }
  process.stdout.write = toLog as typeof process.stdout.write
  process.stderr.write = toLog as typeof process.stderr.write
}

/** A function that loops hears nothing: this thread ends the process with the Python worker. */
function guardOrphan(): void {
  const code = `const { workerData } = require("node:worker_threads")
    setInterval(() => { if (process.ppid !== workerData) process.kill(process.pid, "SIGKILL") }, 1000)`
  new Worker(code, { eval: true, workerData: process.ppid }).unref()
}
