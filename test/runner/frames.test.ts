// Frames on the pipes between the front and a runner: whatever the chunks, the same messages come out.
import fc from "fast-check"
import { expect, test } from "vitest"
import { FrameReader, frame, messageFrame } from "../../kernel/src/runner/frames.js"

const message = fc.record({
  type: fc.string(),
  n: fc.bigInt(),
  data: fc.uint8Array(),
  list: fc.array(fc.double()),
})
const item = fc.oneof(message, fc.string())

test("survives any cut into chunks", () => {
  fc.assert(
    fc.property(
      fc.array(item),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
      (items, cuts) => {
        const bytes = Buffer.concat(
          items.map(one => (typeof one === "string" ? frame("stdout", Buffer.from(one)) : messageFrame(one))),
        )
        const read: unknown[] = []
        const reader = new FrameReader(
          one => read.push(one),
          (_, text) => read.push(text.toString()),
        )
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const size = cuts[i % cuts.length]!
          reader.push(bytes.subarray(at, at + size))
          at += size
        }
        expect(read.map(comparable)).toEqual(items.map(comparable))
      },
    ),
  )
})

test("typed arrays keep their kind", () => {
  const columns = { id: Uint32Array.of(1, 2), ms: Float32Array.of(0.5) }
  const read: unknown[] = []
  new FrameReader(one => read.push(one)).push(messageFrame(columns))
  expect(read).toEqual([columns])
})

/** Bytes come back as a Buffer, which is a Uint8Array too. */
function comparable(one: unknown): unknown {
  if (typeof one === "string") return Buffer.from(one).toString()
  return { ...(one as object), data: [...(one as { data: Uint8Array }).data] }
}
