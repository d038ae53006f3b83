// Sources to SQL: the table function of each format, with its options. Not what finds the files (store/) and not plans.

import type { Source } from "../../frame/Source.js"
import { quoteText } from "./expressions.js"

export function sourceSql(source: Source): string {
  const paths = `[${source.paths.map(path => quoteText(escapeGlob(path))).join(", ")}]`
  const { header = true, delimiter = ",", quote = '"', nullValue, ragged = "error" } = source.options
  switch (source.format) {
    case "parquet":
      return `read_parquet(${paths}${source.range ? ", file_row_number = true" : ""})`
    case "json":
      return `read_json(${paths})`
    case "csv": {
      const options = [
        `header = ${header}`,
        "skip = 0",
        `delim = ${quoteText(delimiter)}`,
        `quote = ${quoteText(quote)}`,
      ]
      if (nullValue !== undefined) options.push(`nullstr = [${quoteText(nullValue)}, '']`)
      if (ragged === "pad") options.push("null_padding = true")
      if (ragged === "skip") options.push("ignore_errors = true")
      return `read_csv(${[paths, ...options].join(", ")})`
    }
  }
  source.format satisfies never
}

/** Files are resolved already: `*` in a file's name stands for itself. */
function escapeGlob(path: string): string {
  return path.replace(/[*?[]/g, "[$&]")
}
