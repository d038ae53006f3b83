// Writes a plan to a file or a partitioned folder: first beside the target under a name of its own, then by a rename, so
// a reader sees the old data or the new and never half of it. When anything fails the part is removed.

import { existsSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs"
import { dirname, resolve } from "node:path"
import { fail } from "../../errors.js"
import type { WriteTarget, Written } from "../../frame/Engine.js"
import { localPath } from "../../store/uri.js"
import { quoteName, quoteText } from "./expressions.js"

/** Runs the COPY statement that the callback's argument makes of the plan's SQL; gives the rows written. */
type RunCopy = (copy: (sql: string) => string) => Promise<number>

let made = 0

export async function writeFile(target: WriteTarget, run: RunCopy): Promise<Written> {
  const path = resolve(localPath(target.path))
  if (target.mode === "error" && existsSync(path)) throw fail("TARGET_EXISTS", { path: target.path })
  mkdirSync(dirname(path), { recursive: true })
  const part = `${path}.${process.pid}-${++made}.part`
  try {
    const rows = await run(sql => `COPY (${sql}) TO ${quoteText(part)} (${copyOptions(target)})`)
    replace(path, part, target.mode === "error")
    return { path, rows }
  } finally {
    rmSync(part, { recursive: true, force: true })
  }
}

function copyOptions({ format, partitionBy }: WriteTarget): string {
  const options = [`FORMAT ${format}`]
  if (format === "csv") options.push("HEADER true")
  if (partitionBy.length > 0) options.push(`PARTITION_BY (${partitionBy.map(quoteName).join(", ")})`)
  return options.join(", ")
}

/** A file is replaced by one rename. A folder cannot be: the old one steps aside first, and comes back on failure. */
function replace(path: string, part: string, mustBeNew: boolean): void {
  if (mustBeNew && existsSync(path)) throw fail("TARGET_EXISTS", { path })
  const old = `${part}.old`
  if (!existsSync(path) || !(isFolder(path) || isFolder(part))) {
    renameSync(part, path)
    return
  }
  renameSync(path, old)
  try {
    renameSync(part, path)
  } catch (error) {
    renameSync(old, path)
    throw error
  }
  rmSync(old, { recursive: true, force: true })
}

function isFolder(path: string): boolean {
  return statSync(path).isDirectory()
}
