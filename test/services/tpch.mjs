// TPC-H's eight tables as Parquet, made by the generator `tpchgen-cli` (PyPI) once a scale factor and kept in the
// git-ignored .services/tpch. Scale factor 1 takes seconds and 250 MB. Not a server; nothing to stop.
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs"
import { join } from "node:path"
import { pythonProgram, run, servicesFolder } from "./service.mjs"

export const tables = /** @type {const} */ ([
  "customer",
  "lineitem",
  "nation",
  "orders",
  "part",
  "partsupp",
  "region",
  "supplier",
])

/** The folder that holds `lineitem.parquet` and its like. Made aside and renamed, so a cut run leaves no half table.
 * @param {number} scaleFactor @returns {string} */
export function tpchFolder(scaleFactor) {
  const folder = join(servicesFolder, "tpch", `sf${scaleFactor}`)
  if (existsSync(folder)) return folder
  const making = `${folder}.${process.pid}`
  mkdirSync(making, { recursive: true })
  try {
    run(pythonProgram("tpchgen-cli"), ["parquet", "-s", String(scaleFactor), "-o", making])
    if (!existsSync(folder)) renameSync(making, folder)
  } finally {
    rmSync(making, { recursive: true, force: true })
  }
  return folder
}

/** The Parquet file of a table. @param {number} scaleFactor @param {typeof tables[number]} table @returns {string} */
export function tpchFile(scaleFactor, table) {
  return join(tpchFolder(scaleFactor), `${table}.parquet`)
}

if (process.argv[1] === import.meta.filename) {
  for (const scaleFactor of process.argv.slice(2).map(Number)) console.log(tpchFolder(scaleFactor))
}
