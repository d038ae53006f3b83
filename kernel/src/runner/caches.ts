// What is cached now, in this process and on the clusters that are open: a list that shows itself as a table, and the way
// to let all of it go. Sizes are what each engine tells.

import { displaySymbol, type MimeBundle } from "../display.js"
import type { Engine, Kept } from "../frame/Engine.js"
import type { StorageLevel } from "../frame/nodes/Cache.js"
import { planText } from "../frame/nodes/plan.js"
import { plural, type TableColumn, tableBundle } from "../frame/table.js"

export interface CachedFrame {
  /** The plan whose rows are kept: `filter gt(delay, 15) < scan parquet flights.parquet`. */
  readonly plan: string
  /** `duckdb`, `spark`, `dask`. */
  readonly runsOn: string
  readonly level: StorageLevel
  readonly rows?: number
  readonly bytes?: number
}

export class Caches extends Array<CachedFrame> {
  /** `map` and `filter` give plain arrays. */
  static override get [Symbol.species](): ArrayConstructor {
    return Array
  }

  static fromList(found: readonly CachedFrame[]): Caches {
    const made = new Caches()
    for (const one of found) made.push(one)
    return made
  }

  [displaySymbol](): MimeBundle {
    if (this.length === 0) return { "text/plain": "Nothing is cached." }
    return tableBundle({
      caption: plural(this.length, "cached frame"),
      columns: [text("frame"), text("runs on"), text("level"), number("rows"), number("bytes")],
      rows: this.map(({ plan, runsOn, level, rows, bytes }) => [
        plan.length > longest ? `${plan.slice(0, longest - 1)}…` : plan,
        runsOn,
        level,
        said(rows),
        said(bytes),
      ]),
    })
  }
}

const longest = 100
const text = (name: string): TableColumn => ({ name, type: "", right: false })
const number = (name: string): TableColumn => ({ name, type: "", right: true })
const said = (value: number | undefined) =>
  value === undefined ? "not known" : value.toLocaleString("en-US")

/** The frames that these engines keep. One that is cached and was never used is not kept yet. */
export async function cachesOf(engines: readonly Engine[]): Promise<Caches> {
  const found = await Promise.all(
    engines.map(async engine => (await engine.kept()).map(one => frameOf(engine, one))),
  )
  return Caches.fromList(found.flat())
}

/** Lets the engines forget all of it; the frames go on working, and are kept again when they are used. */
export async function clearCaches(engines: readonly Engine[]): Promise<Caches> {
  for (const engine of engines) for (const { cache } of await engine.kept()) await engine.unpersist(cache)
  return cachesOf(engines)
}

function frameOf({ name }: Engine, { cache, rows, bytes }: Kept): CachedFrame {
  return {
    plan: planText(cache.input)
      .split("\n")
      .map(line => line.trim())
      .join(" < "),
    runsOn: name,
    level: cache.level,
    ...(rows !== undefined && { rows }),
    ...(bytes !== undefined && { bytes }),
  }
}
