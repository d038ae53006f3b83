// Rows that an engine keeps after it computed them once, until `unpersist`. It changes no result.

import type { Schema } from "../Schema.js"
import { nextPlanId } from "./node.js"
import type { Plan } from "./plan.js"

export type StorageLevel = "memory" | "disk" | "memoryAndDisk"
export const storageLevels: readonly StorageLevel[] = ["memory", "disk", "memoryAndDisk"]

export class Cache {
  readonly op = "cache"
  readonly planId = nextPlanId()
  readonly schema: Schema
  constructor(
    readonly input: Plan,
    /** Names the stored rows; frames made from one `cache()` share them. */
    readonly key: string,
    readonly level: StorageLevel,
  ) {
    this.schema = input.schema
  }

  describe(): string {
    return `cache (${this.level})`
  }
}
