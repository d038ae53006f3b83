// Plans to Spark's relations. One row a node in `lowering`; the compiler asks for a missing one. Nothing is sent here.

import { create, type MessageInitShape } from "@bufbuild/protobuf"
import { fail } from "../../errors.js"
import type { Literal } from "../../frame/ExprNode.js"
import type { JoinType } from "../../frame/nodes/Join.js"
import { nextPlanId } from "../../frame/nodes/node.js"
import type { Plan, PlanOp } from "../../frame/nodes/plan.js"
import type { Schema } from "../../frame/Schema.js"
import type { Source } from "../../frame/Source.js"
import { fillSql } from "../../frame/sql.js"
import { encodeLocal, isEncodable } from "./arrow/encode.js"
import { aliasExpr, columnExpr, sparkExpr } from "./expressions.js"
import { castTo, type SparkExpr } from "./functions.js"
import {
  Expression_SortOrder_SortDirection as Direction,
  Expression_SortOrder_NullOrdering as Nulls,
} from "./gen/spark/connect/expressions_pb.js"
import {
  Aggregate_GroupType as GroupType,
  type Relation,
  RelationSchema,
  SetOperation_SetOpType as SetOp,
  Join_JoinType as SparkJoin,
} from "./gen/spark/connect/relations_pb.js"
import { sparkLiteral } from "./literals.js"
import { ddl, sparkSql } from "./types.js"

export type RelationInit = MessageInitShape<typeof RelationSchema>
type Kind = NonNullable<RelationInit["relType"]>
type Node<Op extends PlanOp> = Extract<Plan, { op: Op }>
type Lower = (plan: Plan) => RelationInit
type Lowering = { readonly [Op in PlanOp]: (plan: Node<Op>, lower: Lower) => Kind }

/** `known` gives the relation of a node whose result is there already, such as that of a command. */
export function planRelation(
  plan: Plan,
  known: (plan: Plan) => Relation | undefined = () => undefined,
): Relation {
  const lower: Lower = node => known(node) ?? lowerNode(node, lower)
  return create(RelationSchema, lower(plan))
}

const lowering: Lowering = {
  scan: scanRelation,
  local: node => {
    const unsendable = node.fields.find(({ type }) => !isEncodable(type))
    if (unsendable !== undefined) sparkSql(unsendable.type)
    return { case: "localRelation", value: { data: encodeLocal(node), schema: ddl(node.fields) } }
  },
  sql: ({ text, params, inputs, schema }, lower) =>
    selected(userSql(text, params, inputs.map(lower)), schema),
  filter: ({ input, predicate }, lower) => ({
    case: "filter",
    value: { input: lower(input), condition: sparkExpr(predicate, input.schema) },
  }),
  project: ({ input, columns }, lower) =>
    project(
      lower(input),
      columns.map(({ name, expr }) => aliasExpr(sparkExpr(expr, input.schema), name)),
    ),
  aggregate: ({ input, keys, values }, lower) => ({
    case: "aggregate",
    value: {
      input: lower(input),
      groupType: GroupType.GROUPBY,
      groupingExpressions: keys.map(key => columnExpr(key)),
      // The server puts the keys before these by itself.
      aggregateExpressions: values.map(({ name, expr }) => aliasExpr(sparkExpr(expr, input.schema), name)),
    },
  }),
  sort: ({ input, order }, lower) => ({
    case: "sort",
    value: {
      input: lower(input),
      isGlobal: true,
      order: order.map(({ expr, direction }) => ({
        child: sparkExpr(expr, input.schema),
        direction: direction === "asc" ? Direction.ASCENDING : Direction.DESCENDING,
        nullOrdering: direction === "asc" ? Nulls.SORT_NULLS_FIRST : Nulls.SORT_NULLS_LAST,
      })),
    },
  }),
  limit: ({ input, rows }, lower) => ({ case: "limit", value: { input: lower(input), limit: rows } }),
  join: joinRelation,
  mapBatches: ({ fn }) => lacks(`TypeScript functions on the executors (${fn.name})`),
  mapGroups: ({ fn }) => lacks(`TypeScript functions on the executors (${fn.name})`),
  distinct: ({ input }, lower) => ({
    case: "deduplicate",
    value: { input: lower(input), allColumnsAsKeys: true },
  }),
  union: ({ left, right, schema }, lower) => ({
    case: "setOp",
    value: {
      leftInput: { relType: cast(lower(left), schema) },
      rightInput: { relType: cast(lower(right), schema) },
      setOpType: SetOp.UNION,
      isAll: true,
    },
  }),
}

