// The processes of one launch as this one sees them: it comes together with the others, and they share keys and values until
// the process ends. For what PJRT's multi-controller clients exchange (which devices there are, NCCL's ids); weights and
// batches go over the devices. One a process. Not MPI: `train/parallel/mpi.ts` works without it.

import { readFileSync } from "node:fs"
import { Worker } from "node:worker_threads"
import { fail, type ShardlabError } from "../../errors.js"
import type { CallbackData, Role } from "./callbackThread.js"
import { Caller, type Line } from "./calls.js"
import { worldError, worldText } from "./failure.js"
import type { Question } from "./Membership.js"
import type { Asked, MeetingData, Told } from "./meetingThread.js"
import { type Place, placeOf } from "./place.js"

/** C functions for `PJRT_Client_Create`. */
export type Callbacks = Readonly<Record<Role, bigint>>

/** At the end of a process, for the word that it goes in peace. */
const partingMs = 2000

let current: World | undefined

export class World {
  readonly #caller: Caller<Asked, Told>
  readonly #lines: readonly Line[]
  #joined = false

  private constructor(readonly place: Place) {
    const ours = Caller.ends()
    // A value that is waited for must not hold up one that is given, so these have a thread each.
    const callbacks = [Caller.ends(), Caller.ends()]
    this.#caller = Caller.on(ours.caller)
    this.#lines = callbacks.map(({ caller }) => caller)
    const lines = [ours, ...callbacks].map(({ far }) => far)
    const data: MeetingData = { place, version: ownVersion(), lines }
    startThread("./meetingThread.js", data, lines)
  }

  /** The world of this process's launch; undefined when it has none, or nothing to meet by. */
  static here(): World | undefined {
    if (current !== undefined) return current
    const place = placeOf()
    if (place === undefined || "lacks" in place) return undefined
    current = new World(place)
    return current
  }

  /**
   * Waits until all processes have come.
   * @throws WORLD_MISSING, WORLD_REFUSED, WORLD_ADDRESS, WORLD_LOST
   */
  join(): void {
    if (!this.#joined) this.#met(this.#caller.call({ op: "join" }))
  }

  /** The same while the event loop goes on. */
  async joinAsync(): Promise<void> {
    if (!this.#joined) this.#met(await this.#caller.wait({ op: "join" }))
  }

  /** @throws WORLD_STORE when the key has a value already; as `join` when the processes have fallen apart */
  put(key: string, value: Uint8Array): void {
    this.#ask({ op: "put", key, value })
  }

  /** Waits for another process to give the value. */
  get(key: string, timeoutMs: number): Uint8Array {
    return this.#ask({ op: "get", key, timeoutMs })
  }

  /** Returns when all processes have called it with this name. */
  barrier(name: string, timeoutMs: number): void {
    this.#ask({ op: "barrier", key: name, timeoutMs })
  }

  /** What has happened to the others, when that is what C code means by `text`. */
  failureBehind(text: string): ShardlabError | undefined {
    const { failure } = this.#caller.call({ op: "how" })
    const isIt = failure !== undefined && text.includes(worldText(failure).replace(/\.$/, ""))
    return isIt ? worldError(failure) : undefined
  }

  /** Tells the others that this process cannot go on with them, and leaves. */
  fail(problem: string): void {
    current = undefined
    this.#caller.call({ op: "fail", problem })
  }

  /** C functions that ask the store. They answer on threads of their own, for as long as the process lives. */
  callbacks(): Callbacks {
    this.#callbacks ??= {
      ...startCallbacks(["get"], this.#lines[0]!),
      ...startCallbacks(["put", "tryGet"], this.#lines[1]!),
    } as Callbacks
    return this.#callbacks
  }

  #callbacks: Callbacks | undefined

  #met({ failure }: Told): void {
    if (failure !== undefined) {
      current = undefined
      throw worldError(failure)
    }
    this.#joined = true
    process.once("exit", code => {
      if (code === 0) this.#caller.tell({ op: "leave" }, partingMs)
    })
  }

  #ask(question: Question): Uint8Array {
    const { answer, failure } = this.#caller.call(question)
    if (failure !== undefined) throw worldError(failure)
    if (!answer!.ok) throw fail("WORLD_STORE", { problem: answer!.message })
    return answer!.value ?? new Uint8Array(0)
  }
}

function startThread(file: string, workerData: unknown, lines: readonly Line[]): Worker {
  const transferList = lines.map(({ port }) => port)
  const worker = new Worker(new URL(file, import.meta.url), {
    workerData,
    transferList,
    stdout: true,
    stderr: true,
  })
  worker.unref()
  return worker
}

/** The thread says where its functions are before anything else, so the wait is short. */
function startCallbacks(roles: readonly Role[], line: Line): Partial<Record<Role, bigint>> {
  const ready = Caller.ends()
  const data: CallbackData = { roles, line, ready: ready.far }
  startThread("./callbackThread.js", data, [line, ready.far])
  const pointers = Caller.on<"where", readonly bigint[]>(ready.caller).call("where")
  return Object.fromEntries(roles.map((role, i) => [role, pointers[i]!]))
}

function ownVersion(): string {
  const file = new URL("../../../package.json", import.meta.url)
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version
}
