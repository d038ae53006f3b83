// What the language service asks: which files there are, their text, and what an import means. The notebook's cells are
// files that exist only here, in the notebook's folder, so that relative paths and node_modules resolve as they would
// for a file in it.

import { dirname, join } from "node:path"
import ts from "typescript"
import type { Library } from "./Library.js"

/** Where things are on disk. */
export interface CheckerPaths {
  /** The notebook's folder. */
  readonly cwd: string
  /** The folder of package `shardlab`. */
  readonly kernel: string
  /** The folder of TypeScript's lib.*.d.ts. */
  readonly typescriptLib: string
}

/** Packages that a notebook may import though its own folder has none: ours come instead. */
export const providedPackages = /^(@tensorflow\/tfjs.*|tslab|apache-arrow|@types\/node|undici-types)(\/|$)/

export const compilerOptions: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  moduleDetection: ts.ModuleDetectionKind.Force,
  customConditions: ["node"],
  // No DOM: cells run in Node, and `document` should be an error before the cell runs, not in it.
  lib: ["lib.es2023.d.ts", "lib.esnext.disposable.d.ts"],
  types: [],
  strict: true,
  useUnknownInCatchVariables: false,
  resolveJsonModule: true,
  esModuleInterop: true,
  allowImportingTsExtensions: true,
  emitDeclarationOnly: true,
  skipLibCheck: true,
  allowUnreachableCode: true,
  allowUnusedLabels: true,
}

const globalsText = `
/** Shows a value, or a bundle of MIME types, now; the handle replaces it in place later. */
declare function display(value: unknown, options?: { id?: string }): Promise<{
  readonly id: string
  update(bundle: Record<string, unknown>): void
}>
/** Asks the person at the notebook for a line of text. */
declare function input(prompt?: string, options?: { password?: boolean }): Promise<string>
/** Asks the person at the notebook for a line of text, and blocks until it is there. */
declare function prompt(prompt?: string): string
interface ImportMeta { readonly url: string; readonly dirname: string; readonly filename: string }
`

interface VirtualFile {
  readonly text: string
  readonly version: string
}

export class CellHost implements ts.LanguageServiceHost {
  readonly #virtual = new Map<string, VirtualFile>()
  readonly #libFiles: string[]
  readonly #baseRoots: string[]
  #resolutions: ts.ModuleResolutionCache
  #pinned: readonly string[] = []
  #active: string[] = []
  #edits = 0

  constructor(
    readonly paths: CheckerPaths,
    readonly library: Library,
  ) {
    this.#resolutions = this.#newResolutions()
    const globals = this.path("__globals.d.ts")
    this.#virtual.set(globals, { text: globalsText, version: "0" })
    this.#libFiles = nodeTypings(paths)
    this.#baseRoots = [...this.#libFiles, globals]
  }

  /** The full name of a virtual file. */
  path(name: string): string {
    return join(this.paths.cwd, name)
  }