function lowerNode<Op extends PlanOp>(plan: Node<Op>, lower: Lower): RelationInit {
  return { common: { planId: BigInt(plan.planId) }, relType: lowering[plan.op as Op](plan, lower) }
}

function project(input: RelationInit, expressions: readonly SparkExpr[]): Kind {
  return { case: "project", value: { input, expressions: [...expressions] } }
}

/** The columns of a schema by name, in its order and with its types. */
function cast(input: RelationInit, schema: Schema): Kind {
  const columns = schema.fields.map(({ name, type }) =>
    aliasExpr(castTo(columnExpr(name), sparkSql(type)), name),
  )
  return project(input, columns)
}

function selected(input: RelationInit, schema: Schema): Kind {
  return project(
    input,
    schema.names.map(name => columnExpr(name)),
  )
}

// --- sources
function scanRelation({ source, schema }: Node<"scan">): Kind {
  if (source.range !== undefined) {
    throw fail("BAD_VALUE", {
      where: "read.shard",
      name: "shard",
      value: "a row group, which Spark cannot read alone",
      fix: "Read the file, or read the shard with the `read` of this process.",
    })
  }
  const cast = new Set(source.cast)
  const columns = schema.fields.map(({ name, type }) =>
    cast.has(name) ? aliasExpr(castTo(columnExpr(name), sparkSql(type)), name) : columnExpr(name),
  )
  // What was described is not looked for again: without it Spark reads a CSV twice.
  const described = cast.size === 0 ? ddl(schema.fields) : undefined
  return project(readRelation(source, described), columns)
}

export function readRelation(source: Source, schema?: string): RelationInit {
  const dataSource = {
    format: source.format,
    paths: [...source.paths],
    options: readOptions(source),
    ...(schema !== undefined && { schema }),
  }
  return { relType: { case: "read", value: { readType: { case: "dataSource", value: dataSource } } } }
}

const raggedModes = { error: "FAILFAST", pad: "PERMISSIVE", skip: "DROPMALFORMED" } as const

function readOptions({ format, options }: Source): Record<string, string> {
  const { header = true, delimiter = ",", quote = '"', nullValue, ragged = "error", schema } = options
  switch (format) {
    case "parquet":
      return schema === "merge" ? { mergeSchema: "true" } : {}
    case "json":
      return { mode: "FAILFAST" }
    case "csv":
      return {
        header: String(header),
        sep: delimiter,
        quote,
        escape: quote,
        inferSchema: "true",
        enforceSchema: "false",
        mode: raggedModes[ragged],
        ...(nullValue !== undefined && { nullValue }),
      }
    default:
      return lacks(`reader for ${format}`)
  }
}

function lacks(what: string): never {
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

function named(input: RelationInit, alias: string): RelationInit {
  // Sail finds the references of SQL by their plan id.
  return {
    common: { planId: BigInt(nextPlanId()) },
    relType: { case: "subqueryAlias", value: { input, alias } },
  }
}

// --- joins
const joinTypes: Record<JoinType, SparkJoin> = {
  inner: SparkJoin.INNER,
  left: SparkJoin.LEFT_OUTER,
  right: SparkJoin.RIGHT_OUTER,
  full: SparkJoin.FULL_OUTER,
  semi: SparkJoin.LEFT_SEMI,
  anti: SparkJoin.LEFT_ANTI,
}

/** Both sides get a name, so that a frame can be joined with itself. */
function joinRelation({ left, right, on, how, rightColumns }: Node<"join">, lower: Lower): Kind {
  const equal = on.map(key => equals(columnExpr(key.left, "l"), columnExpr(key.right, "r")))
  const joined: RelationInit = {
    relType: {
      case: "join",
      value: {
        left: named(lower(left), "l"),
        right: named(lower(right), "r"),
        joinType: joinTypes[how],
        joinCondition: equal.reduce((a, b) => binary("and", a, b)),
      },
    },
  }
  const oneSided = how === "semi" || how === "anti"
  const merged = new Set(on.filter(key => key.left === key.right).map(key => key.left))
  const own = left.schema.names.map(name => {
    const mine = columnExpr(name, "l")
    const value = merged.has(name) && !oneSided ? binary("coalesce", mine, columnExpr(name, "r")) : mine
    return aliasExpr(value, name)
  })
  const other = rightColumns.map(({ from, name }) => aliasExpr(columnExpr(from, "r"), name))
  return project(joined, [...own, ...other])
}

const equals = (a: SparkExpr, b: SparkExpr) => binary("==", a, b)

function binary(functionName: string, a: SparkExpr, b: SparkExpr): SparkExpr {
  return { exprType: { case: "unresolvedFunction", value: { functionName, arguments: [a, b] } } }
}
