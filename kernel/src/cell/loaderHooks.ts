// Node's module loader hooks for cells: where a specifier leads when a cell (or a TypeScript file of the user) imports it,
// and how a TypeScript file becomes JavaScript. Runs in Node's own loader thread; registered by imports.ts.

import { readFileSync, statSync } from "node:fs"
import { createRequire, type LoadHook, type ResolveFnOutput, type ResolveHook } from "node:module"
import { fileURLToPath, pathToFileURL } from "node:url"
import type ts from "typescript"
import type { HookData } from "./imports.js"

let data: HookData = { base: "", overrides: {} }

/** The user's TypeScript files that were loaded, with their times. */
const loaded = new Map<string, number>()
/** Part of their URLs: it grows when one of them changed, so that all of them are loaded again. */
let generation = 0

export function initialize(given: HookData): void {
  data = given
}

export const resolve: ResolveHook = async (specifier, context, next) => {
  const asked = /^shardlab-cell:\d+:(.*)$/.exec(specifier)?.[1]
  if (asked !== undefined) {
    noticeChanges()
    return find(decodeURIComponent(asked), { ...context, parentURL: data.base }, next)
  }
  const fromUser = context.parentURL !== undefined && isUserTypeScript(context.parentURL)
  return fromUser ? find(specifier, context, next) : next(specifier, context)
}

export const load: LoadHook = async (url, context, next) => {
  if (!isUserTypeScript(url)) return next(url, context)
  const file = fileURLToPath(url)
  loaded.set(file, modifiedAt(file))
  return { format: "module", source: transpile(file), shortCircuit: true }
}

type Next = Parameters<ResolveHook>[2]
type Context = Parameters<ResolveHook>[1]

async function find(specifier: string, context: Context, next: Next): Promise<ResolveFnOutput> {
  const override = data.overrides[specifier]
  if (override !== undefined) return next(pathToFileURL(override).href, context)
  for (const candidate of candidates(specifier, context.parentURL ?? data.base)) {
    if (modifiedAt(fileURLToPath(candidate)) < 0) continue
    return { url: `${candidate}?generation=${generation}`, format: "module", shortCircuit: true }
  }
  return next(specifier, context)
}

/** The TypeScript files that a relative specifier may mean, with and without its extension. */
function candidates(specifier: string, parent: string): string[] {
  if (!/^(\.{1,2}\/|\/|file:)/.test(specifier)) return []
  const { href } = new URL(specifier, parent)
  if (/\.m?ts$/.test(href)) return [href]
  if (/\.m?js$/.test(href)) return isFile(href) ? [] : [href.replace(/js$/, "ts")]
  return isFile(href) ? [] : [`${href}.ts`, `${href}/index.ts`]
}

function isFile(href: string): boolean {
  return statSync(fileURLToPath(href), { throwIfNoEntry: false })?.isFile() ?? false
}

function isUserTypeScript(url: string): boolean {
  return url.startsWith("file:") && /\.m?ts(\?|$)/.test(url) && !url.includes("/node_modules/")
}

function noticeChanges(): void {
  const changed = [...loaded].some(([file, time]) => modifiedAt(file) !== time)
  if (!changed) return
  generation++
  loaded.clear()
}

function transpile(file: string): string {
  const typescript = createRequire(import.meta.url)("typescript") as typeof ts
  return typescript.transpileModule(readFileSync(file, "utf8"), {
    fileName: file,
    compilerOptions: {
      module: typescript.ModuleKind.ESNext,
      target: typescript.ScriptTarget.ES2022,
      inlineSourceMap: true,
      inlineSources: true,
    },
  }).outputText
}

function modifiedAt(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? -1
}
