// The text of programs, as goldens small enough to read, and the rules that keep bad programs out.
import fc from "fast-check"
import { expect, test } from "vitest"
import {
  add,
  argReduce,
  compare,
  constant,
  convert,
  convolution,
  fft,
  fill,
  gather,
  multiply,
  parameter,
  reduce,
  select,
  shard,
  slice,
  sortDown,
  transpose,
  vector,
} from "../../kernel/src/ir/build.js"
import type { Node } from "../../kernel/src/ir/node.js"
import { programKey, reachable, verify } from "../../kernel/src/ir/program.js"
import { toStableHlo } from "../../kernel/src/ir/stablehlo.js"
import { numberText } from "../../kernel/src/ir/stablehloForm.js"
import { broadcastShapes } from "../../kernel/src/ir/types.js"

const program = (parameters: Node[], outputs: Node[], aliases = new Map<number, number>()) => ({
  parameters,
  outputs,
  aliases,
})

test("a donated update: broadcasting, a constant, an alias", () => {
  const weight = parameter("f32", [2, 3])
  const rate = parameter("f32", [])
  const text = toStableHlo(
    program([weight, rate], [add(weight, multiply(rate, fill(-0.5, weight)))], new Map([[0, 0]])),
  )
  expect(text).toBe(`module @shardlab {
  func.func public @main(%p0: tensor<2x3xf32> {tf.aliasing_output = 0 : i32}, %p1: tensor<f32>) -> (tensor<2x3xf32>) {
    %n0 = "stablehlo.constant"() {value = dense<-5.0e-1> : tensor<2x3xf32>} : () -> tensor<2x3xf32>
    %n1 = "stablehlo.broadcast_in_dim"(%p1) {broadcast_dimensions = array<i64>} : (tensor<f32>) -> tensor<2x3xf32>
    %n2 = "stablehlo.multiply"(%n1, %n0) : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
    %n3 = "stablehlo.add"(%p0, %n2) : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
    "func.return"(%n3) : (tensor<2x3xf32>) -> ()
  }
}
`)
})

test("a reduction carries its region and its neutral element", () => {
  const x = parameter("f32", [2, 3])
  expect(toStableHlo(program([x], [reduce("maximum", x, [1])]))).toContain(
    `    %n0_init = "stablehlo.constant"() {value = dense<0xFF800000> : tensor<f32>} : () -> tensor<f32>
    %n0 = "stablehlo.reduce"(%p0, %n0_init) ({
      ^bb0(%a: tensor<f32>, %b: tensor<f32>):
        %r = "stablehlo.maximum"(%a, %b) : (tensor<f32>, tensor<f32>) -> tensor<f32>
        "stablehlo.return"(%r) : (tensor<f32>) -> ()
    }) {dimensions = array<i64: 1>} : (tensor<2x3xf32>, tensor<f32>) -> tensor<2xf32>
`,
  )
})

test("an argument of the maximum is the second result of a paired reduction", () => {
  const x = parameter("f32", [2, 3])
  const text = toStableHlo(program([x], [argReduce("GT", x, 1)]))
  expect(text).toContain("%n0:2 = ")
  expect(text).toContain('"func.return"(%n0#1) : (tensor<2xi32>)')
})

test("a convolution says its layout", () => {
  const x = parameter("f32", [1, 5, 5, 2])
  const w = parameter("f32", [3, 3, 2, 4])
  const y = convolution(x, w, {
    layout: "[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]",
    strides: [2, 2],
    padding: [
      [1, 1],
      [0, 0],
    ],
    lhsDilation: [1, 1],
    rhsDilation: [1, 1],
    groups: 1,
    batchGroups: 1,
  })
  expect(y.type.shape).toEqual([1, 3, 2, 4])
  expect(toStableHlo(program([x, w], [y]))).toContain(
    "dimension_numbers = #stablehlo.conv<[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]>, window_strides = array<i64: 2, 2>, " +
      "padding = dense<[[1, 1], [0, 0]]> : tensor<2x2xi64>",
  )
})

test("a gather puts the indices' shape in place of its axis", () => {
  const rows = gather(parameter("f32", [10, 4]), parameter("i32", [3, 2]), 0)
  expect(rows.type.shape).toEqual([3, 2, 4])
})

test.each([
  ["different types", () => select(parameter("f32", [2]), parameter("f32", [2]), parameter("f32", [2]))],
  ["shapes that do not broadcast", () => add(parameter("f32", [2]), parameter("f32", [3]))],
  ["a slice beyond the end", () => slice(parameter("f32", [2]), [0], [3])],
  ["mixed element types", () => add(parameter("f32", [2]), parameter("i32", [2]))],
])("%s cannot be built", (_, build) => {
  expect(build).toThrow(RangeError)
})

