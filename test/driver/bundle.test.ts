// What a mapped function takes along, and what is refused before any process sees it.
import { expect, test } from "vitest"
import { bundleOf } from "../../kernel/lib/driver/pool/bundle.js"
import { freeNames } from "../../kernel/lib/driver/pool/freeNames.js"
import type { Scope } from "../../kernel/lib/driver/pool/Scope.js"

const globals = new Set(["Math", "console", "Promise", "fetch", "__shardlab_import"])

function bundle(fn: unknown, names: Record<string, unknown> = {}, share: Record<string, unknown> = {}) {
  const scope: Scope = {
    lookup: name => (Object.hasOwn(names, name) ? { value: names[name] } : undefined),
    importOf: value => (value === imported ? { specifier: "pkg", exported: "read" } : undefined),
  }
  return bundleOf(fn, { pool: "pool", share, scope, portables: [portable], globals })
}
function imported() {}
class Model {
  weights = [1, 2]
}
const portable = {
  matches: (value: unknown) => value instanceof Model,
  pack: (model: Model) => model.weights,
  module: "file:///model.js",
}

test("free names are those that nothing in the function declares", () => {
  const source = `async (a, { b, c: [d] }) => {
    const e = a + b; for (const f of d) { g(f) } 
    class H extends I { #p = 1; m() { return this.#p + J.k } }
    label: { try { await e } catch (error) { throw error } }
    return { l, m: n, [o]: typeof q, ...arguments_ }
  }`
  expect(freeNames(source)).toEqual(["g", "I", "J", "l", "n", "o", "q", "arguments_"])
  expect(freeNames("x => x")).toEqual([])
  expect(freeNames("not a function(")).toBeUndefined()
})

test("functions and classes travel as text, what they need first", async () => {
  const half = new Function("return x => twice(x) / four")()
  const twice = new Function("return function twice(x) { return two * x }")()
  const { parts, source } = await bundle(new Function("return x => half(x)")(), {
    half,
    twice,
    two: 2,
    four: 4,
  })
  expect(parts.map(part => [part.kind, part.name])).toEqual([
    ["data", "two"],
    ["code", "twice"],
    ["data", "four"],
    ["code", "half"],
  ])
  expect(source).toBe("x => half(x)")
})

test("two functions that call each other travel once each", async () => {
  const even = new Function("return n => n === 0 || odd(n - 1)")()
  const odd = new Function("return n => n !== 0 && even(n - 1)")()
  const { parts } = await bundle(even, { even, odd })
  expect(parts.map(part => part.name).sort()).toEqual(["even", "odd"])
})

test("imports travel as imports, and values that know how as their data", async () => {
  const fn = new Function("return shard => [read(shard), model]")()
  const { parts } = await bundle(fn, { read: imported, model: new Model() })
  expect(parts).toEqual([
    { kind: "import", name: "read", specifier: "pkg", exported: "read" },
    { kind: "portable", name: "model", module: "file:///model.js", data: [1, 2] },
  ])
})

test("methods are functions too", async () => {
  const { source } = await bundle(
    {
      async score(x: number) {
        return x + 1
      },
    }.score,
  )
  expect(await new Function(`return ${source}`)()(1)).toBe(2)
})

test("`share` wins over the notebook and over a global", async () => {
  const fn = new Function("return x => x * rate + Math.abs(x)")()
  const { parts } = await bundle(fn, { rate: 1 }, { rate: 2 })
  expect(parts).toEqual([{ kind: "data", name: "rate", value: 2 }])
})

test("what cannot travel is refused by name", async () => {
  await expect(bundle(new Function("return x => hidden + x")())).rejects.toMatchObject({
    code: "POOL_MISSING_NAME",
    message: expect.stringContaining("`hidden`"),
    hint: expect.stringContaining("share"),
  })
  await expect(bundle(Math.sqrt)).rejects.toMatchObject({ code: "POOL_FUNCTION" })
  await expect(bundle(((x: number) => x).bind(null))).rejects.toMatchObject({ code: "POOL_FUNCTION" })
  await expect(bundle(42)).rejects.toMatchObject({
    code: "POOL_FUNCTION",
    message: expect.stringContaining("a number"),
  })
  const useSocket = new Function("return x => socket")()
  await expect(bundle(useSocket, { socket: new URL("http://x") })).rejects.toMatchObject({
    code: "POOL_NOT_CLONEABLE",
    message: expect.stringContaining("`socket`"),
  })
  await expect(bundle(useSocket, { socket: { send() {} } })).rejects.toMatchObject({
    code: "POOL_NOT_CLONEABLE",
  })
})
