// Plans to Spark's relations. One row a node in `lowering`; the compiler asks for a missing one. Nothing is sent here.

import { create, type MessageInitShape } from "@bufbuild/protobuf"
import { fail } from "../../errors.js"
import { encodeStream } from "../../frame/arrow/encode.js"
import type { Literal } from "../../frame/ExprNode.js"
import { localBatch } from "../../frame/localBatch.js"
import { nextPlanId } from "../../frame/nodes/node.js"
import type { Plan, PlanNode, PlanOp } from "../../frame/nodes/plan.js"
import type { SetKind } from "../../frame/nodes/SetOperation.js"
import type { Schema } from "../../frame/Schema.js"
import { fillSql } from "../../frame/sql.js"
import { aliasExpr, call, castTo, columnExpr, numberExpr, type SparkExpr, textExpr } from "./expr.js"
import { sortOrder, sparkExpr } from "./expressions.js"
import {
  Aggregate_GroupType as GroupType,
  type Relation,
  RelationSchema,
  SetOperation_SetOpType as SetOp,
} from "./gen/spark/connect/relations_pb.js"
import { asOfRelation, joinRelation } from "./joinRelation.js"
import { sparkLiteral } from "./literals.js"
import { scanRelation } from "./readRelation.js"
import { ddl, quoteName, sparkSql } from "./types.js"
import { groupMap, mapPartitions } from "./userFunctions.js"

export type RelationInit = MessageInitShape<typeof RelationSchema>
export type Kind = NonNullable<RelationInit["relType"]>
export type Lower = (plan: Plan) => RelationInit
type Lowering = { readonly [Op in PlanOp]: (plan: PlanNode<Op>, lower: Lower) => Kind }

/** `known` gives the relation of a node whose result is there already, such as that of a command. */
export function planRelation(
  plan: Plan,
  known: (plan: Plan) => Relation | undefined = () => undefined,
): Relation {
  const lower: Lower = node => known(node) ?? lowerNode(node, lower)
  return create(RelationSchema, lower(plan))
}

const setKinds: Readonly<Record<SetKind, SetOp>> = {
  union: SetOp.UNION,
  intersect: SetOp.INTERSECT,
  except: SetOp.EXCEPT,
}
const groupings = { groupBy: GroupType.GROUPBY, rollup: GroupType.ROLLUP, cube: GroupType.CUBE } as const

