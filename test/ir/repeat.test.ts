// A step written as a loop: which inputs and results it has, and what is handed on.
import { expect, test } from "vitest"
import { add, multiply, parameter, reduce } from "../../kernel/src/ir/build.js"
import { repeated } from "../../kernel/src/ir/repeat.js"

test("weights go from turn to turn, batches are each turn's own, losses come from each", () => {
  const [w, x, scale] = [parameter("f32", [2]), parameter("f32", [2]), parameter("f32", [2])]
  const next = add(w, multiply(x, scale))
  const step = {
    parameters: [w, x, scale],
    outputs: [reduce("add", next, [0]), next],
    aliases: new Map([[0, 1]]),
  }
  const { text, inputs, results, donated } = repeated(step, 3, new Map([[0, 1]]), new Set([1]))
  expect(inputs).toEqual([
    { run: undefined, parameter: 0 },
    { run: undefined, parameter: 2 },
    ...[0, 1, 2].map(run => ({ run, parameter: 1 })),
  ])
  expect(results).toEqual([{ run: 2, result: 1 }, ...[0, 1, 2].map(run => ({ run, result: 0 }))])
  expect(donated).toEqual([0])
  expect(text).toContain("%p0: tensor<2xf32> {tf.aliasing_output = 0 : i32}")
  expect(text).toContain('%n0 = "stablehlo.multiply"(%own1, %p2)')
  expect(text).toContain('%n1 = "stablehlo.add"(%s1, %n0)')
  expect(text).toContain('"stablehlo.return"(%next, %n1, %u0)')
})
