// The logical plan: a tree of immutable nodes, discriminated by `op`. JSON.stringify gives its wire form and
// `planFromJson` reads it back, checking again. Not an optimiser: engines have their own.

import { fail } from "../../errors.js"
import { UserFunction } from "../UserFunction.js"
import { Aggregate } from "./Aggregate.js"
import { AsOfJoin } from "./AsOfJoin.js"
import { Cache } from "./Cache.js"
import { Distinct } from "./Distinct.js"
import { Explode } from "./Explode.js"
import { Filter } from "./Filter.js"
import { Hint } from "./Hint.js"
import { Join } from "./Join.js"
import { Limit } from "./Limit.js"
import { Local } from "./Local.js"
import { MapBatches } from "./MapBatches.js"
import { MapGroups } from "./MapGroups.js"
import { Observe } from "./Observe.js"
import { Project } from "./Project.js"
import { Range } from "./Range.js"
import { Repartition } from "./Repartition.js"
import { Sample } from "./Sample.js"
import { Scan } from "./Scan.js"
import { SetOperation } from "./SetOperation.js"
import { Sort } from "./Sort.js"
import { Sql } from "./Sql.js"
import { Stored } from "./Stored.js"
import { Tail } from "./Tail.js"
import { Unpivot } from "./Unpivot.js"

export type Plan =
  | Scan
  | Local
  | Range
  | Stored
  | Sql
  | Filter
  | Project
  | Aggregate
  | Sort
  | Limit
  | Tail
  | Distinct
  | Sample
  | Explode
  | Unpivot
  | Repartition
  | Hint
  | Cache
  | Observe
  | MapBatches
  | MapGroups
  | Join
  | AsOfJoin
  | SetOperation
export type PlanOp = Plan["op"]
export type PlanNode<Op extends PlanOp> = Extract<Plan, { op: Op }>

export function inputs(plan: Plan): readonly Plan[] {
  switch (plan.op) {
    case "scan":
    case "local":
    case "range":
    case "stored":
      return []
    case "sql":
      return plan.inputs
    case "join":
    case "asOfJoin":
    case "setOperation":
      return [plan.left, plan.right]
    case "filter":
    case "project":
    case "aggregate":
    case "sort":
    case "limit":
    case "tail":
    case "distinct":
    case "sample":
    case "explode":
    case "unpivot":
    case "repartition":
    case "hint":
    case "cache":
    case "observe":
    case "mapBatches":
    case "mapGroups":
      return [plan.input]
  }
  plan satisfies never
}

/** Every node, root first; a frame used twice counts twice. */
export function nodes(plan: Plan): readonly Plan[] {
  return [plan, ...inputs(plan).flatMap(nodes)]
}

/** Every scan below, left to right; a frame used twice counts twice. */
export function scans(plan: Plan): readonly Scan[] {
  return nodes(plan).filter(node => node.op === "scan")
}

/** The tree as indented lines, root first. */
export function planText(plan: Plan, depth = 0): string {
  const line = `${"  ".repeat(depth)}${plan.describe()}`
  return [line, ...inputs(plan).map(input => planText(input, depth + 1))].join("\n")
}

type Reader<Op extends PlanOp> = (json: PlanNode<Op>) => Plan
const of = planFromJson

/** How each node is made again from its parsed JSON. */
const readers: { readonly [Op in PlanOp]: Reader<Op> } = {
  scan: json => new Scan(json.source, json.fields),
  local: json => new Local(json.fields, json.columns),
  range: json => new Range(json.start, json.end, json.step, json.column),
  stored: json => new Stored(json.kind, json.name, json.fields),
  sql: json => new Sql(json.text, json.params, json.inputs.map(of), json.fields),
  filter: json => new Filter(of(json.input), json.predicate, json.verb),
  project: json => new Project(of(json.input), json.columns, json.verb),
  aggregate: json => new Aggregate(of(json.input), json.keys, json.values, json.grouping),
  sort: json => new Sort(of(json.input), json.order),
  limit: json => new Limit(of(json.input), json.rows, json.offset),
  tail: json => new Tail(of(json.input), json.rows),
  distinct: json => new Distinct(of(json.input), json.columns),
  sample: json => new Sample(of(json.input), json.lower, json.upper, json.seed),
  explode: json => new Explode(of(json.input), json.column, json.as, json.outer, json.position),
  unpivot: json => new Unpivot(of(json.input), json.ids, json.values, json.nameColumn, json.valueColumn),
  repartition: json => new Repartition(of(json.input), json.partitions, json.by, json.shuffle),
  hint: json => new Hint(of(json.input), json.name, json.params),
  cache: json => new Cache(of(json.input), json.key, json.level),
  observe: json => new Observe(of(json.input), json.name, json.metrics),
  mapBatches: json =>
    new MapBatches(
      of(json.input),
      UserFunction.of(json.fn, "mapBatches"),
      json.fields,
      json.unit,
      json.reason,
    ),
  mapGroups: json =>
    new MapGroups(of(json.input), json.keys, UserFunction.of(json.fn, "mapGroups"), json.fields),
  join: json => new Join(of(json.left), of(json.right), json.on, json.how, json.suffix, json.condition),
  asOfJoin: json =>
    new AsOfJoin(of(json.left), of(json.right), json.on, json.time, json.direction, json.suffix),
  setOperation: json => new SetOperation(of(json.left), of(json.right), json.kind, json.all),
}

/** A plan from its parsed JSON. Every rule of the nodes is checked again. */
export function planFromJson(json: Plan): Plan {
  const read = readers[json.op] as Reader<PlanOp> | undefined
  if (read !== undefined) return read(json)
  const fix = "This plan comes from another version."
  throw fail("BAD_VALUE", { where: "planFromJson", name: "op", value: String(json.op), fix })
}
