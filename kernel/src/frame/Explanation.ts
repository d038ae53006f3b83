// What `explain` gives: text in three parts, shown as text.

import { displaySymbol, type MimeBundle } from "../display.js"

export class Explanation {
  constructor(
    /** Our logical plan, root first. */
    readonly plan: string,
    /** The engine's own account. */
    readonly engine: string,
    readonly shards: number,
    readonly runsOn: string,
  ) {}

  toString(): string {
    return `plan\n${this.plan}\n\nruns on ${this.runsOn}, ${this.shards} shards\n${this.engine}`
  }

  [displaySymbol](): MimeBundle {
    return { "text/plain": this.toString() }
  }
}
