// A source as the user wrote it to one that can be read: globs and folders become files, addresses become whole, and a
// password leaves the address.

import { existsSync } from "node:fs"
import { fail } from "../../errors.js"
import { type Source, sourceEndings } from "../../frame/Source.js"
import { findFiles, fullAddress, missing } from "../../store/files.js"
import { redact } from "../../store/redact.js"
import { storeFor } from "../../store/registry.js"
import { databaseFile, databaseOf, withoutPassword } from "./databases.js"
import type { FileIndex } from "./FileIndex.js"

export async function findSource(source: Source, index: FileIndex): Promise<Source> {
  switch (source.format) {
    case "table":
      return { ...source, paths: [await databaseAddress(source.paths[0]!)] }
    case "delta":
      return { ...source, paths: source.paths.map(folderAddress) }
    case "iceberg":
      return { ...source, paths: await Promise.all(source.paths.map(icebergAddress)) }
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

function folderAddress(path: string): string {
  return fullAddress(path).replace(/(?<=.)\/+$/, "")
}

/** A metadata file, or a folder whose version-hint says which one is current. Without a hint only the catalog knows: the
 *  newest file may belong to a commit that failed, so it is named and not taken. */
async function icebergAddress(path: string): Promise<string> {
  const address = folderAddress(path)
  if (address.endsWith(".metadata.json")) return address
  const files = await storeFor(address).list(`${address}/metadata/`)
  const metadata = files.filter(({ uri }) => uri.endsWith(".metadata.json"))
  if (metadata.length === 0) throw await missing(`${path.replace(/\/+$/, "")}/metadata`)
  if (files.some(({ uri }) => uri.endsWith("/version-hint.text"))) return address
  const number = ({ uri }: { uri: string }) => Number(/\/v?(\d+)[^/]*$/.exec(uri)?.[1] ?? -1)
  const [newest] = metadata.sort((a, b) => number(b) - number(a))
  const value = `${redact(path)}, which has no version-hint.text`
  const fix = `Give the metadata file that its catalog names; the newest is ${redact(newest!.uri)}.`
  throw fail("BAD_VALUE", { where: "read.iceberg", name: "folder", value, fix })
}
