// Rank 0's side of the meeting: listens where the launch says, lets in who knows the token, waits until all ranks have come
// once, and then serves the store. It runs in meetingThread.ts, so that it answers while a cell computes. When anything is
// wrong with one process, all are told, because none can go on without it.

import { createServer, type Server, type Socket } from "node:net"
import { refused, type WorldFailure } from "./failure.js"
import { type Frame, frameOf, type Header, mostBytes, readFrames } from "./frames.js"
import type { Place } from "./place.js"
import { isProof, newNonce, proofOf, protocol } from "./proof.js"
import { type Answer, Store } from "./Store.js"

/** A stranger who says nothing is let go. */
const helloMs = 10_000
/** Of barriers and values; what is asked for beyond is cut to it, as a timer's milliseconds are a 32-bit number. */
const longestMs = 0x7fffffff

interface Member {
  readonly socket: Socket
  readonly rank: number
  left: boolean
}

export class Coordinator {
  readonly #store: Store
  readonly #members = new Map<number, Member>()
  readonly #server: Server
  #failure: WorldFailure | undefined
  #deadline: NodeJS.Timeout | undefined

  constructor(
    private readonly place: Place,
    private readonly version: string,
  ) {
    this.#store = new Store(place.size)
    this.#server = createServer(socket => this.#meet(socket))
  }

  /** Rejects with a WorldFailure when the address is not to be had. */
  listen(): Promise<void> {
    const { host, port, joinSeconds } = this.place
    return new Promise((listening, rejected) => {
      this.#server.once("error", (error: NodeJS.ErrnoException) => {
        const taken = error.code === "EADDRINUSE"
        const reason = taken ? "another program has the port" : error.message
        rejected({
          code: "WORLD_ADDRESS",
          details: {
            problem: `Rank 0 cannot listen on ${host}:${port}: ${reason}`,
            fix: "Name a free port of rank 0's host in SHARDLAB_COORDINATOR, the same for all.",
          },
        } satisfies WorldFailure)
      })
      this.#server.listen(port, host, () => {
        this.#deadline = setTimeout(() => this.#late(), joinSeconds * 1000)
        listening()
      })
    })
  }

  /** Ends all; for tests, because a thread that ends takes it along. */
  close(): void {
    clearTimeout(this.#deadline)
    this.#server.close()
    for (const { socket } of this.#members.values()) socket.destroy()
  }

  #meet(socket: Socket): void {
    const nonces = { ours: newNonce(), theirs: "" }
    let member: Member | undefined
    const silence = setTimeout(() => socket.destroy(), helloMs)
    const reader = readFrames(socket, frame => {
      const { header } = frame
      if (member !== undefined) this.#serve(member, frame)
      else if (nonces.theirs === "" && header.op === "hello") {
        nonces.theirs = String(header.nonce)
        const proof = proofOf(this.place.token, "coordinator", nonces.theirs, nonces.ours)
        socket.write(frameOf({ op: "challenge", nonce: nonces.ours, proof }))
      } else {
        clearTimeout(silence)
        member = this.#admit(socket, header, nonces)
        if (member === undefined) return
        reader.most = mostBytes
      }
    })
    socket.setKeepAlive(true, helloMs)
    socket.on("error", () => {})
    socket.once("close", () => {
      clearTimeout(silence)
      if (member !== undefined) this.#gone(member)
    })
  }

  /** Undefined for whoever is not let in; who has the token is told why, and so are the others. */
  #admit(socket: Socket, header: Header, nonces: { ours: string; theirs: string }): Member | undefined {
    const { rank, size, version, speaks } = header as Record<string, number | string>
    const words = ["member", nonces.ours, nonces.theirs, rank!, size!, version!, speaks!]
    if (!isProof(header.proof, proofOf(this.place.token, ...words))) {
      socket.destroy()
      return undefined
    }
    const problem = this.#failure ?? this.#problemOf(Number(rank), Number(size), `${version}`, Number(speaks))
    if (problem !== undefined) {
      socket.end(frameOf({ op: "failed", failure: problem }))
      this.#fail(problem)
      return undefined
    }
    const member = { socket, rank: Number(rank), left: false }
    this.#members.set(member.rank, member)
    if (this.#members.size === this.place.size) {
      clearTimeout(this.#deadline)
      this.#tellAll({ op: "joined" })
    }
    return member
  }

  #problemOf(rank: number, size: number, version: string, speaks: number): WorldFailure | undefined {
    if (version !== this.version || speaks !== protocol)
      return refused(
        `rank ${rank} runs shardlab ${version}, and rank 0 runs ${this.version}`,
        "Install one version of shardlab on all hosts.",
      )
    if (size !== this.place.size || !(Number.isInteger(rank) && rank >= 0 && rank < size))
      return refused(
        `one process says that it is rank ${rank} of ${size}, and rank 0 is one of ${this.place.size}`,
        "Start all of them by one launcher, and leave its variables as they are.",
      )
    if (this.#members.has(rank))
      return refused(
        `two processes say that they are rank ${rank}`,
        "Start all of them by one launcher, once; another job may use the same SHARDLAB_COORDINATOR.",
      )
    return undefined
  }

  #serve(member: Member, { header, body }: Frame): void {
    if (header.op === "fail") {
      this.#fail(
        refused(
          `rank ${member.rank} failed: ${header.problem}`,
          "Make that process work first; its own output says more.",
        ),
      )
      return
    }
    if (header.op === "leave") {
      member.left = true
      member.socket.end(frameOf({ op: "left" }))
      return
    }
    const { id, op, key } = header as { id: number; op: string; key: string }
    const ms = Math.min(Math.max(Number(header.timeoutMs) || 0, 0), longestMs)
    const answer = (given: Answer) => this.#answer(member.socket, id, given)
    if (op === "put") answer(this.#store.put(key, body))
    else if (op === "tryGet") answer(this.#store.tryGet(key))
    else if (op === "get") this.#store.get(key, ms, answer)
    else if (op === "barrier") this.#store.barrier(key, member.rank, ms, answer)
  }

  #answer(socket: Socket, id: number, answer: Answer): void {
    if (socket.destroyed) return
    if (answer.ok) socket.write(frameOf({ id, ok: true }, answer.value))
    else socket.write(frameOf({ id, ok: false, code: answer.code, message: answer.message }))
  }

  #late(): void {
    const missing = Array.from({ length: this.place.size }, (_, i) => i).filter(i => !this.#members.has(i))
    const { host, port, joinSeconds, size } = this.place
    this.#fail({
      code: "WORLD_MISSING",
      details: { missing: missing.join(", "), size, address: `${host}:${port}`, seconds: joinSeconds },
    })
  }

  #gone(member: Member): void {
    if (member.left || this.#failure !== undefined) return
    this.#fail({ code: "WORLD_LOST", details: { rank: member.rank, size: this.place.size } })
  }

  #fail(failure: WorldFailure): void {
    if (this.#failure !== undefined) return
    this.#failure = failure
    clearTimeout(this.#deadline)
    // First why, then to those who wait.
    this.#tellAll({ op: "failed", failure })
    this.#store.fail(failure)
  }

  #tellAll(header: Header): void {
    for (const { socket } of this.#members.values()) if (!socket.destroyed) socket.write(frameOf(header))
  }
}
