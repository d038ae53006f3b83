// Files of this machine for a path or a glob: sorted, absolute, at least one. Reads names only, never content.

import { existsSync, readdirSync, statSync } from "node:fs"
import { basename, dirname, join, resolve } from "node:path"
import { didYouMean, fail } from "../errors.js"
import { localPath } from "./uri.js"

/** `*` and `?` stay inside a folder, `**` crosses folders; `[abc]` and `{a,b}` work. A folder gives its files. */
export function resolveFiles(uris: readonly string[], extension: string): string[] {
  return uris.flatMap(uri => filesOf(localPath(uri), extension))
}

function filesOf(path: string, extension: string): string[] {
  const full = resolve(path)
  if (existsSync(full)) return statSync(full).isDirectory() ? folderFiles(full, path, extension) : [full]
  if (!/[*?[{]/.test(path)) throw missing(path)
  const root = globRoot(full)
  const pattern = globPattern(full)
  const found = walk(root).filter(file => pattern.test(file))
  if (found.length === 0) throw missing(path)
  return found
}

function folderFiles(folder: string, path: string, extension: string): string[] {
  const found = walk(folder).filter(file => file.endsWith(`.${extension}`))
  if (found.length === 0) throw missing(join(path, `*.${extension}`))
  return found
}

/** The error for a path that is not there, with the nearest name of its folder. */
export function missing(path: string): Error {
  const folder = dirname(resolve(path))
  const near = existsSync(folder)
    ? didYouMean(basename(path), readdirSync(folder))
    : ` There is no folder \`${folder}\`.`
  return fail("FILE_MISSING", { path, nearest: near, cwd: process.cwd() })
}

/** Files below a folder, sorted; hidden ones and those that start with `_` (markers of writers) are left out. */
function walk(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true })
    .filter(entry => !/^[._]/.test(entry.name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap(entry => {
      const path = join(folder, entry.name)
      return entry.isDirectory() ? walk(path) : [path]
    })
}

function globRoot(pattern: string): string {
  const fixed = pattern.split("/")
  const wild = fixed.findIndex(part => /[*?[{]/.test(part))
  return fixed.slice(0, wild).join("/") || "/"
}

/** One regular expression a glob; every other character stands for itself. */
export function globPattern(glob: string): RegExp {
  const source = glob.replace(/\*\*\/|\*\*|\*|\?|\[[^\]/]+\]|\{[^}/]*\}|[\\^$.|+()[\]{}]/g, part => {
    if (part === "**/") return "(?:[^/]+/)*"
    if (part === "**") return ".*"
    if (part === "*") return "[^/]*"
    if (part === "?") return "[^/]"
    if (part.length > 2 && part.startsWith("["))
      return `[${part
        .slice(1, -1)
        .replace(/^!/, "^")
        .replace(/[\\\]]/g, "\\$&")}]`
    if (part.length > 1) return `(?:${part.slice(1, -1).split(",").map(escapeRegExp).join("|")})`
    return escapeRegExp(part)
  })
  return new RegExp(`^${source}$`)
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.|?*+()[\]{}]/g, "\\$&")
}
