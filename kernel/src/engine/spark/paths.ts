// Paths as the cluster sees them, and the files behind a scan. A server on this machine sees this machine's files, so paths
// are checked and made absolute here; elsewhere a path means the cluster's own file system.

import { existsSync, statSync } from "node:fs"
import { fileURLToPath, pathToFileURL } from "node:url"
import type { ScanFiles } from "../../frame/hivePruning.js"
import type { Scan } from "../../frame/nodes/Scan.js"
import type { Shard } from "../../frame/Shard.js"
import { type Source, type SourceFormat, sourceEndings } from "../../frame/Source.js"
import { findFiles, fullAddress } from "../../store/files.js"
import { storeFor } from "../../store/registry.js"
import type { StoredFile } from "../../store/Store.js"
import { isHidden, logFolder } from "../../store/tableLog.js"
import { type Scheme, type StoreKind, schemes } from "../../store/uri.js"
import { isLoopback, type ServerAddress } from "./address.js"
import { type Capabilities, need } from "./capabilities.js"
import { readRelation } from "./readRelation.js"
import { root, type SparkEngine } from "./SparkEngine.js"

const scheme = /^([a-z][a-z0-9+.-]+):/i

/** True for a path of this machine when the cluster runs here too. */
export function isHere(uri: string, address: ServerAddress): boolean {
  const named = scheme.exec(uri)?.[1]?.toLowerCase()
  return isLoopback(address.host) && (named === undefined || named === "file")
}

const shared: readonly string[] = ["s3", "azure", "gcs"] satisfies StoreKind[]

/** True for a store that this process lists and moves files in, with its own credentials. */
export function isReached(uri: string): boolean {
  const kind = schemes[(scheme.exec(uri)?.[1]?.toLowerCase() ?? "file") as Scheme]
  return shared.includes(kind)
}

/** What Spark is to open. @throws FILE_MISSING for files of this machine that are not there. */
export async function clusterPaths(
  source: Source,
  address: ServerAddress,
  capabilities: Capabilities,
): Promise<Pick<Source, "paths" | "root">> {
  const found = await Promise.all(source.paths.map(path => pathsOf(path, source, address, capabilities)))
  const [first] = found
  return found.length === 1 ? first! : { paths: found.flatMap(({ paths }) => paths) }
}

async function pathsOf(
  path: string,
  { format }: Source,
  address: ServerAddress,
  capabilities: Capabilities,
): Promise<Pick<Source, "paths" | "root">> {
  const here = isHere(path, address)
  if (!here && !isReached(path)) return { paths: [path] }
  const folder = fullAddress(path).replace(/(?<=.)\/+$/, "")
  const named = (uri: string) => (here ? fileUri(uri) : uri)
  const isFolder = !here || (existsSync(folder) && statSync(folder).isDirectory())
  const hasLog = isFolder && (await storeFor(path).list(`${folder}/${logFolder}/`)).length > 0
  // A folder stays a folder, because its partitions are columns, unless a log says which of its files count.
  if (isFolder && !hasLog) return { paths: [here ? fileUri(folder) : path] }
  const files = await findFiles([path], sourceEndings[format])
  const paths = files.map(file => named(file.uri))
  if (!isFolder) return { paths }
  if (capabilities.basePath) return { paths, root: named(folder) }
  const listed = await storeFor(path).list(`${folder}/`)
  if (files.length === listed.filter(isDataOf(folder, format)).length) return { paths: [named(folder)] }
  if (files.some(file => file.uri.slice(folder.length).includes("="))) need(capabilities, "basePath")
  return { paths }
}

/** What lists a folder without its log takes for the table. */
function isDataOf(folder: string, format: SourceFormat): (file: StoredFile) => boolean {
  return ({ uri }) =>
    !isHidden(uri.slice(folder.length + 1)) && sourceEndings[format].some(end => uri.endsWith(`.${end}`))
}

export function fileUri(path: string): string {
  return pathToFileURL(path).href
}

/** The files of a scan before any filter. */
export async function inputFiles(engine: SparkEngine, { source }: Scan): Promise<readonly string[]> {
  return [...(await engine.session.inputFiles(root(readRelation(source))))].sort()
}

/** One shard a file: Spark divides files further when it runs, which shows as tasks. */
export function fileShards(
  engine: SparkEngine,
  { scan: { source, fields }, files }: ScanFiles,
): Omit<Shard, "id">[] {
  return files.map(uri => ({
    uri,
    bytes: bytesOf(uri, engine.session.transport.address),
    range: {},
    source: { ...source, paths: [uri] },
    fields,
  }))
}

/** 0 when the file lies where this process cannot look. */
function bytesOf(uri: string, address: ServerAddress): number {
  if (!isHere(uri, address)) return 0
  const path = scheme.test(uri) ? fileURLToPath(uri.replace(/^file:\/*/, "file:///")) : uri
  return existsSync(path) ? statSync(path).size : 0
}
