// A plan cut into parts that can be read by themselves: one a shard of its source, where each row comes from one row of a
// source (filters, columns made row by row, unions). What needs several rows at once (joins, groups, sorts, limits, windows,
// kept rows) has no such parts. Changes no plan and reads no row.

import type { Engine } from "./Engine.js"
import { Explode } from "./nodes/Explode.js"
import { Filter } from "./nodes/Filter.js"
import { MapBatches } from "./nodes/MapBatches.js"
import { Project } from "./nodes/Project.js"
import type { Plan } from "./nodes/plan.js"
import { Scan } from "./nodes/Scan.js"
import { hasWindow } from "./nodes/scanFilters.js"
import { Unpivot } from "./nodes/Unpivot.js"

/** Together all rows of the plan, each once, in its order; the plan itself when it cannot be cut. */
export async function planParts(plan: Plan, engine: Engine): Promise<readonly Plan[]> {
  const sources = cut(plan)
  if (sources === undefined) return [plan]
  const parts = await Promise.all(sources.map(source => partsOfOne(source, engine)))
  return parts.flat()
}

/** A plan over one scan, and that plan over another. */
interface OneSource {
  readonly scan: Scan
  over(scan: Scan): Plan
}

async function partsOfOne({ scan, over }: OneSource, engine: Engine): Promise<readonly Plan[]> {
  if (!isCuttable(scan)) return [over(scan)]
  // Of the whole plan: its filters rule files out.
  const shards = await engine.shards(over(scan))
  return shards.map(shard => over(new Scan(shard.source, scan.fields)))
}

/** Files read as one table by the union of their columns, or with types found over all of them, are no tables alone. */
function isCuttable({ source }: Scan): boolean {
  if (source.range !== undefined || source.options.schema === "merge") return false
  return source.format !== "json" || source.paths.length === 1
}

/** Undefined where some row is made of several. */
function cut(plan: Plan): readonly OneSource[] | undefined {
  switch (plan.op) {
    case "scan":
      return [{ scan: plan, over: scan => scan }]
    case "filter":
      if (hasWindow(plan.predicate)) return undefined
      return above(plan.input, input => new Filter(input, plan.predicate, plan.verb))
    case "project":
      if (plan.columns.some(({ expr }) => hasWindow(expr))) return undefined
      return above(plan.input, input => new Project(input, plan.columns, plan.verb))
    case "explode":
      return above(plan.input, input => new Explode(input, plan.column, plan.as, plan.outer, plan.position))
    case "unpivot":
      return above(
        plan.input,
        input => new Unpivot(input, plan.ids, plan.values, plan.nameColumn, plan.valueColumn),
      )
    case "mapBatches":
      return above(plan.input, input => new MapBatches(input, plan.fn, plan.fields, plan.unit, plan.reason))
    case "repartition":
    case "hint":
      return cut(plan.input)
    case "setOperation": {
      const [left, right] = [cut(plan.left), cut(plan.right)]
      if (plan.kind !== "union" || !plan.all || left === undefined || right === undefined) return undefined
      // Both sides have the same names and types: align.ts.
      return [...left, ...right]
    }
    case "local":
    case "range":
    case "stored":
    case "sql":
    case "aggregate":
    case "sort":
    case "limit":
    case "tail":
    case "distinct":
    case "sample":
    case "cache":
    case "observe":
    case "mapGroups":
    case "join":
    case "asOfJoin":
      return undefined
  }
  plan satisfies never
}

function above(input: Plan, make: (input: Plan) => Plan): readonly OneSource[] | undefined {
  return cut(input)?.map(({ scan, over }) => ({ scan, over: other => make(over(other)) }))
}
