// The Python process beside this kernel: starts it, sends it requests, gives its answers. One message is four bytes of
// length, JSON, and as many bytes after it as the JSON says. The process ends when this one does: its stdin closes.

import { type ChildProcess, spawn } from "node:child_process"
import { mkdtempSync, openSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Readable, Writable } from "node:stream"
import { fail } from "../../errors.js"
import { redact } from "../../store/redact.js"
import { workerFolder } from "./python.js"

export type StartOptions =
  | { readonly address: string }
  | { readonly workers: number; readonly threads?: number; readonly memory?: string }

export interface Ready {
  readonly scheduler: string
  readonly dashboard: string
  readonly version: string
}
export interface Answer {
  readonly id: number
  readonly type: "started" | "batch" | "done" | "error" | "ready" | "failed"
  readonly data: Uint8Array
  readonly value?: unknown
  readonly kind?: string
  readonly message?: string
  readonly groups?: readonly TaskGroup[]
}
export interface TaskGroup {
  readonly name: string
  readonly tasks: number
}
type Listener = (answer: Answer) => void

export class DaskProcess {
  readonly #child: ChildProcess
  readonly #folder = mkdtempSync(join(tmpdir(), "shardlab-dask-"))
  readonly #log = join(this.#folder, "log")
  readonly #listeners = new Map<number, Listener>()
  readonly #exit: Promise<void>
  readonly ready: Promise<Ready>
  #next = 0
  #gone: string | undefined
  #closing = false

