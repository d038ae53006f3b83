// What a function sees from where it was written: the values of its outer variables, and where its text stands. Both come
// from this process's own inspector, which alone knows them, in a session that is open for a few milliseconds. Names that
// the function declares itself, and globals, are not looked at.

import { type Runtime, Session } from "node:inspector"

export interface Closure {
  /** The value of an outer variable that is no global; undefined when there is none of that name. */
  lookup(name: string): { readonly value: unknown } | undefined
}

/** Where a function's text begins: `line` and `column` count from 1, as in a stack. */
export interface FunctionOrigin {
  readonly url: string
  readonly line: number
  readonly column: number
}

type Fn = (...args: never[]) => unknown
const slotKey = Symbol.for("shardlab.closure.slot")
const slot: { value?: unknown } = {}
Object.defineProperty(globalThis, slotKey, { value: slot, configurable: true })

/** The values of those outer variables as they are now. */
export function closureOf(fn: Fn, names: ReadonlySet<string>): Closure {
  const values = new Map<string, unknown>()
  inspect(fn, ({ post, properties }) => {
    const scopes = internal(properties, "[[Scopes]]")
    for (const scope of own(post, scopes?.objectId)) {
      if (scope.value?.description === "Global") continue
      for (const { name, value } of own(post, scope.value?.objectId)) {
        if (names.has(name) && !values.has(name) && value !== undefined)
          values.set(name, valueBehind(post, value))
      }
    }
  })
  return { lookup: name => (values.has(name) ? { value: values.get(name) } : undefined) }
}

/** Undefined for what has no script: native and bound functions. */
export function originOf(fn: Fn): FunctionOrigin | undefined {
  return inspect(fn, ({ post, properties, scripts }) => {
    const location = internal(properties, "[[FunctionLocation]]")?.value as Location | undefined
    const url = scripts.get(location?.scriptId ?? "")
    if (location === undefined || url === undefined) return undefined
    const { scriptSource } = post("Debugger.getScriptSource", { scriptId: location.scriptId }) as {
      scriptSource: string
    }
    return startOf(String(fn), scriptSource, location, url)
  })
}

interface Location {
  readonly scriptId: string
  readonly lineNumber: number
  readonly columnNumber: number
}
type Post = (method: string, params?: object) => unknown
interface Inspected {
  readonly post: Post
  readonly properties: Runtime.GetPropertiesReturnType
  readonly scripts: ReadonlyMap<string, string>
}

/** The inspector says where the parameters begin; the text may begin before (`async`, `function name`). */
function startOf(text: string, source: string, location: Location, url: string): FunctionOrigin | undefined {
  const lines = source.split("\n")
  const before = lines.slice(0, location.lineNumber).reduce((sum, line) => sum + line.length + 1, 0)
  const at = before + location.columnNumber
  const start = source.lastIndexOf(text, at)
  if (start < 0 || start + text.length < at) return undefined
  const head = source.slice(0, start)
  return { url, line: head.split("\n").length, column: start - head.lastIndexOf("\n") }
}

function inspect<T>(fn: Fn, work: (inspected: Inspected) => T): T {
  const session = new Session()
  session.connect()
  try {
    const scripts = new Map<string, string>()
    session.on("Debugger.scriptParsed", ({ params }) => scripts.set(params.scriptId, params.url))
    const post: Post = (method, params) => {
      let answer: unknown
      session.post(method, params, (error, reply) => {
        if (error === null) answer = reply
      })
      return answer ?? {}
    }
    post("Debugger.enable")
    slot.value = fn
    const expression = 'globalThis[Symbol.for("shardlab.closure.slot")].value'
    const { result } = post("Runtime.evaluate", { expression }) as Runtime.EvaluateReturnType
    const properties = post("Runtime.getProperties", { objectId: result.objectId, ownProperties: true })
    return work({ post, properties: properties as Runtime.GetPropertiesReturnType, scripts })
  } finally {
    slot.value = undefined
    session.disconnect()
  }
}

function internal(
  { internalProperties }: Runtime.GetPropertiesReturnType,
  name: string,
): Runtime.RemoteObject | undefined {
  return internalProperties?.find(property => property.name === name)?.value
}

function own(post: Post, objectId: string | undefined): readonly Runtime.PropertyDescriptor[] {
  if (objectId === undefined) return []
  const { result } = post("Runtime.getProperties", { objectId, ownProperties: true }) as {
    result?: Runtime.PropertyDescriptor[]
  }
  return result ?? []
}

/** The value behind the inspector's handle: it is passed to a function of this process, which keeps it. */
function valueBehind(post: Post, handle: Runtime.RemoteObject): unknown {
  const { objectId, unserializableValue } = handle
  if (objectId === undefined && unserializableValue === undefined) return handle.value
  slot.value = undefined
  post("Runtime.callFunctionOn", {
    functionDeclaration: 'function (value) { globalThis[Symbol.for("shardlab.closure.slot")].value = value }',
    objectId: globalHandle(post),
    arguments: [objectId === undefined ? { unserializableValue } : { objectId }],
  })
  return slot.value
}

function globalHandle(post: Post): string | undefined {
  const { result } = post("Runtime.evaluate", { expression: "globalThis" }) as Runtime.EvaluateReturnType
  return result.objectId
}
