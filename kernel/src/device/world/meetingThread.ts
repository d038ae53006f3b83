// The thread that owns this process's socket to the others, and on rank 0 the coordinator: it answers while the JS thread
// computes or waits in C. Asked on lines (calls.ts), by the JS thread and by the threads of the callbacks.

import { workerData } from "node:worker_threads"
import { Coordinator } from "./Coordinator.js"
import { answerOn, type Line } from "./calls.js"
import type { WorldFailure } from "./failure.js"
import { Membership, type Question } from "./Membership.js"
import type { Place } from "./place.js"
import type { Answer } from "./Store.js"

export interface MeetingData {
  readonly place: Place
  readonly version: string
  readonly lines: readonly Line[]
}

export type Asked =
  | Question
  | { readonly op: "join" }
  | { readonly op: "leave" }
  | { readonly op: "fail"; readonly problem: string }
  | { readonly op: "how" }
export interface Told {
  readonly answer?: Answer
  /** Why the processes are not together (any more). */
  readonly failure?: WorldFailure | undefined
}

const { place, version, lines } = workerData as MeetingData
const membership = new Membership(place, version)

async function join(): Promise<Told> {
  try {
    if (place.rank === 0) await new Coordinator(place, version).listen()
    await membership.join()
    return {}
  } catch (failure) {
    if (failure instanceof Error) throw failure
    return { failure: failure as WorldFailure }
  }
}

for (const line of lines)
  answerOn<Asked, Told>(line, async asked => {
    if (asked.op === "join") return join()
    if (asked.op === "how") return { failure: membership.failure }
    if (asked.op === "fail") {
      await membership.fail(asked.problem)
      return {}
    }
    if (asked.op === "leave") {
      await membership.leave()
      return {}
    }
    const answer = await membership.ask(asked)
    return { answer, failure: membership.failure }
  })
