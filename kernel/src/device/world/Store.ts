// Keys and values that all processes of a launch see, and the barriers where they wait for each other. In memory of rank 0,
// no network: server.ts answers the other processes from it. A key is written once, as XLA's own stores have it.

import type { WorldFailure } from "./failure.js"
import { worldText } from "./failure.js"

/** As absl numbers them, which is what PJRT takes. */
export const statusCodes = { deadline: 4, notFound: 5, exists: 6, unavailable: 14 } as const

export type Answer =
  | { readonly ok: true; readonly value?: Uint8Array }
  | { readonly ok: false; readonly code: number; readonly message: string }

interface Waiter {
  readonly answer: (answer: Answer) => void
  readonly timer: NodeJS.Timeout
}

interface Meeting {
  readonly ranks: Set<number>
  readonly waiters: Set<Waiter>
}

export class Store {
  readonly #values = new Map<string, Uint8Array>()
  readonly #waiting = new Map<string, Set<Waiter>>()
  readonly #meetings = new Map<string, Meeting>()
  #failure: Answer | undefined

  constructor(private readonly size: number) {}

  put(key: string, value: Uint8Array): Answer {
    if (this.#failure) return this.#failure
    if (this.#values.has(key)) return failed(statusCodes.exists, `the key ${key} has a value already`)
    this.#values.set(key, value)
    this.#settle(this.#waiting.get(key), { ok: true, value })
    this.#waiting.delete(key)
    return { ok: true }
  }

  tryGet(key: string): Answer {
    const value = this.#values.get(key)
    return value === undefined
      ? (this.#failure ?? failed(statusCodes.notFound, `the key ${key} has no value`))
      : { ok: true, value }
  }

  /** Answers when the key has a value, the time is over, or the processes fall apart. */
  get(key: string, timeoutMs: number, answer: (answer: Answer) => void): void {
    const now = this.tryGet(key)
    if (now.ok || this.#failure) {
      answer(now)
      return
    }
    const waiters = this.#waiting.get(key) ?? new Set()
    this.#waiting.set(key, waiters)
    this.#wait(waiters, timeoutMs, answer, () => `nobody gave the key ${key} a value within ${timeoutMs} ms`)
  }

  /** Answers when all ranks have come. A name serves again after that. */
  barrier(name: string, rank: number, timeoutMs: number, answer: (answer: Answer) => void): void {
    if (this.#failure) {
      answer(this.#failure)
      return
    }
    const meeting = this.#meetings.get(name) ?? { ranks: new Set(), waiters: new Set() }
    this.#meetings.set(name, meeting)
    meeting.ranks.add(rank)
    if (meeting.ranks.size === this.size) {
      this.#meetings.delete(name)
      this.#settle(meeting.waiters, { ok: true })
      answer({ ok: true })
      return
    }
    const late = () => {
      const missing = Array.from({ length: this.size }, (_, i) => i).filter(i => !meeting.ranks.has(i))
      meeting.ranks.delete(rank)
      return `rank ${missing.join(", ")} did not come to ${name} within ${timeoutMs} ms`
    }
    this.#wait(meeting.waiters, timeoutMs, answer, late)
  }

  /** Whoever waits, and whoever asks from now on, is told. */
  fail(failure: WorldFailure): void {
    this.#failure ??= failed(statusCodes.unavailable, worldText(failure))
    for (const waiters of this.#waiting.values()) this.#settle(waiters, this.#failure)
    for (const { waiters } of this.#meetings.values()) this.#settle(waiters, this.#failure)
    this.#waiting.clear()
    this.#meetings.clear()
  }

  #wait(waiters: Set<Waiter>, timeoutMs: number, answer: Waiter["answer"], late: () => string): void {
    const timer = setTimeout(() => {
      waiters.delete(waiter)
      answer(failed(statusCodes.deadline, late()))
    }, timeoutMs)
    const waiter = { answer, timer }
    waiters.add(waiter)
  }

  #settle(waiters: Set<Waiter> | undefined, answer: Answer): void {
    for (const waiter of waiters ?? []) {
      clearTimeout(waiter.timer)
      waiter.answer(answer)
    }
    waiters?.clear()
  }
}

function failed(code: number, message: string): Answer {
  return { ok: false, code, message }
}