const lowering: Lowering = {
  scan: scanRelation,
  local: node => {
    // First the schema: it refuses types that Spark lacks.
    const schema = ddl(node.fields)
    return { case: "localRelation", value: { schema, data: encodeStream(localBatch(node), node.fields) } }
  },
  range: ({ start, end, step, column }) => {
    const value = { start: BigInt(start), end: BigInt(end), step: BigInt(step) }
    return project({ relType: { case: "range", value } }, [aliasExpr(columnExpr("id"), column)])
  },
  stored: ({ kind, name, schema }) => {
    const read: RelationInit = { relType: kind === "table" ? namedTable(name) : checkpointed(name) }
    return selected(read, schema)
  },
  sql: ({ text, params, inputs, schema }, lower) =>
    selected(userSql(text, params, inputs.map(lower)), schema),
  filter: ({ input, predicate }, lower) => ({
    case: "filter",
    value: { input: lower(input), condition: sparkExpr(predicate) },
  }),
  project: ({ input, columns }, lower) =>
    project(
      lower(input),
      columns.map(({ name, expr }) => aliasExpr(sparkExpr(expr), name)),
    ),
  aggregate: ({ input, keys, values, grouping }, lower) => ({
    case: "aggregate",
    value: {
      input: lower(input),
      groupType: groupings[grouping],
      groupingExpressions: keys.map(key => columnExpr(key)),
      // The server puts the keys before these by itself.
      aggregateExpressions: values.map(({ name, expr }) => aliasExpr(sparkExpr(expr), name)),
    },
  }),
  sort: ({ input, order }, lower) => ({
    case: "sort",
    value: { input: lower(input), isGlobal: true, order: order.map(sortOrder) },
  }),
  limit: ({ input, rows, offset }, lower) => {
    const shifted: RelationInit =
      offset === 0 ? lower(input) : { relType: { case: "offset", value: { input: lower(input), offset } } }
    if (rows !== null) return { case: "limit", value: { input: shifted, limit: rows } }
    return shifted.relType!
  },
  tail: ({ input, rows }, lower) => ({ case: "tail", value: { input: lower(input), limit: rows } }),
  distinct: ({ input, columns }, lower) => ({
    case: "deduplicate",
    value:
      columns.length === 0
        ? { input: lower(input), allColumnsAsKeys: true }
        : { input: lower(input), columnNames: [...columns] },
  }),
  sample: ({ input, lower: lowerBound, upper: upperBound, seed }, lower) => ({
    case: "sample",
    value: { input: lower(input), lowerBound, upperBound, withReplacement: false, seed: BigInt(seed) },
  }),
  explode: ({ input, column, as, outer, position }, lower) => {
    const generator = `${position === undefined ? "" : "pos"}explode${outer ? "_outer" : ""}`
    const made = call(generator, [columnExpr(column)])
    const named = position === undefined ? aliasExpr(made, as) : aliasExpr(made, position, as)
    const columns = input.schema.names.map(name => (name === column ? named : columnExpr(name)))
    return project(lower(input), columns)
  },
  unpivot: ({ input, ids, values, nameColumn, valueColumn, schema }, lower) => {
    const type = sparkSql(schema.type(valueColumn, "unpivot"))
    const cast = values.map(name => aliasExpr(castTo(columnExpr(name), type), name))
    const columns = (names: readonly string[]) => names.map(name => columnExpr(name))
    const alike: RelationInit = { relType: project(lower(input), [...columns(ids), ...cast]) }
    return {
      case: "unpivot",
      value: {
        input: alike,
        ids: columns(ids),
        values: { values: columns(values) },
        variableColumnName: nameColumn,
        valueColumnName: valueColumn,
      },
    }
  },
  repartition: ({ input, partitions, by, shuffle }, lower) => {
    if (by.length === 0 && partitions !== null)
      return { case: "repartition", value: { input: lower(input), numPartitions: partitions, shuffle } }
    const partitionExprs = by.map(name => columnExpr(name))
    const number = partitions === null ? {} : { numPartitions: partitions }
    return { case: "repartitionByExpression", value: { input: lower(input), partitionExprs, ...number } }
  },
  hint: ({ input, name, params }, lower) => {
    const parameters = params.map(param => (typeof param === "number" ? numberExpr(param) : textExpr(param)))
    return { case: "hint", value: { input: lower(input), name, parameters } }
  },
  // The server knows by itself that it keeps these rows.
  cache: ({ input }, lower) => lower(input).relType!,
  observe: ({ input, name, metrics }, lower) => ({
    case: "collectMetrics",
    value: {
      input: lower(input),
      name,
      metrics: metrics.map(metric => aliasExpr(sparkExpr(metric.expr), metric.name)),
    },
  }),
  mapBatches: (node, lower) => mapPartitions(node, lower(node.input)),
  mapGroups: (node, lower) => groupMap(node, lower(node.input)),
  join: joinRelation,
  asOfJoin: asOfRelation,
  setOperation: ({ left, right, kind, all }, lower) => ({
    case: "setOp",
    value: { leftInput: lower(left), rightInput: lower(right), setOpType: setKinds[kind], isAll: all },
  }),
}

function lowerNode<Op extends PlanOp>(plan: PlanNode<Op>, lower: Lower): RelationInit {
  return { common: { planId: BigInt(plan.planId) }, relType: lowering[plan.op as Op](plan, lower) }
}

export function project(input: RelationInit, expressions: readonly SparkExpr[]): Kind {
  return { case: "project", value: { input, expressions: [...expressions] } }
}

function selected(input: RelationInit, schema: Schema): Kind {
  return project(
    input,
    schema.names.map(name => columnExpr(name)),
  )
}

/** `lake.flights` is a table of a schema. */
export function namedTable(name: string): Kind {
  const unparsedIdentifier = name.split(".").map(quoteName).join(".")
  return { case: "read", value: { readType: { case: "namedTable", value: { unparsedIdentifier } } } }
}

function checkpointed(relationId: string): Kind {
  return { case: "cachedRemoteRelation", value: { relationId } }
}

export function lacks(what: string): never {
  throw fail("NOT_ON_ENGINE", { engine: "Spark", what, has: "duckdb" })
}

// --- SQL of the user
export function userSql(
  text: string,
  params: readonly Literal[],
  inputs: readonly RelationInit[],
): RelationInit {
  const query = fillSql(
    text,
    index => inputName(index),
    index => `:p${index}`,
  ).replace(/;\s*$/, "")
  const literals = params.map((param, i): [string, SparkExpr] => [
    `p${i}`,
    { exprType: { case: "literal", value: sparkLiteral(param) } },
  ])
  const root: RelationInit = {
    relType: { case: "sql", value: { query, namedArguments: Object.fromEntries(literals) } },
  }
  if (inputs.length === 0) return root
  const references = inputs.map((input, i) => named(input, inputName(i)))
  return { relType: { case: "withRelations", value: { root, references } } }
}

const inputName = (index: number) => `shardlab_input_${index}`

export function named(input: RelationInit, alias: string): RelationInit {
  // Sail finds the references of SQL by their plan id.
  return {
    common: { planId: BigInt(nextPlanId()) },
    relType: { case: "subqueryAlias", value: { input, alias } },
  }
}
