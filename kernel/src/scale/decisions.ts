// The decisions of one loop, oldest first: an array that shows itself as a table. Not telemetry, which is separate.

import { type Displayable, displaySymbol, type MimeBundle, tableBundle } from "../display.js"
import { clock, type ExplainedDecision } from "./explain.js"

export interface LiveDecision extends ExplainedDecision {
  /** ms since the epoch. */
  readonly at: number
  /** The policy's name for people. */
  readonly policy: string
  /** When all workers that it asked for were there; undefined until then, and for holds. */
  effectiveAt?: number
  /** What the dry-run policies said of the same observation. */
  readonly dryRun: readonly { readonly policy: string; readonly to: number; readonly reason: string }[]
}

export class Decisions extends Array<LiveDecision> implements Displayable {
  static override get [Symbol.species]() {
    return Array
  }

  [displaySymbol](): MimeBundle {
    const dryRuns = this[0]?.dryRun.map(other => `${other.policy} (dry run)`) ?? []
    return tableBundle({
      caption: this.length === 1 ? "1 decision" : `${this.length} decisions`,
      columns: ["when", "from", "to", "ready after", ...dryRuns, "reason"],
      rows: this.map(decision => [
        clock(decision.at),
        String(decision.from),
        decision.to === decision.from ? "=" : String(decision.to),
        decision.effectiveAt === undefined
          ? ""
          : `${((decision.effectiveAt - decision.at) / 1000).toFixed(1)} s`,
        ...decision.dryRun.map(other => String(other.to)),
        decision.reason,
      ]),
    })
  }
}
