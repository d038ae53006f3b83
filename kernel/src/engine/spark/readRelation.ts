// Sources to Spark's readers: the options of each format. Formats that need a package which is not in pip's Spark are
// refused here, with the engine that has them.

import { fail } from "../../errors.js"
import type { Scan } from "../../frame/nodes/Scan.js"
import type { Source } from "../../frame/Source.js"
import { aliasExpr, castTo, columnExpr } from "./expr.js"
import { type Kind, lacks, project, type RelationInit } from "./planRelation.js"
import { ddl, sparkSql } from "./types.js"

export function scanRelation({ source, schema }: Scan): Kind {
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
    options: { ...readOptions(source), ...(source.root !== undefined && { basePath: source.root }) },
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
