// Framing and signing of Jupyter messages.
import fc from "fast-check"
import { expect, test } from "vitest"
import { MessageCodec } from "../../kernel/src/wire/message.js"

const json = fc.dictionary(fc.string(), fc.jsonValue())
const bytes = fc.uint8Array({ maxLength: 64 })
const codec = (key = "secret"): MessageCodec => new MessageCodec(key)

test("what one codec encodes, another with the same key decodes, identities and buffers included", () => {
  fc.assert(
    fc.property(json, fc.array(bytes), fc.array(bytes), (content, buffers, ids) => {
      const identities = ids.map(id => Buffer.from(id)).filter(id => id.toString() !== "<IDS|MSG>")
      const message = codec().make("x", content as Record<string, unknown>, {}, { buffers, identities })
      const decoded = codec().decode(codec().encode(message))
      if (!("message" in decoded)) throw new Error(decoded.detail)
      const plain = JSON.parse(JSON.stringify(content))
      expect(JSON.parse(JSON.stringify(decoded.message.content))).toEqual(plain)
      expect(decoded.message.buffers.map(buffer => [...buffer])).toEqual(buffers.map(buffer => [...buffer]))
      expect(decoded.message.identities.map(String)).toEqual(identities.map(String))
      expect(decoded.message.header).toEqual(message.header)
    }),
  )
})

test("one changed byte in any signed part is noticed", () => {
  const sent = codec()
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 3 }),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      (part, at, flip) => {
        const frames = sent.encode(sent.make("x", { code: "1 + 1" })).map(frame => Buffer.from(frame))
        const changed = frames[2 + part]!
        changed[at % changed.length]! ^= flip
        expect(codec().decode(frames)).toMatchObject({ dropped: "signature" })
      },
    ),
  )
})

test("a message is taken once: replaying it is refused", () => {
  const frames = codec().encode(codec().make("x", {}))
  const receiver = codec()
  expect(receiver.decode(frames)).toHaveProperty("message")
  expect(receiver.decode(frames)).toMatchObject({ dropped: "signature" })
})

test("another key, no key, and what is no message at all", () => {
  const frames = codec("a").encode(codec("a").make("x", {}))
  expect(codec("b").decode(frames)).toMatchObject({ dropped: "signature" })
  expect(codec("").decode(frames)).toHaveProperty("message")
  expect(codec().decode([Buffer.from("hello")])).toMatchObject({ dropped: "malformed" })
  const broken = ["<IDS|MSG>", "", "{", "{}", "{}", "{}"].map(text => Buffer.from(text))
  expect(codec("").decode(broken)).toMatchObject({ dropped: "malformed" })
})
