// Writes a plan to files on the cluster. On this machine's disk the rows go beside the target and are renamed at the end,
// as with DuckDB; elsewhere Spark's own committer shows nothing before all is written.

import { randomUUID } from "node:crypto"
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs"
import { dirname, resolve } from "node:path"
import { fail } from "../../errors.js"
import type { WriteFormat, WriteTarget, Written } from "../../frame/Engine.js"
import { Aggregate } from "../../frame/nodes/Aggregate.js"
import { Scan } from "../../frame/nodes/Scan.js"
import { localPath } from "../../store/uri.js"
import { call } from "./expr.js"
import type { ExecutePlanResponse } from "./gen/spark/connect/base_pb.js"
import { WriteOperation_SaveMode as SaveMode } from "./gen/spark/connect/commands_pb.js"
import type { Relation } from "./gen/spark/connect/relations_pb.js"
import { fileUri, isHere } from "./paths.js"
import type { RelationInit } from "./planRelation.js"
import type { SparkEngine } from "./SparkEngine.js"

const formats: readonly WriteFormat[] = ["parquet", "csv", "json"]

export async function write(engine: SparkEngine, input: Relation, target: WriteTarget): Promise<Written> {
  if (!formats.includes(target.format)) {
    throw fail("NOT_ON_ENGINE", { engine: engine.name, what: `writer for ${target.format}`, has: "duckdb" })
  }
  if (!isHere(target.path, engine.session.transport.address)) {
    return { path: target.path, rows: await save(engine, input, target, target.path) }
  }
  const path = resolve(localPath(target.path))
  const exists = existsSync(path)
  if (target.mode === "error" && exists) throw fail("TARGET_EXISTS", { path: target.path })
  if (target.mode === "ignore" && exists) return { path, rows: 0 }
  // Spark's committer adds files to a folder, and shows them when all are written.
  if (target.mode === "append" && exists)
    return { path, rows: await save(engine, input, target, fileUri(path)) }
  mkdirSync(dirname(path), { recursive: true })
  const part = `${path}.${randomUUID()}.part`
  try {
    const rows = await save(engine, input, { ...target, mode: "error" }, fileUri(part))
    replace(path, part)
    return { path, rows }
  } finally {
    rmSync(part, { recursive: true, force: true })
  }
}

/** The old folder steps aside first, and comes back when the new one cannot take its place. */
function replace(path: string, part: string): void {
  if (!existsSync(path)) {
    renameSync(part, path)
    return
  }
  const old = `${part}.old`
  renameSync(path, old)
  try {
    renameSync(part, path)
  } catch (error) {
    renameSync(old, path)
    throw error
  }
  rmSync(old, { recursive: true, force: true })
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
  const before =
    target.mode === "append" && !engine.capabilities.observe ? await countBack(engine, target, path) : 0
  let rows: number | undefined
  for await (const response of engine.run({ opType: { case: "command", value: command } }, { what })) {
    rows = rowsOf(response) ?? rows
  }
  if (engine.capabilities.observe) return rows ?? 0
  return (await countBack(engine, target, path)) - before
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
