// A plan's function as what a Spark Connect server takes for a Python function. Knows the wire's values, not its messages.

import { createHash } from "node:crypto"
import { deflateSync } from "node:zlib"
import { fail } from "../../errors.js"
import type { MapBatches } from "../../frame/nodes/MapBatches.js"
import { mapVerbs } from "../../frame/nodes/MapBatches.js"
import type { MapGroups } from "../../frame/nodes/MapGroups.js"
import { type DataType, type Field, typeName } from "../../frame/types.js"
import { childProgram } from "./childProgram.js"
import { codeId } from "./failure.js"
import { pickleFunction } from "./pickle.js"
import { failureMark, type Job } from "./protocol.js"
import { trampoline } from "./trampoline.js"

export interface PythonFunction {
  /** `mapInArrow` or `applyInArrow`. */
  readonly evalType: 207 | 209
  readonly command: Uint8Array
}

/** The function of a node, with its Python and its Node side, complete in itself. */
export function pythonFunction(node: MapBatches | MapGroups): PythonFunction {
  const job = jobOf(node)
  const program = childProgram()
  const config = {
    id: job.id,
    where: node.op === "mapBatches" ? mapVerbs[node.unit] : node.op,
    mark: failureMark,
    node: process.execPath,
    version: createHash("sha256").update(program).digest("hex").slice(0, 16),
    program: deflateSync(program).toString("base64"),
    job: JSON.stringify(job),
    group: node.op === "mapGroups",
    input: job.input,
    output: job.output,
  }
  const type = { type: "struct", fields: job.output.map(sparkField) }
  const typeSource = `__import__("pyspark.sql.types", fromlist=["x"])._parse_datatype_json_string(${JSON.stringify(JSON.stringify(type))})`
  return {
    evalType: node.op === "mapBatches" ? 207 : 209,
    command: pickleFunction(trampoline(config), typeSource),
  }
}

export function jobOf(node: MapBatches | MapGroups): Job {
  const { code } = node.fn
  const input = node.input.schema.fields
  return {
    // The same script called in another way is another function to the child.
    id: codeId(code),
    name: code.name,
    script: code.script,
    unit: node.op === "mapBatches" ? node.unit : "group",
    keys: node.op === "mapBatches" ? [] : node.keys,
    input,
    output: node.fields,
  }
}

const simple: Partial<Record<DataType["kind"], string>> = {
  boolean: "boolean",
  int8: "byte",
  int16: "short",
  int32: "integer",
  int64: "long",
  float32: "float",
  float64: "double",
  utf8: "string",
  binary: "binary",
  date: "date",
  timestamp: "timestamp_ntz",
  timestamptz: "timestamp",
}

function sparkField({ name, type }: Field): object {
  return { name, type: sparkJson(type, name), nullable: true, metadata: {} }
}

/** Spark's own JSON of a type. */
function sparkJson(type: DataType, name: string): unknown {
  switch (type.kind) {
    case "decimal":
      return `decimal(${type.precision},${type.scale})`
    case "list":
      return { type: "array", elementType: sparkJson(type.item, name), containsNull: true }
    case "map": {
      const [keyType, valueType] = [sparkJson(type.key, name), sparkJson(type.value, name)]
      return { type: "map", keyType, valueType, valueContainsNull: true }
    }
    case "struct":
      return { type: "struct", fields: type.fields.map(sparkField) }
    default: {
      const known = simple[type.kind]
      if (known !== undefined) return known
      const problem = `Spark has no type ${typeName(type)} for \`${name}\``
      throw fail("TYPE_MISMATCH", {
        operation: "a function's schema",
        problem,
        fix: "Name a signed or wider type.",
      })
    }
  }
}
