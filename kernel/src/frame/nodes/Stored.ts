// What an engine keeps under a name: a view, a table of its catalog, or a checkpoint. The engine told its columns. It lives
// as long as the engine's session says.

import { Schema } from "../Schema.js"
import type { Field } from "../types.js"
import { nextPlanId } from "./node.js"

export class Stored {
  readonly op = "stored"
  readonly planId = nextPlanId()
  readonly schema: Schema
  constructor(
    readonly kind: "table" | "checkpoint",
    readonly name: string,
    readonly fields: readonly Field[],
  ) {
    this.schema = new Schema(fields)
  }

  describe(): string {
    return `${this.kind} ${this.name}`
  }
}
