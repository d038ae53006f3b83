// What every device must do: run by the tests of each. Values are only looked at where the device computes any.
import { expect, test } from "vitest"
import type { Device } from "../../kernel/lib/device/Device.js"

const twice = `module @m {
  func.func public @main(%a: tensor<4xf32> {tf.aliasing_output = 0 : i32}) -> (tensor<4xf32>) {
    %0 = "stablehlo.add"(%a, %a) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    "func.return"(%0) : (tensor<4xf32>) -> ()
  }
}
`

export function deviceConformance(device: () => Device): void {
  test("reads back what was uploaded, of every type", async () => {
    const arrays = {
      f32: Float32Array.of(1.5, -2),
      i32: Int32Array.of(-7, 2 ** 30),
      u8: Uint8Array.of(0, 255),
      i1: Uint8Array.of(0, 1),
      f64: Float64Array.of(Math.PI, -0),
      i64: BigInt64Array.of(-(2n ** 60n), 5n),
      bf16: Uint16Array.of(0x3f80, 0),
    } as const
    for (const [dtype, data] of Object.entries(arrays)) {
      const buffer = device().upload(data, dtype as keyof typeof arrays, [2])
      expect(buffer).toMatchObject({ dtype, shape: [2], bytes: data.byteLength })
      expect(buffer.read(), dtype).toEqual(data)
      expect(await buffer.readAsync(), dtype).toEqual(data)
      buffer.free()
    }
  })

  test("a scalar and an empty array are arrays too", () => {
    const scalar = device().upload(Float32Array.of(4), "f32", [])
    expect([...scalar.read()]).toEqual([4])
    const empty = device().upload(new Float32Array(0), "f32", [0, 3])
    expect(empty.read()).toHaveLength(0)
    scalar.free()
    empty.free()
  })

  test("an array that does not fit its shape is refused", () => {
    expect(() => device().upload(Float32Array.of(1, 2, 3), "f32", [2])).toThrow(/DEVICE_MISUSE|2|shape/)
  })

  test("runs a program, keeps its inputs, and takes over donated ones", () => {
    const program = device().compile(twice)
    const input = device().upload(Float32Array.of(1, 2, 3, 4), "f32", [4])
    const [first] = program.run([input])
    expect(first).toMatchObject({ dtype: "f32", shape: [4] })
    expect([...input.read()]).toEqual([1, 2, 3, 4])
    const [second] = program.run([input], [0])
    expect(() => program.run([input])).toThrow()
    for (const buffer of [input, first!, second!]) buffer.free()
    program.free()
  })

  test("compiles while the event loop goes on, to the same program", async () => {
    const program = await device().compileAsync(twice)
    const input = device().upload(Float32Array.of(1, 2, 3, 4), "f32", [4])
    const [result] = program.run([input])
    expect(result).toMatchObject({ dtype: "f32", shape: [4] })
    await expect(device().compileAsync("module {}")).rejects.toMatchObject({ code: "XLA_FAILED" })
    for (const buffer of [input, result!]) buffer.free()
    program.free()
  })

  test("frees its memory, and a freed buffer is gone", () => {
    const before = device().memory().used
    const buffer = device().upload(new Float32Array(1 << 20), "f32", [1 << 20])
    buffer.free()
    expect(device().memory().used).toBeLessThanOrEqual(before + 4096)
    expect(() => buffer.read()).toThrow()
  })

  test("a program that is none says what is wrong with it", () => {
    expect(() => device().compile("module {")).toThrow()
  })
}
