// Paths as the cluster sees them, and the files behind a scan. A server on this machine sees this machine's files, so paths
// are checked and made absolute here; elsewhere a path means the cluster's own file system.

import { existsSync, statSync } from "node:fs"
import { fileURLToPath, pathToFileURL } from "node:url"
import type { Scan } from "../../frame/nodes/Scan.js"
import type { Shard } from "../../frame/Shard.js"
import { type Source, sourceEndings } from "../../frame/Source.js"
import { findFiles, fullAddress } from "../../store/files.js"
import { isLoopback, type ServerAddress } from "./address.js"
import { readRelation } from "./readRelation.js"
import { root, type SparkEngine } from "./SparkEngine.js"

const scheme = /^([a-z][a-z0-9+.-]+):/i

/** True for a path of this machine when the cluster runs here too. */
export function isHere(uri: string, address: ServerAddress): boolean {
  const named = scheme.exec(uri)?.[1]?.toLowerCase()
  return isLoopback(address.host) && (named === undefined || named === "file")
}

/** @throws FILE_MISSING for files of this machine that are not there. */
export async function clusterPaths(source: Source, address: ServerAddress): Promise<readonly string[]> {
  const found = source.paths.map(async path => {
    if (!isHere(path, address)) return [path]
    const full = fullAddress(path)
    const files = await findFiles([path], sourceEndings[source.format])
    // A folder stays a folder: its partitions are columns.
    const isFolder = existsSync(full) && statSync(full).isDirectory()
    return isFolder ? [fileUri(full)] : files.map(file => fileUri(file.uri))
  })
  return (await Promise.all(found)).flat()
}

export function fileUri(path: string): string {
  return pathToFileURL(path).href
}

/** One shard a file: Spark divides files further when it runs, which shows as tasks. */
export async function fileShards(
  engine: SparkEngine,
  { source, fields }: Scan,
): Promise<Omit<Shard, "id">[]> {
  const files = await engine.session.inputFiles(root(readRelation(source)))
  return [...files].sort().map(uri => ({
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
