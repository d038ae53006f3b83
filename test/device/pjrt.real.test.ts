// The real CPU plugin through koffi: the same suite as the double, then its values, its errors and its self-test.
import { spawnSync } from "node:child_process"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { openDeviceSync } from "../../kernel/lib/device/openDevice.js"
import { selfTest } from "../../kernel/lib/device/selfTest.js"
import {
  add,
  broadcastTo,
  constant,
  convert,
  multiply,
  parameter,
  reduce,
} from "../../kernel/lib/ir/build.js"
import { toStableHlo } from "../../kernel/lib/ir/stablehlo.js"
import { deviceConformance } from "./conformance.js"

const device = openDeviceSync()

describe("PJRT is a device", () => deviceConformance(() => device))

test("trains rightly, donated or not: the self-test passes", () => {
  const verdict = selfTest(device)
  expect(verdict).toMatchObject({ ok: true })
  expect(verdict.difference).toBeLessThan(1e-5)
})

test("computes what the program says", () => {
  const x = parameter("f32", [2, 3])
  const two = constant(2, { dtype: "f32", shape: [] })
  const row = reduce("add", multiply(x, broadcastTo(two, [2, 3])), [1])
  const program = device.compile(
    toStableHlo({ parameters: [x], outputs: [row, convert(add(row, row), "i32")], aliases: new Map() }),
  )
  const input = device.upload(Float32Array.of(1, 2, 3, 4, 5, 6), "f32", [2, 3])
  const outputs = program.run([input])
  expect(outputs.map(output => [...output.read()])).toEqual([
    [12, 30],
    [24, 60],
  ])
  for (const buffer of [input, ...outputs]) buffer.free()
  program.free()
})

test("an error of XLA is one line, with the place in the program", () => {
  const broken = `module { func.func public @main(%a: tensor<2xf32>) -> tensor<3xf32> { "func.return"(%a) : (tensor<2xf32>) -> () } }`
  try {
    device.compile(broken)
    expect.unreachable()
  } catch (error) {
    expect(error).toMatchObject({ code: "XLA_FAILED" })
    expect((error as Error).message).not.toContain("forward incompatibility")
  }
})

test("a process that ends while XLA computes ends in order", () => {
  const child = join(import.meta.dirname, "child/exitBusy.mjs")
  expect(spawnSync(process.execPath, [child], { encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" })
})

test("says what it is", () => {
  expect(device.id).toBe("cpu")
  expect(device.plugin).toMatchObject({ name: "fastatomstruct-xla-cpu" })
  expect(device.memory().limit).toBeGreaterThan(1e9)
})