  write(name: string, text: string): void {
    const path = this.path(name)
    if (this.#virtual.get(path)?.text !== text)
      this.#virtual.set(path, { text, version: String(++this.#edits) })
  }

  remove(name: string): void {
    this.#virtual.delete(this.path(name))
  }

  /** The cells that are looked at now; every other cell is loaded only if one of these leads to it. */
  setRoots(names: readonly string[]): void {
    this.#active = names.map(name => this.path(name))
  }

  /** Packages whose typings stay loaded: releasing and parsing them again doubles the time of a check. */
  pin(packages: readonly string[]): void {
    this.#pinned = packages
    this.write(
      "__pinned.ts",
      `${packages.map(name => `import ${JSON.stringify(name)};\n`).join("")}export {};\n`,
    )
  }

  /** Looks again for packages that were not there. */
  forgetResolutions(): void {
    this.#resolutions = this.#newResolutions()
  }

  getScriptFileNames(): string[] {
    const pinned = this.#pinned.length > 0 ? [this.path("__pinned.ts")] : []
    return [...this.#baseRoots, ...pinned, ...this.#active]
  }

  getScriptVersion(path: string): string {
    return this.#virtual.get(path)?.version ?? this.library.version(path)
  }

  getScriptSnapshot(path: string): ts.IScriptSnapshot | undefined {
    const virtual = this.#virtual.get(path)
    return virtual === undefined ? this.library.snapshot(path) : ts.ScriptSnapshot.fromString(virtual.text)
  }

  resolveModuleNameLiterals(
    literals: readonly ts.StringLiteralLike[],
    containingFile: string,
  ): readonly ts.ResolvedModuleWithFailedLookupLocations[] {
    return literals.map(literal => ({ resolvedModule: this.#resolve(literal.text, containingFile) }))
  }

  #resolve(name: string, from: string): ts.ResolvedModuleFull | undefined {
    const cell = /^\.\/(__(?:cell|live)\d+)$/.exec(name)?.[1]
    if (cell !== undefined) return this.#resolveCell(cell)
    if (name === "shardlab" || name.startsWith("shardlab/")) return this.#resolveShardlab(name)
    const found = ts.resolveModuleName(name, from, compilerOptions, this, this.#resolutions).resolvedModule
    if (found !== undefined || !providedPackages.test(name)) return found
    const ours = join(this.paths.kernel, "package.json")
    return ts.resolveModuleName(name, ours, compilerOptions, this, this.#resolutions).resolvedModule
  }

  #resolveCell(name: string): ts.ResolvedModuleFull | undefined {
    for (const extension of [ts.Extension.Dts, ts.Extension.Ts]) {
      const resolvedFileName = this.path(name + extension)
      if (this.#virtual.has(resolvedFileName)) return { resolvedFileName, extension }
    }
    return undefined
  }

  /** The kernel's own typings: those that were built, else its source. */
  #resolveShardlab(name: string): ts.ResolvedModuleFull | undefined {
    const { kernel } = this.paths
    const module = name === "shardlab" ? "index" : name === "shardlab/events" ? "telemetry/events" : undefined
    if (module === undefined) return undefined
    const built = join(kernel, "lib", `${module}.d.ts`)
    if (ts.sys.fileExists(built)) return { resolvedFileName: built, extension: ts.Extension.Dts }
    return { resolvedFileName: join(kernel, "src", `${module}.ts`), extension: ts.Extension.Ts }
  }

  #newResolutions(): ts.ModuleResolutionCache {
    return ts.createModuleResolutionCache(this.paths.cwd, path => path, compilerOptions)
  }

  getCompilationSettings(): ts.CompilerOptions {
    return compilerOptions
  }

  getCurrentDirectory(): string {
    return this.paths.cwd
  }

  getDefaultLibFileName(options: ts.CompilerOptions): string {
    return join(this.paths.typescriptLib, ts.getDefaultLibFileName(options))
  }

  fileExists(path: string): boolean {
    return this.#virtual.has(path) || ts.sys.fileExists(path)
  }

  readFile(path: string): string | undefined {
    return this.#virtual.get(path)?.text ?? ts.sys.readFile(path)
  }

  directoryExists(path: string): boolean {
    return ts.sys.directoryExists(path)
  }

  getDirectories(path: string): string[] {
    return ts.sys.getDirectories(path)
  }

  readDirectory(...args: Parameters<typeof ts.sys.readDirectory>): string[] {
    return ts.sys.readDirectory(...args)
  }

  realpath(path: string): string {
    return this.#virtual.has(path) ? path : (ts.sys.realpath?.(path) ?? path)
  }

  useCaseSensitiveFileNames(): boolean {
    return ts.sys.useCaseSensitiveFileNames
  }
}

/** `@types/node` of the notebook's folder or one above it, else the kernel's. */
function nodeTypings({ cwd, kernel }: CheckerPaths): string[] {
  for (const start of [cwd, kernel]) {
    for (let folder = start; ; folder = dirname(folder)) {
      const index = join(folder, "node_modules/@types/node/index.d.ts")
      if (ts.sys.fileExists(index)) return [ts.sys.realpath?.(index) ?? index]
      if (folder === dirname(folder)) break
    }
  }
  return []
}
