// `require("./part.ts")`: CommonJS loading of TypeScript files. Not for `import`, which loaderHooks.ts serves. A file that
// changed since it was loaded is loaded again, together with every TypeScript file, since it may be imported by them.

import { readFileSync, statSync } from "node:fs"
import Module, { createRequire } from "node:module"
import type ts from "typescript"

interface CommonJsModule {
  _compile(code: string, filename: string): void
}

const modified = new Map<string, number>()
const require = createRequire(import.meta.url)
const loader = Module as unknown as {
  _extensions: Record<string, (module: CommonJsModule, filename: string) => void>
  _cache: Record<string, unknown>
}

/** Teaches `require` TypeScript, and forgets files that changed. */
export function requireTypeScript(): void {
  for (const extension of [".ts", ".cts"]) loader._extensions[extension] ??= compile
  const changed = [...modified].some(([file, time]) => modifiedAt(file) !== time)
  if (!changed) return
  for (const file of modified.keys()) delete loader._cache[file]
  modified.clear()
}

function compile(module: CommonJsModule, filename: string): void {
  const typescript = require("typescript") as typeof ts
  modified.set(filename, modifiedAt(filename))
  const { outputText } = typescript.transpileModule(readFileSync(filename, "utf8"), {
    fileName: filename,
    compilerOptions: {
      module: typescript.ModuleKind.CommonJS,
      target: typescript.ScriptTarget.ES2022,
      esModuleInterop: true,
      inlineSourceMap: true,
    },
  })
  module._compile(outputText, filename)
}

function modifiedAt(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? -1
}
