// What a path or URI names. Only splits and checks the scheme; files.ts looks at the disk.

import { homedir } from "node:os"
import { fileURLToPath } from "node:url"
import { fail } from "../errors.js"

/** Schemes that can be read here. More stores are one file and one entry each. */
export const availableSchemes = ["file"] as const

/** The local path of a path or `file:` URI; `~` is the home folder. Any other scheme fails, naming what is available. */
export function localPath(uri: string): string {
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(uri)?.[1]?.toLowerCase()
  if (scheme === undefined) return uri === "~" || uri.startsWith("~/") ? homedir() + uri.slice(1) : uri
  if (scheme === "file") return fileURLToPath(uri)
  const available = "paths on this machine and file: addresses"
  throw fail("NO_STORE", { uri, scheme, available })
}