test("equal programs have equal keys, whatever made them; different ones do not", () => {
  const build = (value: number, axis: number) => {
    const x = parameter("f32", [2, 2])
    const y = reduce("add", multiply(x, constant(value, x.type)), [axis])
    return programKey(program([x], [y]))
  }
  expect(build(2, 0)).toBe(build(2, 0))
  expect(
    new Set([build(2, 0), build(3, 0), build(2, 1), build(Number.NaN, 0), build(-0, 0), build(0, 0)]).size,
  ).toBe(6)
})

test("a program for two devices says how each parameter, result and inner value lies", () => {
  const [x, w] = [parameter("f32", [4, 2]), parameter("f32", [4, 2])]
  const rows = "{devices=[2,1]<=[2]}"
  const spread = { devices: 2, parameters: [rows, "{replicated}"], outputs: ["{replicated}"] }
  const made = { ...program([x, w], [add(shard(w, rows), x)], new Map([[1, 0]])), spread }
  verify(made)
  expect(toStableHlo(made)).toBe(`module @shardlab attributes {mhlo.num_partitions = 2 : i32} {
  func.func public @main(%p0: tensor<4x2xf32> {mhlo.sharding = "${rows}"}, %p1: tensor<4x2xf32> {mhlo.sharding = "{replicated}", tf.aliasing_output = 0 : i32}) -> (tensor<4x2xf32> {mhlo.sharding = "{replicated}"}) {
    %n0 = "stablehlo.custom_call"(%p1) {call_target_name = "Sharding", mhlo.sharding = "${rows}"} : (tensor<4x2xf32>) -> tensor<4x2xf32>
    %n1 = "stablehlo.add"(%n0, %p0) : (tensor<4x2xf32>, tensor<4x2xf32>) -> tensor<4x2xf32>
    "func.return"(%n1) : (tensor<4x2xf32>) -> ()
  }
}
`)
  expect(programKey(made)).not.toBe(programKey({ ...made, spread: { ...spread, devices: 4 } }))
  expect(() => verify({ ...made, aliases: new Map([[0, 0]]) })).toThrow(/shardings/)
})

test("verify names a parameter that is not declared, and an alias between types", () => {
  const x = parameter("f32", [2])
  const y = add(x, x)
  expect(() => verify(program([], [y]))).toThrow("f32[2] is used but not declared")
  expect(() => verify(program([x], [convert(y, "i32")], new Map([[0, 0]])))).toThrow(
    "alias of f32[2] to i32[2]",
  )
  expect(() => verify(program([x], [y], new Map([[0, 0]])))).not.toThrow()
})

test("operands come before users", () => {
  const x = parameter("f32", [3, 3])
  const y = compare("GT", transpose(x, [1, 0]), fill(0, x))
  const order = reachable([y])
  for (const node of order)
    for (const input of node.inputs) expect(order.indexOf(input)).toBeLessThan(order.indexOf(node))
})

test("numbers survive their text", () => {
  fc.assert(
    fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), value => {
      const text = numberText(value, "f32")
      expect(text).toMatch(/^-?\d+\.\d+e[+-]\d+$/)
      expect(Object.is(Math.fround(Number(text)), Math.fround(value))).toBe(true)
    }),
  )
})

test("broadcasting agrees with itself in either order, and with NumPy's rule", () => {
  expect(broadcastShapes([3, 1], [1, 4])).toEqual([3, 4])
  expect(broadcastShapes([2, 3, 4], [4])).toEqual([2, 3, 4])
  const shape = fc.array(fc.constantFrom(1, 3), { maxLength: 4 })
  fc.assert(
    fc.property(shape, shape, (a, b) => {
      expect(broadcastShapes(a, b)).toEqual(broadcastShapes(b, a))
    }),
  )
})

test("a sort keeps where its elements stood, and a table its elements", () => {
  const x = parameter("f32", [2, 3])
  const text = toStableHlo(program([x], [sortDown(x, "values"), sortDown(x, "places")]))
  expect(text).toContain('"func.return"(%n0#0, %n1#1) : (tensor<2x3xf32>, tensor<2x3xi32>)')
  expect(text).toContain("is_stable = true")
  expect(toStableHlo(program([], [vector("i32", [3, -1, 2])]))).toContain(
    "{value = dense<[3, -1, 2]> : tensor<3xi32>}",
  )
  expect(programKey(program([], [vector("i32", [1, 2])]))).not.toBe(
    programKey(program([], [vector("i32", [2, 1])])),
  )
})

test("a Fourier transform is complex only inside", () => {
  const z = parameter("f32", [3, 8, 2])
  const text = toStableHlo(program([z], [fft(z, false)]))
  expect(text).toContain("fft_type = #stablehlo<fft_type FFT>, fft_length = array<i64: 8>")
  expect(text).toContain('"func.return"(%n0) : (tensor<3x8x2xf32>)')
  expect(() => fft(parameter("f32", [8]), true)).toThrow(RangeError)
})
