// DuckDB's extensions on this machine: the files inside the wheels `duckdb-extension-*`, which pip puts into a Python
// environment, or in the engine's `extensionDirectory`. Found here and loaded by path when a scheme or format needs one;
// never downloaded.

import { existsSync } from "node:fs"
import { join } from "node:path"
import { fail } from "../../errors.js"
import type { SourceFormat } from "../../frame/Source.js"
import {
  expand,
  type SearchContext,
  sitePackagesOf,
  thisMachine,
  virtualEnvironments,
} from "../../sitePackages.js"
import type { StoreKind } from "../../store/uri.js"

export const extensionNames = [
  "httpfs",
  "azure",
  "avro",
  "excel",
  "delta",
  "iceberg",
  "postgres_scanner",
  "mysql_scanner",
  "sqlite_scanner",
] as const
export type ExtensionName = (typeof extensionNames)[number]

/** What reading from a store needs; `file` needs nothing. HDFS comes through our gateway, over HTTP. */
export const storeExtensions: Readonly<Record<StoreKind, readonly ExtensionName[]>> = {
  file: [],
  s3: ["httpfs"],
  gcs: ["httpfs"],
  azure: ["azure"],
  http: ["httpfs"],
  hdfs: ["httpfs"],
}

/** What reading a format needs, besides its store. */
export const formatExtensions: Readonly<Record<SourceFormat, readonly ExtensionName[]>> = {
  parquet: [],
  csv: [],
  json: [],
  arrow: [],
  avro: ["avro"],
  excel: ["excel"],
  delta: ["delta"],
  iceberg: ["avro", "iceberg"],
  table: [],
}

export interface ExtensionPlaces {
  readonly directory?: string
  /** DuckDB's own version, `v1.5.5`: an extension of another one does not load. */
  readonly version: string
}

/** pip's name of the wheel. */
export function wheelOf(name: ExtensionName): string {
  return `duckdb-extension-${name.replaceAll("_", "-")}`
}

interface Found {
  readonly path?: string
  readonly looked: readonly string[]
  /** Versions of wheels that are there but do not fit. */
  readonly others: readonly string[]
}

export function findExtension(
  name: ExtensionName,
  { directory, version }: ExtensionPlaces,
  context: SearchContext = thisMachine(),
): Found {
  const file = `${name}.duckdb_extension`
  const looked: string[] = []
  const others: string[] = []
  if (directory !== undefined) {
    looked.push(directory)
    const path = [join(directory, file), ...expand(directory, `${version}/*/${file}`)].find(one =>
      existsSync(one),
    )
    if (path !== undefined) return { path, looked, others }
  }
  for (const packages of sitePackages(context)) {
    if (looked.includes(packages)) continue
    looked.push(packages)
    const wheel = join(packages, `duckdb_extension_${name}`, "extensions")
    const path = join(wheel, version, file)
    if (existsSync(path)) return { path, looked, others }
    others.push(...expand(wheel, `v*/${file}`).map(other => other.split("/").at(-2)!))
  }
  return { looked, others }
}

/** Environments first; python3 is only asked when they have nothing. */
function* sitePackages(context: SearchContext): Generator<string> {
  for (const environment of virtualEnvironments(context)) yield* sitePackagesOf(environment)
  yield* context.pythonSitePackages()
}

/** The file to load, or EXTENSION_MISSING with the command that brings it. `what` is what needs it. */
export function extensionPath(name: ExtensionName, what: string, places: ExtensionPlaces): string {
  const { path, looked, others } = findExtension(name, places)
  if (path !== undefined) return path
  const found =
    others.length === 0 ? "" : ` Found ${others.join(", ")}, but this engine is ${places.version}.`
  throw fail("EXTENSION_MISSING", {
    what,
    name,
    found,
    wheel: wheelOf(name),
    version: places.version.replace(/^v/, ""),
    looked: looked.join(", ") || "no Python environment",
  })
}
