// The autocast pass: which operations it touches, what it leaves alone, and that f32 is no pass.
import { expect, test } from "vitest"
import { autocast } from "../../kernel/lib/ir/autocast.js"
import { add, dotGeneral, parameter, reduce } from "../../kernel/lib/ir/build.js"
import type { Node } from "../../kernel/lib/ir/node.js"
import { programKey, reachable } from "../../kernel/lib/ir/program.js"
import { toStableHlo } from "../../kernel/lib/ir/stablehlo.js"

const [x, w, b] = [parameter("f32", [4, 3]), parameter("f32", [3, 2]), parameter("f32", [4, 2])]
const matrix = { batch: [[], []], contract: [[1], [0]] } as const

function text(outputs: readonly Node[]): string {
  return toStableHlo({ parameters: [x, w, b], outputs, aliases: new Map() })
}

test("operands of a product are narrowed once, the product and all else are f32", () => {
  const product = dotGeneral(x, w, matrix)
  const again = dotGeneral(x, w, matrix)
  const sum = reduce("add", add(add(product, again), b), [0, 1])
  const [narrow, same] = autocast([sum, b], "bf16")
  expect(same).toBe(b)
  expect(narrow!.type).toEqual(sum.type)
  const types = reachable([narrow!]).map(node => `${node.op} ${node.type.dtype}`)
  expect(types.filter(type => type === "convert bf16")).toHaveLength(2)
  expect(types.filter(type => type.startsWith("dot_general"))).toEqual(["dot_general f32", "dot_general f32"])
  expect(types.filter(type => /^(add|reduce)/.test(type)).every(type => type.endsWith("f32"))).toBe(true)
  expect(text([narrow!])).toContain("(tensor<4x3xbf16>, tensor<3x2xbf16>) -> tensor<4x2xf32>")
})

test("f32 is no pass, and a product that has to be exact is left alone", () => {
  const outputs = [dotGeneral(x, w, matrix)]
  expect(autocast(outputs, "f32")).toBe(outputs)
  const exact = dotGeneral(x, w, { ...matrix, exact: true })
  expect(autocast([exact], "f16")).toEqual([exact])
})

test("each precision is a program of its own", () => {
  const outputs = [dotGeneral(x, w, matrix)]
  const keys = (["f32", "bf16", "f16"] as const).map(precision =>
    programKey({ parameters: [x, w], outputs: autocast(outputs, precision), aliases: new Map() }),
  )
  expect(new Set(keys).size).toBe(3)
})
