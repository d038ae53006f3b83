// Makes a function ready to travel: its text, and everything the text mentions, found by name in the notebook. Functions
// and classes travel as their text (with what they mention in turn), imports as imports, models and frames as what they
// are made of, the rest as data. What cannot travel is refused here, by name, before any worker sees it.

import { serialize } from "node:v8"
import { fail } from "../../errors.js"
import { freeNames } from "./freeNames.js"
import type { Bundle, Part } from "./protocol.js"
import type { Portable, Scope } from "./Scope.js"

export interface BundleOptions {
  readonly pool: string
  /** Values by the name the function uses for them; they win over the notebook's. */
  readonly share: Readonly<Record<string, unknown>>
  readonly scope: Scope
  readonly portables: readonly Portable[]
  /** Names that every worker has by itself. */
  readonly globals: ReadonlySet<string>
}

let made = 0

/** Throws POOL_FUNCTION, POOL_MISSING_NAME or POOL_NOT_CLONEABLE. */
export async function bundleOf(fn: unknown, options: BundleOptions): Promise<Bundle> {
  const { id, source, parts } = bundleNow(fn, options)
  const settled = parts.map(async part =>
    part.kind === "portable" ? { ...part, data: await part.data } : part,
  )
  return { id, source, parts: await Promise.all(settled) }
}

/** The same at once; the data of portable values may still be promised. */
export function bundleNow(fn: unknown, options: BundleOptions): Bundle {
  if (typeof fn !== "function") {
    const fix = "Give a function of an item: pool.map(items, item => ...)."
    throw fail("POOL_FUNCTION", { pool: options.pool, cause: `it is ${describe(fn)}`, fix })
  }
  const packer = new Packer(options)
  const source = packer.code("the function", fn)
  return { id: ++made, source, parts: packer.parts }
}

class Packer {
  readonly parts: Part[] = []
  readonly #seen = new Set<string>()

  constructor(private readonly options: BundleOptions) {}

  /** The text of a function as an expression, after all that it mentions was added. */
  code(name: string, fn: object): string {
    const { pool, globals } = this.options
    const found = expressionOf(name, fn)
    if (found === undefined) {
      const cause = `${name} is built in or bound, so it has no text of its own`
      const fix = "Wrap it: `item => theFunction(item)`, and import what it needs inside."
      throw fail("POOL_FUNCTION", { pool, cause, fix })
    }
    for (const free of found.free)
      if (!this.#seen.has(free) && !this.#isGlobal(free, globals)) this.#add(free, fn)
    return found.source
  }

  #isGlobal(name: string, globals: ReadonlySet<string>): boolean {
    return globals.has(name) && !Object.hasOwn(this.options.share, name)
  }

  #add(name: string, from: object): void {
    this.#seen.add(name)
    const found = this.#find(name, from)
    if (found === undefined) throw fail("POOL_MISSING_NAME", { pool: this.options.pool, name })
    this.parts.push(this.#part(name, found.value))
  }

  #find(name: string, from: object): { readonly value: unknown } | undefined {
    const { share, scope } = this.options
    return Object.hasOwn(share, name) ? { value: share[name] } : scope.lookup(name, from)
  }

  #part(name: string, value: unknown): Part {
    const imported = isReference(value) ? this.options.scope.importOf(value) : undefined
    if (imported !== undefined) return { kind: "import", name, ...imported }
    if (typeof value === "function") return { kind: "code", name, source: this.code(name, value) }
    const portable = this.options.portables.find(one => one.matches(value))
    if (portable !== undefined) {
      return { kind: "portable", name, module: portable.module, data: portable.pack(value as never) }
    }
    return { kind: "data", name, value: checkedClone(`\`${name}\``, value) }
  }
}

/** Throws POOL_NOT_CLONEABLE for a value that would not arrive as it is. Returns the value itself. */
export function checkedClone(what: string, value: unknown): unknown {
  const named = isReference(value) ? className(value) : undefined
  if (named !== undefined) {
    throw fail("POOL_NOT_CLONEABLE", { what, cause: `a ${named} would lose its methods on the way` })
  }
  try {
    serialize(value)
  } catch (error) {
    throw fail("POOL_NOT_CLONEABLE", { what, cause: (error as Error).message.replace(/\.$/, "") }, error)
  }
  return value
}

function isReference(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function"
}

/** The class of an object whose class does not survive structured clone. */
function className(value: object): string | undefined {
  if (typeof value === "function" || Array.isArray(value)) return undefined
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === null || prototype === Object.prototype) return undefined
  const tag = Object.prototype.toString.call(value).slice(8, -1)
  const survives =
    /^(Date|RegExp|Map|Set|Error|Boolean|Number|String|BigInt|(Shared)?ArrayBuffer|DataView|.*Array)$/
  return survives.test(tag) ? undefined : value.constructor?.name || "object of a class"
}

interface Expression {
  readonly source: string
  readonly free: readonly string[]
}

/** A function's text as an expression: methods and accessors are written without `function`, so they get an object around. */
function expressionOf(name: string, fn: object): Expression | undefined {
  const text = Function.prototype.toString.call(fn)
  if (/\{\s*\[native code\]\s*\}\s*$/.test(text)) return undefined
  const key = JSON.stringify((fn as { name?: string }).name || name)
  for (const source of [text, `({ ${text} })[${key}]`]) {
    const free = freeNames(source)
    if (free !== undefined) return { source, free }
  }
  return undefined
}

function describe(value: unknown): string {
  return value === null ? "null" : Array.isArray(value) ? "an array" : `a ${typeof value}`
}
