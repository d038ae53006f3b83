// TypeScript functions in Spark's relations: a Python function that starts Node beside the Python worker (engine/udf).

import type { MessageInitShape } from "@bufbuild/protobuf"
import type { MapBatches } from "../../frame/nodes/MapBatches.js"
import type { MapGroups } from "../../frame/nodes/MapGroups.js"
import { pythonFunction } from "../udf/command.js"
import { columnExpr } from "./expr.js"
import { ServerFailure } from "./failure.js"
import type { CommonInlineUserDefinedFunctionSchema } from "./gen/spark/connect/expressions_pb.js"
import type { RelationInit } from "./planRelation.js"
import { ddl } from "./types.js"

type Kind = NonNullable<RelationInit["relType"]>
type FunctionInit = MessageInitShape<typeof CommonInlineUserDefinedFunctionSchema>

/** The executors' Python, `3.11`: a server refuses a function for another one, and says then which it has. */
let pythonVersion = process.env.SHARDLAB_EXECUTOR_PYTHON ?? "3.11"

/** True when a failure tells of another Python than was taken for granted; the next relation is made for that one. */
export function learnPython(error: unknown): boolean {
  const { cause } = error as { cause?: unknown }
  const told = cause instanceof ServerFailure ? cause.text : ""
  const found = /worker has different version: (\d+\.\d+)/.exec(told) ?? /at runtime \((\d+\.\d+)/.exec(told)
  if (found === null || found[1] === pythonVersion) return false
  pythonVersion = found[1]!
  return true
}

export function mapPartitions(node: MapBatches, input: RelationInit): Kind {
  const names = node.input.schema.names
  return { case: "mapPartitions", value: { input, func: functionOf(node, names) } }
}

export function groupMap(node: MapGroups, input: RelationInit): Kind {
  const groupingExpressions = node.keys.map(key => columnExpr(key))
  const func = functionOf(node, node.input.schema.names)
  return { case: "groupMap", value: { input, groupingExpressions, func } }
}

function functionOf(node: MapBatches | MapGroups, columns: readonly string[]): FunctionInit {
  const { evalType, command } = pythonFunction(node)
  const outputType = { kind: { case: "unparsed" as const, value: { dataTypeString: ddl(node.fields) } } }
  return {
    functionName: node.fn.name,
    // What it gives may depend on more than its rows: nothing is computed twice or left out.
    deterministic: true,
    arguments: columns.map(name => columnExpr(name)),
    function: { case: "pythonUdf", value: { outputType, evalType, command, pythonVer: pythonVersion } },
  }
}
