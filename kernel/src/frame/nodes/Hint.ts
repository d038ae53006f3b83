// Advice to an engine's optimiser ("broadcast"). It changes no result; an engine that does not know it passes it over.

import type { Schema } from "../Schema.js"
import { nextPlanId } from "./node.js"
import type { Plan } from "./plan.js"

export class Hint {
  readonly op = "hint"
  readonly planId = nextPlanId()
  readonly schema: Schema
  constructor(
    readonly input: Plan,
    readonly name: string,
    readonly params: readonly (string | number)[],
  ) {
    this.schema = input.schema
  }

  describe(): string {
    return `hint ${this.name}${this.params.length > 0 ? `(${this.params.join(", ")})` : ""}`
  }
}
