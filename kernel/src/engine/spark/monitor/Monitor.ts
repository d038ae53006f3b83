// The seam between an operation and whoever shows it: told of every response and of the end. It looks and never touches:
// a query runs the same without one.

import type { ExecutePlanResponse } from "../gen/spark/connect/base_pb.js"
import type { RestKept } from "./rest.js"

export interface Monitor {
  /** An operation begins. `what` names it for people. */
  watch(operationId: string, what: string): Watch
  /** What executors keep in memory and on disk; undefined when nobody tells. */
  keptRows?(): Promise<readonly RestKept[] | undefined>
  close(): void
}

export interface Watch {
  take(response: ExecutePlanResponse): void
  end(status: "ok" | "error" | "cancelled"): void
}
