// Joins to Spark's relations. Both sides get a name, so that a frame can be joined with itself.

import type { AsOfJoin } from "../../frame/nodes/AsOfJoin.js"
import type { Join, JoinKey, JoinType } from "../../frame/nodes/Join.js"
import { sameType } from "../../frame/types.js"
import { aliasExpr, call, castTo, columnExpr, type SparkExpr } from "./expr.js"
import { sparkExpr } from "./expressions.js"
import { Join_JoinType as SparkJoin } from "./gen/spark/connect/relations_pb.js"
import { type Kind, type Lower, named, project, type RelationInit } from "./planRelation.js"
import { sparkSql } from "./types.js"

const joinTypes: Readonly<Record<JoinType, SparkJoin>> = {
  inner: SparkJoin.INNER,
  left: SparkJoin.LEFT_OUTER,
  right: SparkJoin.RIGHT_OUTER,
  full: SparkJoin.FULL_OUTER,
  semi: SparkJoin.LEFT_SEMI,
  anti: SparkJoin.LEFT_ANTI,
  cross: SparkJoin.CROSS,
}

export function joinRelation(plan: Join, lower: Lower): Kind {
  const { left, right, on, how, condition } = plan
  const conditions = [...on.map(equals), ...(condition ? [sparkExpr(condition)] : [])]
  const value = {
    left: named(lower(left), "l"),
    right: named(lower(right), "r"),
    joinType: joinTypes[how],
    ...(conditions.length > 0 && { joinCondition: all(conditions) }),
  }
  return project({ relType: { case: "join", value } }, [...ownColumns(plan), ...rightColumns(plan)])
}

export function asOfRelation(plan: AsOfJoin, lower: Lower): Kind {
  const { left, right, on, time, direction } = plan
  const joined: RelationInit = {
    relType: {
      case: "asOfJoin",
      value: {
        left: named(lower(left), "l"),
        right: named(lower(right), "r"),
        leftAsOf: columnExpr(time.left, "l"),
        rightAsOf: columnExpr(time.right, "r"),
        ...(on.length > 0 && { joinExpr: all(on.map(equals)) }),
        joinType: "left",
        allowExactMatches: true,
        direction,
      },
    },
  }
  const own = left.schema.names.map(name => aliasExpr(columnExpr(name, "l"), name))
  return project(joined, [...own, ...rightColumns(plan)])
}

function ownColumns(plan: Join): SparkExpr[] {
  const oneSided = plan.how === "semi" || plan.how === "anti"
  return plan.left.schema.fields.map(({ name, type }) => {
    const value = plan.merged.has(name) && !oneSided ? mergedKey(name, plan.how) : columnExpr(name, "l")
    const result = plan.schema.type(name, "join")
    return aliasExpr(sameType(type, result) ? value : castTo(value, sparkSql(result)), name)
  })
}

/** The side that has the key in every row of the result. */
function mergedKey(name: string, how: JoinType): SparkExpr {
  const [left, right] = [columnExpr(name, "l"), columnExpr(name, "r")]
  if (how === "full") return call("coalesce", [left, right])
  return how === "right" ? right : left
}

function rightColumns({ rightColumns: columns }: Join | AsOfJoin): SparkExpr[] {
  return columns.map(({ from, name }) => aliasExpr(columnExpr(from, "r"), name))
}

function equals({ left, right }: JoinKey): SparkExpr {
  return call("==", [columnExpr(left, "l"), columnExpr(right, "r")])
}

function all(conditions: readonly SparkExpr[]): SparkExpr {
  return conditions.reduce((a, b) => call("and", [a, b]))
}
