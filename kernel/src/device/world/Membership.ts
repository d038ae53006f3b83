// One process's connection to the meeting of its launch: comes to where rank 0 listens, tries until it answers, and then asks
// the store. It runs in meetingThread.ts. A connection that ends says that rank 0 is gone.

import { connect, type Socket } from "node:net"
import { setTimeout as pause } from "node:timers/promises"
import { refused, type WorldFailure, worldText } from "./failure.js"
import { type Frame, frameOf, mostBytes, readFrames } from "./frames.js"
import type { Place } from "./place.js"
import { isProof, newNonce, proofOf, protocol } from "./proof.js"
import { type Answer, statusCodes } from "./Store.js"

export interface Question {
  readonly op: "put" | "get" | "tryGet" | "barrier"
  readonly key: string
  readonly value?: Uint8Array
  readonly timeoutMs?: number
}

/** Between two tries to reach rank 0. */
const againMs = 100
/** Rank 0 knows who is missing, so its word is waited for a little longer than the time itself. */
const graceMs = 5000

export class Membership {
  readonly #asked = new Map<number, (answer: Answer) => void>()
  #socket: Socket | undefined
  #failure: WorldFailure | undefined
  #nextId = 1
  #left: (() => void) | undefined

  constructor(
    private readonly place: Place,
    private readonly version: string,
  ) {}

  /** Resolves when all ranks have come; rejects with a WorldFailure. */
  async join(): Promise<void> {
    const until = Date.now() + this.place.joinSeconds * 1000
    for (;;) {
      const socket = await connected(this.place, until - Date.now())
      if (socket !== undefined) return this.#introduce(socket, until + graceMs)
      if (Date.now() > until) throw this.#nobody("nobody answers there")
      await pause(againMs)
    }
  }

  ask(question: Question): Promise<Answer> {
    if (this.#failure !== undefined || this.#socket === undefined) return Promise.resolve(this.#broken())
    const { op, key, value, timeoutMs } = question
    const id = this.#nextId++
    return new Promise(answered => {
      this.#asked.set(id, answered)
      this.#socket!.write(frameOf({ id, op, key, timeoutMs }, value))
    })
  }

  get failure(): WorldFailure | undefined {
    return this.#failure
  }

  /** Goes in peace: the others are not told that this rank was lost. */
  leave(): Promise<void> {
    const socket = this.#socket
    if (socket === undefined || socket.destroyed) return Promise.resolve()
    return new Promise(left => {
      this.#left = left
      socket.once("close", () => left())
      socket.write(frameOf({ op: "leave" }))
    })
  }

  /** Tells all that they cannot go on, and why. */
  async fail(problem: string): Promise<void> {
    this.#socket?.write(frameOf({ op: "fail", problem }))
    await this.leave()
  }

  /** As a process that dies. For tests. */
  drop(): void {
    this.#socket?.destroy()
  }

  #introduce(socket: Socket, until: number): Promise<void> {
    const { token, rank, size } = this.place
    const nonce = newNonce()
    return new Promise((joined, rejected) => {
      const late = setTimeout(() => fail(this.#nobody("it does not answer")), Math.max(until - Date.now(), 0))
      let known = false
      const fail = (failure: WorldFailure) => {
        clearTimeout(late)
        this.#fail(failure)
        socket.destroy()
        rejected(failure)
      }
      const reader = readFrames(socket, frame => {
        const { header } = frame
        if (header.op === "challenge" && !known) {
          if (!isProof(header.proof, proofOf(token, "coordinator", nonce, String(header.nonce))))
            return fail(this.#otherToken())
          known = true
          reader.most = mostBytes
          const words = ["member", String(header.nonce), nonce, rank, size, this.version, protocol]
          const proof = proofOf(token, ...words)
          socket.write(frameOf({ op: "join", rank, size, version: this.version, speaks: protocol, proof }))
        } else if (known && header.op === "joined") {
          clearTimeout(late)
          this.#socket = socket
          joined()
        } else if (known && header.op === "failed") fail(header.failure as WorldFailure)
        else if (known) this.#hear(frame)
      })
      socket.on("error", () => {})
      socket.once("close", () => {
        if (!known) fail(this.#nobody("what answers there is no shardlab, or has another version of it"))
        else if (this.#left === undefined) fail({ code: "WORLD_LOST", details: { rank: 0, size } })
      })
      socket.setKeepAlive(true, 10_000)
      socket.write(frameOf({ op: "hello", nonce }))
    })
  }

  #hear({ header, body }: Frame): void {
    if (header.op === "left") this.#left?.()
    const id = Number(header.id)
    const { code, message } = header as { code: number; message: string }
    this.#asked.get(id)?.(header.ok === true ? { ok: true, value: body } : { ok: false, code, message })
    this.#asked.delete(id)
  }

  #fail(failure: WorldFailure): void {
    this.#failure ??= failure
    for (const answered of this.#asked.values()) answered(this.#broken())
    this.#asked.clear()
  }

  #broken(): Answer {
    const message = this.#failure === undefined ? "the processes have not met" : worldText(this.#failure)
    return { ok: false, code: statusCodes.unavailable, message }
  }

  #nobody(reason: string): WorldFailure {
    const { host, port, rank, joinSeconds } = this.place
    return {
      code: "WORLD_ADDRESS",
      details: {
        problem: `Rank ${rank} did not reach rank 0 at ${host}:${port} within ${joinSeconds} s: ${reason}`,
        fix: "Look whether rank 0 runs and what it says; name its host and a free port in SHARDLAB_COORDINATOR.",
      },
    }
  }

  #otherToken(): WorldFailure {
    const { host, port, rank } = this.place
    return refused(
      `rank ${rank} and who listens at ${host}:${port} have different tokens`,
      "Give all processes the same SHARDLAB_TOKEN; another job may have the port.",
    )
  }
}

/** Undefined when nobody listens yet. */
function connected({ host, port }: Place, ms: number): Promise<Socket | undefined> {
  return new Promise(done => {
    const socket = connect({ host, port })
    const late = setTimeout(() => socket.destroy(), Math.max(ms, againMs))
    const end = (given: Socket | undefined) => {
      clearTimeout(late)
      socket.removeAllListeners()
      done(given)
    }
    socket.once("connect", () => end(socket))
    socket.once("error", () => end(undefined))
    socket.once("close", () => end(undefined))
  })
}
