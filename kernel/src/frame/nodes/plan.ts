// The logical plan: a tree of immutable nodes, discriminated by `op`. JSON.stringify gives its wire form and
// `planFromJson` reads it back, checking again. Not an optimiser: engines have their own.

import { fail } from "../../errors.js"
import { UserFunction } from "../UserFunction.js"
import { Aggregate } from "./Aggregate.js"
import { Distinct } from "./Distinct.js"
import { Filter } from "./Filter.js"
import { Join } from "./Join.js"
import { Limit } from "./Limit.js"
import { Local } from "./Local.js"
import { MapBatches } from "./MapBatches.js"
import { MapGroups } from "./MapGroups.js"
import { Project } from "./Project.js"
import { Scan } from "./Scan.js"
import { Sort } from "./Sort.js"
import { Sql } from "./Sql.js"
import { Union } from "./Union.js"

export type Plan =
  | Scan
  | Local
  | Sql
  | Filter
  | Project
  | Aggregate
  | Sort
  | Limit
  | Join
  | Distinct
  | Union
  | MapBatches
  | MapGroups
export type PlanOp = Plan["op"]

export function inputs(plan: Plan): readonly Plan[] {
  switch (plan.op) {
    case "scan":
    case "local":
      return []
    case "sql":
      return plan.inputs
    case "join":
    case "union":
      return [plan.left, plan.right]
    case "filter":
    case "project":
    case "aggregate":
    case "sort":
    case "limit":
    case "distinct":
    case "mapBatches":
    case "mapGroups":
      return [plan.input]
  }
  plan satisfies never
}

/** Every scan below, left to right; a frame used twice counts twice. */
export function scans(plan: Plan): readonly Scan[] {
  return plan.op === "scan" ? [plan] : inputs(plan).flatMap(scans)
}

/** The tree as indented lines, root first. */
export function planText(plan: Plan, depth = 0): string {
  const line = `${"  ".repeat(depth)}${plan.describe()}`
  return [line, ...inputs(plan).map(input => planText(input, depth + 1))].join("\n")
}

/** A plan from its parsed JSON. Every rule of the nodes is checked again. */
export function planFromJson(json: Plan): Plan {
  switch (json.op) {
    case "scan":
      return new Scan(json.source, json.fields)
    case "local":
      return new Local(json.fields, json.columns)
    case "sql":
      return new Sql(json.text, json.params, json.inputs.map(planFromJson), json.fields)
    case "filter":
      return new Filter(planFromJson(json.input), json.predicate)
    case "project":
      return new Project(planFromJson(json.input), json.columns, json.verb)
    case "aggregate":
      return new Aggregate(planFromJson(json.input), json.keys, json.values)
    case "sort":
      return new Sort(planFromJson(json.input), json.order)
    case "limit":
      return new Limit(planFromJson(json.input), json.rows)
    case "join":
      return new Join(planFromJson(json.left), planFromJson(json.right), json.on, json.how, json.suffix)
    case "distinct":
      return new Distinct(planFromJson(json.input))
    case "union":
      return new Union(planFromJson(json.left), planFromJson(json.right))
    case "mapBatches": {
      const fn = UserFunction.of(json.fn, json.op)
      return new MapBatches(planFromJson(json.input), fn, json.fields, json.unit, json.reason)
    }
    case "mapGroups":
      return new MapGroups(
        planFromJson(json.input),
        json.keys,
        UserFunction.of(json.fn, json.op),
        json.fields,
      )
    default:
      throw fail("BAD_VALUE", {
        where: "planFromJson",
        name: "op",
        value: String((json satisfies never as { op?: unknown })?.op),
        fix: "This plan comes from another version.",
      })
  }
}
