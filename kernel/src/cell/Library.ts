// Files on disk as the language service sees them, and their parsed forms. May outlive a checker: two checkers with one
// library parse the standard library once. Cells are not here (CellHost.ts).

import ts from "typescript"

export class Library {
  /** Parsed files by path and compiler options, shared by every language service of the process. */
  readonly documents = ts.createDocumentRegistry(true, "/")
  readonly #versions = new Map<string, string>()
  readonly #snapshots = new Map<string, { version: string; snapshot: ts.IScriptSnapshot }>()

  /** The file's modification time. Typings in packages are looked at once, the user's own files once a cell. */
  version(path: string): string {
    const known = this.#versions.get(path)
    if (known !== undefined) return known
    const version = String(ts.sys.getModifiedTime?.(path)?.getTime() ?? "missing")
    this.#versions.set(path, version)
    return version
  }

  snapshot(path: string): ts.IScriptSnapshot | undefined {
    const version = this.version(path)
    const known = this.#snapshots.get(path)
    if (known?.version === version) return known.snapshot
    const text = ts.sys.readFile(path)
    if (text === undefined) return undefined
    const snapshot = ts.ScriptSnapshot.fromString(text)
    this.#snapshots.set(path, { version, snapshot })
    return snapshot
  }

  /** Looks again at the user's own files. */
  refresh(): void {
    for (const path of this.#versions.keys())
      if (!path.includes("/node_modules/")) this.#versions.delete(path)
  }
}
