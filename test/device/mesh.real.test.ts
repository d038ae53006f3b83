// Several virtual CPU devices of one client as one device: the same suite as a single one, then parts, copies and what each
// device holds.
import { describe, expect, test } from "vitest"
import type { MeshDevice } from "../../kernel/lib/device/Device.js"
import { openDeviceSync } from "../../kernel/lib/device/openDevice.js"
import { Sharding } from "../../kernel/lib/device/sharding.js"
import { deviceConformance } from "./conformance.js"

const axes = { data: 2, model: 2 }
const mesh: MeshDevice = openDeviceSync().mesh!(axes)

describe("a mesh is a device", () => deviceConformance(() => mesh))

test("cuts an array along any axes, and puts it together again", () => {
  const data = Float32Array.from({ length: 4 * 6 * 2 }, (_, i) => i)
  for (const cut of [[], ["data"], ["model"], [null, "model"], ["model", "data"], ["data", "model"]]) {
    const sharding = new Sharding(axes, cut)
    const before = mesh.memoryOfEach().map(({ used }) => used)
    const buffer = mesh.upload(data, "f32", [4, 6, 2], sharding)
    const parts = sharding.tiles.reduce((count, tiles) => count * tiles, 1)
    const grown = mesh.memoryOfEach().map(({ used }, i) => used - before[i]!)
    expect(grown, sharding.key).toEqual([0, 1, 2, 3].map(() => data.byteLength / parts))
    expect(buffer.read(), sharding.key).toEqual(data)
    buffer.free()
  }
  expect(() => mesh.upload(data, "f32", [1, 48], new Sharding(axes, ["data"]))).toThrow(/divide/)
})

test("XLA cuts a product as the operands say, and sums up what it contracts over two devices", () => {
  const [rows, columns, both] = [["data"], [null, "model"], ["data", "model"]].map(
    cut => new Sharding(axes, cut),
  ) as [Sharding, Sharding, Sharding]
  const contracted = new Sharding(axes, ["model"])
  const run = (x: Sharding, w: Sharding, out: Sharding) => {
    const program = mesh.compile(
      `module @m attributes {mhlo.num_partitions = 4 : i32} {
  func.func public @main(%x: tensor<4x4xf32> {mhlo.sharding = "${x.text(2)}"}, %w: tensor<4x2xf32> {mhlo.sharding = "${w.text(2)}"}) -> (tensor<4x2xf32> {mhlo.sharding = "${out.text(2)}"}) {
    %0 = "stablehlo.dot_general"(%x, %w) {dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>} : (tensor<4x4xf32>, tensor<4x2xf32>) -> tensor<4x2xf32>
    "func.return"(%0) : (tensor<4x2xf32>) -> ()
  }
}
`,
      [out],
    )
    const left = mesh.upload(
      Float32Array.from({ length: 16 }, (_, i) => i),
      "f32",
      [4, 4],
      x,
    )
    const right = mesh.upload(Float32Array.of(1, 0, 0, 1, 1, 1, 2, -1), "f32", [4, 2], w)
    const [product] = program.run([left, right])
    const read = [...product!.read()]
    for (const buffer of [left, right, product!]) buffer.free()
    return read
  }
  const expected = [8, 0, 24, 4, 40, 8, 56, 12]
  expect(run(rows, columns, both)).toEqual(expected)
  expect(run(new Sharding(axes, [null, "model"]), contracted, mesh.replicated)).toEqual(expected)
})

test("results that somebody awaits do not hold up programs whose devices meet", async () => {
  const [rows, type] = [new Sharding(axes, ["data"]), "tensor<2048x64xf32>"]
  const program = mesh.compile(`module @m attributes {mhlo.num_partitions = 4 : i32} {
  func.func public @main(%x: ${type} {mhlo.sharding = "${rows.text(2)}"}) -> (tensor<64xf32> {mhlo.sharding = "{replicated}"}) {
    %0 = "stablehlo.constant"() {value = dense<0.0> : tensor<f32>} : () -> tensor<f32>
    %1 = "stablehlo.reduce"(%x, %0) ({
    ^bb0(%a: tensor<f32>, %b: tensor<f32>):
      %2 = "stablehlo.add"(%a, %b) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%2) : (tensor<f32>) -> ()
    }) {dimensions = array<i64: 0>} : (${type}, tensor<f32>) -> tensor<64xf32>
    "func.return"(%1) : (tensor<64xf32>) -> ()
  }
}
`)
  const ones = mesh.upload(new Float32Array(2048 * 64).fill(1), "f32", [2048, 64], rows)
  for (const reads of [8, 8, 16]) {
    const sums = await Promise.all(
      Array.from({ length: reads }, async () => {
        const [sum] = program.run([ones])
        const read = await sum!.readAsync()
        sum!.free()
        return read[0]
      }),
    )
    expect(sums).toEqual(new Array(reads).fill(2048))
  }
  ones.free()
})
