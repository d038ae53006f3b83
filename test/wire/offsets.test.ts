// Code points of Jupyter to UTF-16 units of JavaScript, and back.
import fc from "fast-check"
import { expect, test } from "vitest"
import { toCodePoints, toUtf16 } from "../../kernel/src/wire/offsets.js"

const text = fc.string({ unit: "binary" })

test("agrees with what iterating the string by code points gives", () => {
  fc.assert(
    fc.property(text, fc.nat(40), (value, points) => {
      const before = [...value].slice(0, points).join("")
      expect(toUtf16(value, points)).toBe(before.length)
      expect(toCodePoints(value, before.length)).toBe([...before].length)
    }),
  )
})

test("an offset past the end is the end", () => {
  expect(toUtf16("a🎉", 99)).toBe(3)
  expect(toCodePoints("a🎉", 99)).toBe(2)
})
