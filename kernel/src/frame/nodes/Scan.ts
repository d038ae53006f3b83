// Reads a source. The engine described it, so the columns are known.

import { redact } from "../../store/redact.js"
import { Schema } from "../Schema.js"
import type { Source } from "../Source.js"
import type { Field } from "../types.js"
import { nextPlanId } from "./node.js"

export class Scan {
  readonly op = "scan"
  readonly planId = nextPlanId()
  readonly schema: Schema
  constructor(
    readonly source: Source,
    readonly fields: readonly Field[],
  ) {
    this.schema = new Schema(fields)
  }

  describe(): string {
    const { format, paths, range } = this.source
    const files = paths.length === 1 ? redact(paths[0]!) : `${paths.length} files`
    const table = this.source.options.table === undefined ? "" : ` ${this.source.options.table}`
    return `scan ${format} ${files}${table}${range ? ` rows ${range.first}..${range.first + range.rows}` : ""}`
  }
}
