// The failure of a function on an executor, back from the text in which the server reports it: one error with the user's
// own as its cause, whose stack stands at the places where the user wrote the functions.

import { createHash } from "node:crypto"
import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping"
import { errorTable, fail, type ShardlabError } from "../../errors.js"
import { originOf } from "../../frame/closure.js"
import type { FunctionCode, LiveFunction } from "../../frame/UserFunction.js"
import { type FunctionFailure, failureMark, functionFile } from "./protocol.js"

interface Sent {
  readonly code: FunctionCode
  readonly live: ReadonlyMap<string, LiveFunction>
}
const sent = new Map<string, Sent>()

export function codeId({ script }: FunctionCode): string {
  return createHash("sha256").update(script).digest("hex").slice(0, 16)
}

/** Keeps what is needed to trace a stack of this code back. */
export function rememberFunctions(code: FunctionCode, live: ReadonlyMap<string, LiveFunction>): void {
  sent.set(codeId(code), { code, live })
}

/** Undefined when the text tells of no function's failure. */
export function functionFailure(text: string): ShardlabError | undefined {
  const encoded = new RegExp(`${failureMark} ([A-Za-z0-9+/=]+)`).exec(text)?.[1]
  if (encoded === undefined) return undefined
  let told: FunctionFailure
  try {
    told = JSON.parse(Buffer.from(encoded, "base64").toString()) as FunctionFailure
  } catch {
    return undefined // the server cut it off: its own text is all there is
  }
  if (!Object.hasOwn(errorTable, told.code)) return undefined
  return fail(told.code, told.values, told.cause === undefined ? undefined : userError(told))
}

function userError({ id, cause }: FunctionFailure): Error {
  const { name, message, stack } = cause!
  const error = new Error(message)
  error.name = name
  const trace = new StackTrace(sent.get(id))
  const frames = stack.split("\n").filter(line => /^\s+at /.test(line))
  error.stack = [`${name}: ${message}`, ...frames.map(line => trace.frame(line))].join("\n")
  return error
}

/** Places in a script to places in the user's text. */
class StackTrace {
  readonly #map: TraceMap | undefined
  readonly #origins = new Map<string, ReturnType<typeof originOf>>()

  constructor(private readonly known: Sent | undefined) {
    if (known?.code.map !== undefined) this.#map = new TraceMap(known.code.map)
  }

  frame(line: string): string {
    const found = new RegExp(`${functionFile.replace(".", "\\.")}:(\\d+):(\\d+)`).exec(line)
    if (found === null || this.known === undefined) return line
    const place = this.#place(Number(found[1]), Number(found[2]))
    return place === undefined ? line : line.replace(found[0], place)
  }

  #place(line: number, column: number): string | undefined {
    if (this.#map === undefined) return this.#origin(line, column)
    const original = originalPositionFor(this.#map, { line, column: column - 1 })
    if (original.source === null) return undefined
    if (original.source.endsWith(functionFile)) return this.#origin(original.line, original.column + 1)
    return `${original.source}:${original.line}:${original.column + 1}`
  }

  #origin(line: number, column: number): string | undefined {
    const { code, live } = this.known!
    const place = code.places.find(one => line >= one.line && line < one.line + one.lines)
    const fn = place === undefined ? undefined : live.get(place.name)
    if (place === undefined || fn === undefined) return undefined
    if (!this.#origins.has(place.name)) this.#origins.set(place.name, originOf(fn))
    const origin = this.#origins.get(place.name)
    const row = line - place.line
    if (origin === undefined) return `${place.name}:${row + 1}:${column}`
    return `${origin.url}:${origin.line + row}:${row === 0 ? origin.column + column - 1 : column}`
  }
}
