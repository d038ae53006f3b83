// Runs a plan's function as an executor would: a plain Python process with pyarrow unpickles it and feeds it Arrow. No
// PySpark: its type parser, which the pickle asks for the result's type, is stood in for.
import { spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pythonFunction } from "../../../kernel/lib/engine/udf/command.js"
import type { MapBatches } from "../../../kernel/lib/frame/nodes/MapBatches.js"
import type { MapGroups } from "../../../kernel/lib/frame/nodes/MapGroups.js"
import { pythonProgram } from "../../services/service.mjs"

const driver = `
import json, os, pickle, sys, time, types
types_module = types.ModuleType("pyspark.sql.types")
types_module._parse_datatype_json_string = json.loads
for name in ("pyspark", "pyspark.sql"):
    sys.modules[name] = types.ModuleType(name)
sys.modules["pyspark.sql.types"] = types_module
import pyarrow as pa

folder = sys.argv[1]
function, returns = pickle.load(open(folder + "/command", "rb"))
told = {"returns": returns, "rows": [], "pids": []}

def batch(rows):
    return pa.RecordBatch.from_pylist(rows, schema=SCHEMA)

def children():
    shared = sys.modules["_shardlab_children_1"]
    return [child.process.pid for waiting in shared.idle.values() for child in waiting]

def kill_child(signal):
    for pid in children():
        os.kill(pid, signal)
    time.sleep(0.2)

def run(items):
    for made in function(iter(items)):
        told["rows"] += made.to_pylist()
    told["pids"].append(children())

try:
    exec(open(folder + "/work.py").read())
except Exception as error:
    told["error"] = str(error)
    told["left"] = children()
json.dump(told, open(folder + "/told.json", "w"), default=str)
`

export interface Told {
  readonly returns: { readonly fields: readonly { readonly name: string; readonly type: unknown }[] }
  readonly rows: readonly Record<string, unknown>[]
  readonly pids: readonly (readonly number[])[]
  readonly error?: string
  readonly left?: readonly number[]
  readonly stderr: string
}

/** `work` is Python that calls `run([...batches])`; `SCHEMA` has to be set by it first. */
export function throughPython(
  plan: unknown,
  work: string,
  env: Record<string, string | undefined> = {},
): Told {
  const folder = mkdtempSync(join(tmpdir(), "shardlab-udf-"))
  writeFileSync(join(folder, "command"), pythonFunction(plan as MapBatches | MapGroups).command)
  writeFileSync(join(folder, "work.py"), work)
  writeFileSync(join(folder, "driver.py"), driver)
  const { stderr, status } = spawnSync(pythonProgram("python"), [join(folder, "driver.py"), folder], {
    encoding: "utf8",
    env: { ...process.env, ...env },
    timeout: 60_000,
  })
  if (status !== 0) throw new Error(`Python ended with ${status}:\n${stderr}`)
  return { ...(JSON.parse(readFileSync(join(folder, "told.json"), "utf8")) as Told), stderr }
}
