// Which files of a hive layout Spark leaves out: it decides by the folders, and so it is asked, with the folders' names as
// rows. Such a query is answered by the driver; no task runs and no file is read.

import type { ColumnBatch } from "../../frame/ColumnBatch.js"
import type { ExprNode } from "../../frame/ExprNode.js"
import type { PartitionQuestion, Pruner } from "../../frame/hivePruning.js"
import { localRows } from "../../frame/localRows.js"
import { Filter } from "../../frame/nodes/Filter.js"
import { Project } from "../../frame/nodes/Project.js"
import type { Plan } from "../../frame/nodes/plan.js"
import type { SimpleKind } from "../../frame/types.js"

const file = "shardlab_file"

export function sparkPruner(stream: (plan: Plan) => AsyncIterable<ColumnBatch>): Pruner {
  return {
    prunesBy: () => true,
    canHold: async question => {
      const can = new Set<number>()
      for await (const { columns } of stream(planOf(question)))
        for (const number of columns[file] as Int32Array) can.add(number)
      return question.rows.map((_, i) => can.has(i))
    },
  }
}

function planOf({ fields, rows, filter }: PartitionQuestion): Plan {
  const kinds: Record<string, SimpleKind> = { [file]: "int32" }
  for (const { name } of fields) kinds[name] = "utf8"
  const named = rows.map((row, i) => ({
    [file]: i,
    ...Object.fromEntries(fields.map(({ name }, at) => [name, row[at]])),
  }))
  const column = (name: string): ExprNode => ({ op: "column", name })
  const typed = fields.map(({ name, type }) => ({
    name,
    expr: { op: "cast", input: column(name), to: type } as const,
  }))
  const values = new Project(
    localRows(named, kinds),
    [{ name: file, expr: column(file) }, ...typed],
    "select",
  )
  return new Project(new Filter(values, filter), [{ name: file, expr: column(file) }], "select")
}
