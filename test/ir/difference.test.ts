// The first difference of two programs, by kind.
import { expect, test } from "vitest"
import { add, broadcastTo, fill, multiply, parameter, reduce, slice } from "../../kernel/src/ir/build.js"
import { differenceOf, outlineOf } from "../../kernel/src/ir/difference.js"
import type { Node } from "../../kernel/src/ir/node.js"

const outline = (make: (x: Node) => Node[], rows = 4) => {
  const x = parameter("f32", [rows, 3])
  return outlineOf({ parameters: [x], outputs: make(x), aliases: new Map() })
}
const doubled = (x: Node) => [multiply(x, fill(2, x))]

test.each([
  ["shape", "input 0 was f32[4,3] and is f32[5,3].", outline(doubled), outline(doubled, 5)],
  [
    "constant",
    "a constant f32[4,3] was 2 and is 3.",
    outline(doubled),
    outline(x => [multiply(x, fill(3, x))]),
  ],
  [
    "operation",
    "an operation was multiply to f32[4,3] and is add to f32[4,3].",
    outline(doubled),
    outline(x => [add(x, fill(2, x))]),
  ],
  [
    "operation",
    "an operation was nothing and is reduce to f32[3].",
    outline(doubled),
    outline(x => [reduce("add", doubled(x)[0]!, [0])]),
  ],
  [
    "setting",
    "a setting of slice was",
    outline(x => [slice(x, [0, 0], [2, 3])]),
    outline(x => [slice(x, [1, 0], [3, 3])]),
  ],
  [
    "shape",
    "the result of slice was f32[2,3] and is f32[3,3].",
    outline(x => [slice(x, [0, 0], [2, 3])]),
    outline(x => [slice(x, [0, 0], [3, 3])]),
  ],
  ["wiring", "the number of results was 1 and is 2.", outline(doubled), outline(x => [...doubled(x), x])],
])("%s: %s", (kind, text, before, now) => {
  expect(differenceOf(before, now)).toMatchObject({ kind })
  expect(differenceOf(before, now)!.text).toContain(text)
  expect(differenceOf(now, now)).toBeUndefined()
})

test("says how far the two agree, so that the nearest of many is found", () => {
  const long = (end: number) =>
    outline(x => [multiply(add(x, broadcastTo(fill(1, x), [4, 3])), fill(end, x))])
  expect(differenceOf(long(2), long(3))!.after).toBeGreaterThan(
    differenceOf(outline(doubled), long(3))!.after,
  )
})