  constructor(python: string, options: StartOptions) {
    const log = openSync(this.#log, "a")
    const settings = JSON.stringify({ ...options, folder: this.#folder })
    this.#child = spawn(python, ["-u", "-m", "shardlab_dask", settings], {
      stdio: ["pipe", "pipe", log],
      // A session of its own: an interrupt that is sent to the kernel's group reaches no worker.
      detached: true,
      env: { ...process.env, PYTHONPATH: pathWith(workerFolder()), PYTHONDONTWRITEBYTECODE: "1" },
    })
    this.#exit = new Promise(resolve => this.#child.once("close", () => resolve()))
    this.ready = new Promise((resolve, reject) => {
      const failed = (cause: string) => reject(this.#startFailure(options, cause))
      const take = (answer: Answer) => {
        if (answer.type === "ready") resolve(answer as unknown as Ready)
        else if (answer.type === "failed") failed(answer.message ?? "")
        else this.#listeners.get(answer.id)?.(answer)
      }
      read(this.#child.stdout as Readable, take)
      this.#child.once("error", error => this.#end(error.message, failed))
      this.#child.once("close", (code, signal) => this.#end(signal ?? `exit code ${code}`, failed))
    })
    this.ready.catch(() => {})
    this.#child.stdin!.on("error", () => {})
    this.hold(false)
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  /** One answer. */
  async ask<T>(method: string, params: object = {}): Promise<T> {
    const [, answer] = this.open(method, params)
    const { type, value, kind, message } = await answer
    if (type === "done") return value as T
    throw failure(kind, message)
  }

  /** A request with its number, and a promise of its last answer; `on` hears of those before. */
  open(method: string, params: object, on: Listener = () => {}): readonly [number, Promise<Answer>] {
    const id = ++this.#next
    const last = new Promise<Answer>(resolve => {
      this.#listeners.set(id, answer => {
        if (answer.type !== "done" && answer.type !== "error") return on(answer)
        this.#listeners.delete(id)
        if (this.#listeners.size === 0) this.hold(false)
        resolve(answer)
      })
    })
    this.hold(true)
    if (this.#gone !== undefined) this.#lose(id)
    else this.tell(id, method, params)
    return [id, last]
  }

  tell(id: number, method: string, params: object = {}): void {
    const text = Buffer.from(JSON.stringify({ ...params, id, method }))
    const head = Buffer.alloc(4)
    head.writeUInt32BE(text.length)
    ;(this.#child.stdin as Writable).write(Buffer.concat([head, text]))
  }

  /** The kernel's process waits for requests that run, and for nothing else of this. */
  hold(busy: boolean): void {
    for (const handle of [this.#child, this.#child.stdin, this.#child.stdout] as const) {
      const one = handle as { ref?: () => void; unref?: () => void } | null
      if (busy) one?.ref?.()
      else one?.unref?.()
    }
  }

  async close(): Promise<void> {
    if (!this.#closing) {
      this.#closing = true
      this.hold(true)
      this.#child.stdin!.end()
    }
    await this.#exit
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #end(cause: string, failed: (cause: string) => void): void {
    this.#gone ??= cause
    failed(cause)
    for (const id of [...this.#listeners.keys()]) this.#lose(id)
  }

  #lose(id: number): void {
    const message = this.#closing ? "the cluster was closed" : `its Python process ended (${this.#gone})`
    const data = new Uint8Array()
    this.#listeners.get(id)?.({ id, type: "error", kind: "lost", message, data })
  }

  #startFailure(options: StartOptions, cause: string): Error {
    if ("address" in options) {
      const fix = "Is the scheduler running, and does it run the same version of Dask?"
      return fail("CLUSTER_UNREACHABLE", { server: options.address, problem: cause, fix })
    }
    return fail("CLUSTER_START", { what: "Dask", cause: cause || "it ended", fix: lastWords(this.#log) })
  }
}

function pathWith(folder: string): string {
  return [folder, process.env.PYTHONPATH].filter(part => part !== undefined && part !== "").join(":")
}

function lastWords(path: string): string {
  const lines = readFileSync(path, "utf8").trim().split("\n").slice(-3)
  return lines.join("") === "" ? "It said nothing." : `Its last words: ${lines.join(" | ").slice(0, 600)}`
}

/** Cuts a stream into messages. Pieces are joined once there are as many bytes as the next message needs. */
function read(stream: Readable, take: Listener): void {
  let pending: Buffer[] = []
  let [length, needed] = [0, lengthBytes]
  stream.on("data", (chunk: Buffer) => {
    pending.push(chunk)
    length += chunk.length
    if (length < needed) return
    let rest = Buffer.concat(pending)
    for (;;) {
      const found = messageIn(rest)
      needed = found.size
      if (found.answer === undefined) break
      rest = rest.subarray(found.size)
      take(found.answer)
    }
    pending = [rest]
    length = rest.length
  })
}

const lengthBytes = 4

/** The message at the start of the bytes, or how many bytes it needs to be read further. */
function messageIn(bytes: Buffer): { readonly answer?: Answer; readonly size: number } {
  if (bytes.length < lengthBytes) return { size: lengthBytes }
  const start = lengthBytes + bytes.readUInt32BE(0)
  if (bytes.length < start) return { size: start }
  const { bytes: dataBytes, ...json } = JSON.parse(bytes.toString("utf8", lengthBytes, start)) as Answer & {
    bytes: number
  }
  const size = start + dataBytes
  return bytes.length < size ? { size } : { size, answer: { ...json, data: bytes.subarray(start, size) } }
}

/** What went wrong in a request, as one of our errors. */
export function failure(kind: string | undefined, message = ""): Error {
  const problem = redact(message)
  switch (kind) {
    case "cancelled":
      return fail("QUERY_CANCELLED")
    case "data":
      return fail("QUERY_FAILED", {
        engine: "dask",
        problem,
        fix: "Mend the value, or use tryCast and the try functions.",
      })
    case "worker":
      return fail("QUERY_FAILED", {
        engine: "dask",
        problem,
        fix: "They ran out of memory, most likely: cut the rows into more partitions, or give workers more memory.",
      })
    case "lost":
      return fail("QUERY_FAILED", { engine: "dask", problem, fix: "Connect again and run the cell again." })
    default:
      return fail("QUERY_FAILED", { engine: "dask", problem, fix: "Run it on another engine to compare." })
  }
}
