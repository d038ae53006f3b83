// A value's form in the notebook: what it says of itself through `[displaySymbol]`, else Node's inspection as text.

import { inspect } from "node:util"
import type { LiveType } from "../../cell/Checker.js"
import { displaySymbol, isDisplayable, type MimeBundle, typeSymbol } from "../../display.js"
import { withPicture } from "./picture.js"

const inspectOptions = { depth: 4, maxArrayLength: 100, maxStringLength: 10_000, breakLength: 100 }

/** The bundle of any value; a promise only when the value's own `[displaySymbol]` gives one. */
export function bundleOf(value: unknown): MimeBundle | Promise<MimeBundle> {
  if (!isDisplayable(value)) return { "text/plain": inspectSafely(value) }
  const bundle = value[displaySymbol]()
  return bundle instanceof Promise ? bundle.then(ready => completed(ready, value)) : completed(bundle, value)
}

/** With the forms that every viewer can show: text, and a picture of a chart. */
function completed(bundle: MimeBundle, value: unknown): MimeBundle | Promise<MimeBundle> {
  const text = bundle["text/plain"] ?? inspectSafely(value)
  return withPicture({ ...bundle, "text/plain": text })
}

/** True for an object whose keys are all MIME types, which `display` shows as it is. */
export function isBundle(value: unknown): value is MimeBundle {
  if (typeof value !== "object" || value === null || isDisplayable(value)) return false
  const keys = Object.keys(value)
  return keys.length > 0 && keys.every(key => /^[\w.+-]+\/[\w.+-]+$/.test(key))
}

/** JSON has no bigint, typed array or `undefined`: makes a bundle that the wire can carry. Bytes become base64. */
export function wireable(bundle: MimeBundle): MimeBundle {
  return Object.fromEntries(
    Object.entries(bundle).map(([mime, content]) => {
      if (content instanceof Uint8Array) return [mime, Buffer.from(content).toString("base64")]
      if (typeof content === "string") return [mime, content]
      const json = JSON.stringify(content, (_, part) => (typeof part === "bigint" ? String(part) : part))
      return [mime, json === undefined ? null : JSON.parse(json)]
    }),
  )
}

/** The types that values tell of themselves, for the checker. A value whose `[typeSymbol]` throws tells nothing. */
export function liveTypes(values: Record<string, unknown>): LiveType[] {
  return Object.entries(values).flatMap(([name, value]) => {
    const type = liveType(value)
    return type === undefined ? [] : [{ name, type }]
  })
}

function liveType(value: unknown): string | undefined {
  try {
    if ((typeof value !== "object" && typeof value !== "function") || value === null) return undefined
    if (!(typeSymbol in value)) return undefined
    const type: unknown = (value as { [typeSymbol](): unknown })[typeSymbol]()
    return typeof type === "string" ? type : undefined
  } catch {
    return undefined
  }
}

function inspectSafely(value: unknown): string {
  try {
    return inspect(value, inspectOptions)
  } catch (error) {
    return `[a value that cannot be shown: ${error instanceof Error ? error.message : String(error)}]`
  }
}
