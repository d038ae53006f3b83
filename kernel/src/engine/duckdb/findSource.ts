// A source as the user wrote it to one that can be read: globs and folders become files, addresses become whole, and a
// password leaves the address.

import { existsSync } from "node:fs"
import { type Source, sourceEndings } from "../../frame/Source.js"
import { findFiles, fullAddress, missing } from "../../store/files.js"
import { databaseFile, databaseOf, withoutPassword } from "./databases.js"
import type { FileIndex } from "./FileIndex.js"

export async function findSource(source: Source, index: FileIndex): Promise<Source> {
  switch (source.format) {
    case "table":
      return { ...source, paths: [await databaseAddress(source.paths[0]!)] }
    case "delta":
    case "iceberg":
      return { ...source, paths: source.paths.map(path => fullAddress(path).replace(/(?<=.)\/+$/, "")) }
    default: {
      const files = await findFiles(source.paths, sourceEndings[source.format])
      index.remember(files)
      return { ...source, paths: files.map(file => file.uri) }
    }
  }
}

async function databaseAddress(address: string): Promise<string> {
  const clean = withoutPassword(address)
  databaseOf(clean)
  const file = databaseFile(clean)
  if (file !== undefined && !existsSync(file)) throw await missing(file)
  return clean
}
