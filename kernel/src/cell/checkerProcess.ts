// The checker's process: answers the calls of startChecker.ts over the IPC channel, one after the other. What it remembers
// of the cells goes back with each commit, so that the client can start another one.

import { CellChecker, failedCheck } from "./CellChecker.js"
import type { StateDelta } from "./CellState.js"
import { checkerPaths } from "./inProcessChecker.js"

/** One call: `state` restores, the others are the methods of Checker with their arguments. */
export type CheckerCall =
  | { readonly id: number; readonly method: "restore"; readonly args: readonly [StateDelta] }
  | {
      readonly id: number
      readonly method: "check" | "commit" | "complete" | "inspect" | "isComplete"
      readonly args: readonly unknown[]
    }

export interface CheckerAnswer {
  readonly id: number
  readonly value?: unknown
  readonly error?: string
  /** Resident set of this process in bytes, for the client to decide when it has grown too much. */
  readonly rss: number
}

const cwd = process.argv[2] ?? process.cwd()
const checker = new CellChecker(checkerPaths(cwd))

process.on("message", (call: CheckerCall) => {
  process.send?.({ id: call.id, ...answer(call), rss: process.memoryUsage.rss() } satisfies CheckerAnswer)
})
// The session is gone: nobody will ask again.
process.on("disconnect", () => process.exit(0))
// Ctrl-C in a terminal goes to every process of the group; only the front decides what it means.
process.on("SIGINT", () => {})
// Read the standard library before the first cell is there.
checker.check("1", { id: "warm", n: 0 })
void checker.commit("warm", { ok: false, live: [] })
process.send?.({ id: 0, rss: process.memoryUsage.rss() } satisfies CheckerAnswer)

function answer({ method, args }: CheckerCall): { value?: unknown; error?: string } {
  try {
    return { value: (checker[method] as (...given: readonly unknown[]) => unknown)(...args) }
  } catch (error) {
    if (method === "check") return { value: failedCheck(args[0] as string, error) }
    return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}
