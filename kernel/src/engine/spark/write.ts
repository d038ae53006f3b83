// Writes a plan to files on the cluster. Where this process reaches the store too, the rows go to a hidden place that
// store/commit.ts then publishes: a reader finds the old table or the new one, also when the kernel dies on the way. On a
// file system that only the cluster knows, Spark's own committer writes in place.

import { fail } from "../../errors.js"
import type { WriteFormat, WriteTarget, Written } from "../../frame/Engine.js"
import { Aggregate } from "../../frame/nodes/Aggregate.js"
import { Scan } from "../../frame/nodes/Scan.js"
import { commitWrite } from "../../store/commit.js"
import { call } from "./expr.js"
import type { ExecutePlanResponse } from "./gen/spark/connect/base_pb.js"
import { WriteOperation_SaveMode as SaveMode } from "./gen/spark/connect/commands_pb.js"
import type { Relation } from "./gen/spark/connect/relations_pb.js"
import { fileUri, isHere, isReached } from "./paths.js"
import type { RelationInit } from "./planRelation.js"
import type { SparkEngine } from "./SparkEngine.js"

const formats: readonly WriteFormat[] = ["parquet", "csv", "json"]

export async function write(engine: SparkEngine, input: Relation, target: WriteTarget): Promise<Written> {
  if (!formats.includes(target.format)) {
    throw fail("NOT_ON_ENGINE", { engine: engine.name, what: `writer for ${target.format}`, has: "duckdb" })
  }
  const here = isHere(target.path, engine.session.transport.address)
  if (!here && !isReached(target.path)) {
    return { path: target.path, rows: await save(engine, input, target, target.path) }
  }
  const { path, mode, format, partitionBy } = target
  const partitioned = partitionBy.length > 0
  const commit = { path, mode, ending: format, partitioned, makesLocally: false, namesFiles: true }
  // The place is empty, so nothing is replaced there.
  return commitWrite(commit, ({ address }) =>
    save(engine, input, { ...target, mode: "append" }, here ? fileUri(address) : address),
  )
}

const counter = "shardlab_rows"
const saveModes: Readonly<Record<WriteTarget["mode"], SaveMode>> = {
  error: SaveMode.ERROR_IF_EXISTS,
  overwrite: SaveMode.OVERWRITE,
  append: SaveMode.APPEND,
  ignore: SaveMode.IGNORE,
}

/** Gives the number of rows: counted on the way where the server can, by reading back where not. */
async function save(
  engine: SparkEngine,
  input: Relation,
  target: WriteTarget,
  path: string,
): Promise<number> {
  const counted = engine.capabilities.observe ? observed(input) : input
  const options: Record<string, string> = target.format === "csv" ? { header: "true", escape: '"' } : {}
  const value = {
    input: counted,
    source: target.format,
    saveType: { case: "path" as const, value: path },
    mode: saveModes[target.mode],
    partitioningColumns: [...target.partitionBy],
    options,
  }
  const command = { commandType: { case: "writeOperation" as const, value } }
  const what = `write ${target.format} ${target.path}`
  let rows: number | undefined
  for await (const response of engine.run({ opType: { case: "command", value: command } }, { what })) {
    rows = rowsOf(response) ?? rows
  }
  if (engine.capabilities.observe) return rows ?? 0
  return countBack(engine, target, path)
}

function observed(input: RelationInit): RelationInit {
  const one = {
    exprType: { case: "literal" as const, value: { literalType: { case: "integer" as const, value: 1 } } },
  }
  const count = {
    exprType: { case: "alias" as const, value: { expr: call("count", [one]), name: ["rows"] } },
  }
  return { relType: { case: "collectMetrics", value: { input, name: counter, metrics: [count] } } }
}

function rowsOf({ observedMetrics }: ExecutePlanResponse): number | undefined {
  const literal = observedMetrics.find(({ name }) => name === counter)?.values[0]?.literalType
  return literal?.case === "long" ? Number(literal.value) : undefined
}

async function countBack(engine: SparkEngine, target: WriteTarget, path: string): Promise<number> {
  const { source, fields } = await engine.describe({ format: target.format, paths: [path], options: {} })
  const count = { name: "n", expr: { op: "aggregate", name: "count", args: [] } } as const
  const plan = new Aggregate(new Scan(source, fields), [], [count])
  for await (const { columns } of engine.stream(plan)) return Number(columns.n![0])
  return 0
}
