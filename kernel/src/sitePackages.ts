// Where Python packages are on this machine: wheels carry native libraries that we load (XLA plugins, DuckDB extensions).
// Looks at folders; starts Python only where nothing else tells. Imports nothing of ours.

import { execFileSync } from "node:child_process"
import { existsSync, readdirSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

/** What the search reads, so that a test can give a machine of its own. */
export interface SearchContext {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly folders: readonly string[]
  /** site-packages of the `python3` on the PATH; asked last, because it starts a process. */
  pythonSitePackages(): readonly string[]
}

export function thisMachine(): SearchContext {
  const own = dirname(fileURLToPath(import.meta.url))
  return { env: process.env, folders: [process.cwd(), own], pythonSitePackages }
}

/** VIRTUAL_ENV and CONDA_PREFIX first, then `.venv` in each folder and its parents. */
export function virtualEnvironments({ env, folders }: SearchContext): string[] {
  const found = [env.VIRTUAL_ENV, env.CONDA_PREFIX].flatMap(folder => folder || [])
  for (const start of folders) {
    for (let folder = start; ; folder = dirname(folder)) {
      const candidate = join(folder, ".venv")
      if (existsSync(candidate)) found.push(candidate)
      if (dirname(folder) === folder) break
    }
  }
  return found
}

export function sitePackagesOf(environment: string): string[] {
  return expand(environment, "lib/python3*/site-packages")
}

/** Existing paths below `root` that match; `*` stands for any part of one name. */
export function expand(root: string, pattern: string): string[] {
  let paths = [root]
  for (const part of pattern.split("/")) {
    paths = part.includes("*")
      ? paths.flatMap(path =>
          namesIn(path)
            .filter(name => matches(part, `/${name}`))
            .map(name => join(path, name)),
        )
      : paths.map(path => join(path, part))
  }
  return paths.filter(path => existsSync(path))
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort()
  } catch {
    return []
  }
}

export function pythonSitePackages(): string[] {
  try {
    const script = "import site; print('\\n'.join(site.getsitepackages() + [site.getusersitepackages()]))"
    const found = execFileSync("python3", ["-c", script], {
      encoding: "utf8",
      timeout: 5000,
      stdio: ["ignore", "pipe", "ignore"],
    })
    return found.trim().split("\n")
  } catch {
    return []
  }
}

export function matches(pattern: string, path: string): boolean {
  const escaped = pattern.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", "[^/]*")
  return new RegExp(`/${escaped}$`).test(path)
}
