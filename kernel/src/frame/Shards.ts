// The shards of a frame: an array of plain objects that shows itself as a table.

import { displaySymbol, type MimeBundle } from "../display.js"
import { redact } from "../store/redact.js"
import type { Shard } from "./Shard.js"
import { plural, type TableColumn, tableBundle } from "./table.js"

const shownShards = 50

export class Shards extends Array<Shard> {
  /** `map` and `filter` give plain arrays: their elements need not be shards. */
  static override get [Symbol.species](): ArrayConstructor {
    return Array
  }

  static fromList(shards: readonly Shard[]): Shards {
    const made = new Shards()
    for (const shard of shards) made.push(shard)
    return made
  }

  [displaySymbol](): MimeBundle {
    const rows = this.reduce((sum, shard) => sum + (shard.rows ?? 0), 0)
    const bytes = this.reduce((sum, shard) => sum + shard.bytes, 0)
    const more = this.length > shownShards ? `, the first ${shownShards} shown` : ""
    return tableBundle({
      caption: `${plural(this.length, "shard")} · ${plural(rows, "row")} · ${plural(bytes, "byte")}${more}`,
      columns: [text("id"), text("file"), text("group"), number("rows"), number("bytes"), text("min … max")],
      rows: this.slice(0, shownShards).map(shard => [
        String(shard.id),
        redact(shard.uri).split("/").at(-1)!,
        shard.rowGroup === undefined ? "whole file" : String(shard.rowGroup),
        shard.rows === undefined ? null : shard.rows.toLocaleString("en-US"),
        shard.bytes.toLocaleString("en-US"),
        Object.entries(shard.range)
          .slice(0, 3)
          .map(([name, { min, max }]) => `${name}: ${min} … ${max}`)
          .join("; "),
      ]),
    })
  }
}

const text = (name: string): TableColumn => ({ name, type: "", right: false })
const number = (name: string): TableColumn => ({ name, type: "", right: true })
