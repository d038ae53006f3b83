// Simplified programs: the same results on random graphs, and each rule where it must and must not act.
import fc from "fast-check"
import { expect, test } from "vitest"
import {
  add,
  broadcastInDim,
  constant,
  divide,
  fill,
  multiply,
  parameter,
  reduce,
  reshape,
  subtract,
  transpose,
} from "../../kernel/src/ir/build.js"
import type { Node } from "../../kernel/src/ir/node.js"
import { node } from "../../kernel/src/ir/node.js"
import { verify } from "../../kernel/src/ir/program.js"
import { nodeCount, simplify } from "../../kernel/src/ir/simplify.js"
import { typeName } from "../../kernel/src/ir/types.js"
import { programs } from "./graphs.js"
import { interpret } from "./interpret.js"

test("random programs: the same results bit for bit, the same types, never larger, and nothing left to do", () => {
  fc.assert(
    fc.property(programs(25), ({ program, inputs }) => {
      const simple = simplify(program)
      verify(simple)
      expect(simple.outputs.map(({ type }) => typeName(type))).toEqual(
        program.outputs.map(({ type }) => typeName(type)),
      )
      expect(interpret(simple, inputs)).toEqual(interpret(program, inputs))
      expect(nodeCount(simple)).toBeLessThanOrEqual(nodeCount(program))
      expect(nodeCount(simplify(simple))).toBe(nodeCount(simple))
    }),
    { numRuns: 500 },
  )
})

const x = parameter("f32", [2, 3])
const only = (output: Node) => {
  const simple = simplify({ parameters: [x], outputs: [output], aliases: new Map() })
  return { output: simple.outputs[0]!, count: nodeCount(simple) }
}

test("equal parts are computed once, in either order", () => {
  const [a, b] = [reduce("add", x, [0]), reduce("add", x, [0])]
  expect(only(add(multiply(a, b), multiply(b, a))).count).toBe(3)
  expect(only(add(subtract(a, fill(2, a)), subtract(fill(2, b), b))).count).toBe(5)
})

test("chains of reshapes, transposes and broadcasts shrink", () => {
  expect(only(reshape(reshape(reshape(x, [6]), [3, 2]), [2, 3])).output).toBe(x)
  expect(only(transpose(transpose(x, [1, 0]), [1, 0])).output).toBe(x)
  const wide = broadcastInDim(broadcastInDim(x, [2, 3, 4], [0, 1]), [5, 2, 3, 4], [1, 2, 3])
  expect(only(wide)).toMatchObject({ count: 1, output: { attrs: { axes: [1, 2] } } })
})

test("constants are folded, rounded as f32 rounds", () => {
  const c = (value: number) => constant(value, { dtype: "f32", shape: [] })
  const sum = add(c(0.1), c(0.2))
  expect(only(sum).output).toMatchObject({
    op: "constant",
    attrs: { value: Math.fround(Math.fround(0.1) + Math.fround(0.2)) },
  })
  const scaled = multiply(x, broadcastInDim(divide(c(1), c(2)), [2, 3], []))
  expect(only(scaled).count).toBe(2)
  expect(only(multiply(x, broadcastInDim(divide(c(2), c(2)), [2, 3], []))).output).toBe(x)
})

test("what devices may round in their own way is left to them", () => {
  const tiny = multiply(fill(1e-30, x), fill(1e-10, x))
  expect(only(tiny).count).toBe(3)
  const large = node("convert", [fill(1e12, x)], { dtype: "i32" })
  expect(only(large).count).toBe(2)
  // x + 0 turns -0 into 0; x - 0 does not.
  expect(only(add(x, fill(0, x))).count).toBe(2)
  expect(only(subtract(x, fill(0, x))).output).toBe(x)
})

test("donation and places on a mesh stay with their parameters and results", () => {
  const aliases = new Map([[0, 1]])
  const spread = { devices: 2, parameters: ["a"], outputs: ["b", "a"] }
  const program = { parameters: [x], outputs: [add(x, x), multiply(x, fill(1, x))], aliases, spread }
  expect(simplify(program)).toMatchObject({ aliases, spread, outputs: [{ op: "add" }, x] })
})
