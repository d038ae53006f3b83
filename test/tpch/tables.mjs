// The eight tables as frames, and the 22 queries for programs that are not compiled (the bench): queries.ts, transpiled.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { pathToFileURL } from "node:url"
import ts from "typescript"
import { tables, tpchFile } from "../services/tpch.mjs"

/** @param {{ parquet: (path: string) => Promise<any> }} reader @param {number} scaleFactor @returns {Promise<any>} */
export async function readTables(reader, scaleFactor) {
  const read = tables.map(async table => [table, await reader.parquet(tpchFile(scaleFactor, table))])
  return Object.fromEntries(await Promise.all(read))
}

/** @returns {Promise<Record<number, (tables: any, scaleFactor: number) => any>>} */
export async function loadQueries() {
  const source = readFileSync(join(import.meta.dirname, "queries.ts"), "utf8")
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
  })
  const folder = resolve(import.meta.dirname, "../.out")
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `tpchQueries.${process.pid}.mjs`)
  writeFileSync(file, outputText)
  return (await import(pathToFileURL(file).href)).queries
}
