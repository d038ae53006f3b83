// A bundle back to a function, in the worker. Not the running of items (main.ts).

import type { Importer } from "../../../cell/imports.js"
import type { Bundle, Part } from "../protocol.js"

export type MappedFunction = (item: unknown, index: number) => unknown

/** Makes the parts first, then the function. Rejects with what a part's import or constructor threw. */
export async function loadBundle({ id, source, parts }: Bundle, importer: Importer): Promise<MappedFunction> {
  const names: string[] = ["__shardlab_import", "require"]
  const values: unknown[] = [
    (specifier: string) => importer.import(specifier),
    (specifier: string) => importer.require(specifier),
  ]
  const lines: string[] = []
  for (const part of parts) {
    if (part.kind === "code") lines.push(`const ${part.name} = ${part.source};`)
    else {
      names.push(part.name)
      values.push(await partValue(part, importer))
    }
  }
  const body = `"use strict";\n${lines.join("\n")}\nreturn (${source}\n)\n//# sourceURL=shardlab-pool:${id}`
  return new Function(...names, body)(...values) as MappedFunction
}

async function partValue(part: Exclude<Part, { kind: "code" }>, importer: Importer): Promise<unknown> {
  switch (part.kind) {
    case "data":
      return part.value
    case "import": {
      const module = (await importer.import(part.specifier)) as Record<string, unknown>
      return part.exported === undefined ? module : module[part.exported]
    }
    case "portable": {
      const { unpack } = (await import(part.module)) as { unpack(data: unknown): unknown }
      return unpack(part.data)
    }
    default:
      return part satisfies never
  }
}
