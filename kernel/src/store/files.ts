// Paths, folders and globs of any store to files: sorted, at least one. Reads names, sizes and a table's log, no content.

import { existsSync, readdirSync, statSync } from "node:fs"
import { basename, dirname, resolve } from "node:path"
import { didYouMean, fail } from "../errors.js"
import { globPattern, globRoot, isGlob } from "./glob.js"
import { fileAt } from "./localStore.js"
import { redact } from "./redact.js"
import { storeFor } from "./registry.js"
import type { StoredFile } from "./Store.js"
import { committed, isHidden } from "./tableLog.js"
import { localPath, storeKind } from "./uri.js"

/** A folder gives the files in it that end in one of `endings`; a glob gives what it matches; a name gives itself. */
export async function findFiles(
  uris: readonly string[],
  endings: readonly string[],
): Promise<readonly StoredFile[]> {
  const found = await Promise.all(uris.map(uri => filesOf(uri, endings)))
  return found.flat()
}

/** The address in the form in which stores and engines know it: local paths are absolute. */
export function fullAddress(uri: string): string {
  return storeKind(uri) === "file" ? resolve(localPath(uri)) : uri
}

async function filesOf(uri: string, endings: readonly string[]): Promise<readonly StoredFile[]> {
  const full = fullAddress(uri)
  if (storeKind(uri) === "http") return [(await storeFor(uri).stat(uri)) ?? (await notFound(uri))]
  if (storeKind(uri) === "file" && existsSync(full)) {
    return statSync(full).isDirectory() ? folderFiles(uri, full, endings) : [fileAt(full)!]
  }
  if (isGlob(full)) return globFiles(uri, full)
  if (storeKind(uri) === "file") throw await missing(uri)
  const file = full.endsWith("/") ? undefined : await storeFor(uri).stat(full)
  return file === undefined ? folderFiles(uri, full, endings) : [file]
}

async function folderFiles(uri: string, folder: string, endings: readonly string[]): Promise<StoredFile[]> {
  const root = `${folder.replace(/\/+$/, "")}/`
  const listed = await storeFor(uri).list(root)
  const data = listed.filter(
    file => !isHidden(file.uri.slice(root.length)) && endings.some(ending => file.uri.endsWith(`.${ending}`)),
  )
  const found = await committed(storeFor(uri), data, root, listed)
  if (found.length === 0) throw await missing(listed.length === 0 ? uri : `${root}*.${endings[0]}`)
  return found
}

async function globFiles(uri: string, full: string): Promise<StoredFile[]> {
  const root = `${globRoot(full)}/`
  const pattern = globPattern(full)
  const listed = await storeFor(uri).list(root)
  const matched = listed.filter(file => pattern.test(file.uri) && !isHidden(file.uri.slice(root.length)))
  const found = await committed(storeFor(uri), matched, root, listed)
  if (found.length === 0) throw await missing(uri)
  return found
}

async function notFound(uri: string): Promise<never> {
  throw await missing(uri)
}

/** The error for a path that is not there, with the nearest name of its folder. */
export async function missing(path: string): Promise<Error> {
  if (storeKind(path) !== "file") return remoteMissing(path)
  const local = localPath(path)
  const folder = dirname(resolve(local))
  const nearest = existsSync(folder)
    ? didYouMean(basename(local), readdirSync(folder))
    : ` There is no folder \`${folder}\`.`
  return fail("FILE_MISSING", { path: local, nearest, cwd: process.cwd() })
}

async function remoteMissing(uri: string): Promise<Error> {
  const folder = uri.replace(/\/?[^/]*\/?$/, "/")
  const siblings = await storeFor(uri)
    .list(folder)
    .catch(() => [])
  const names = new Set(siblings.map(file => file.uri.slice(folder.length).split("/")[0]!))
  const name = uri.replace(/\/$/, "").split("/").at(-1)!
  const hint =
    siblings.length === 0 ? `Nothing is below ${redact(folder)}.` : `Below ${redact(folder)}: ${some(names)}.`
  return fail("STORE_MISSING", { path: redact(uri), nearest: didYouMean(name, names), hint })
}

function some(names: ReadonlySet<string>): string {
  const shown = [...names].slice(0, 8).join(", ")
  return names.size > 8 ? `${shown} and ${names.size - 8} more` : shown
}
