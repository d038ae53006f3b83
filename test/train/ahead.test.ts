// Reading ahead: one part more than was asked for is on its way, errors come in their place, an early end closes the source.
import { expect, test } from "vitest"
import { ahead } from "../../kernel/src/train/feed/ahead.js"
import { feedText } from "../../kernel/src/train/TrainRun.js"

function source(failAt = Number.POSITIVE_INFINITY) {
  const log: string[] = []
  async function* parts() {
    try {
      for (let i = 0; i < 4; i++) {
        log.push(`read ${i}`)
        await Promise.resolve()
        if (i === failAt) throw new Error(`part ${i} is torn`)
        yield i
      }
    } finally {
      log.push("closed")
    }
  }
  return { log, parts: parts() }
}
const settled = () => new Promise(done => setImmediate(done))

test("the next part is read while one is worked on", async () => {
  const { log, parts } = source()
  const seen: number[] = []
  for await (const part of ahead(parts)) {
    await settled()
    seen.push(part)
    log.push(`worked on ${part}`)
  }
  expect(seen).toEqual([0, 1, 2, 3])
  expect(log.slice(0, 4)).toEqual(["read 0", "read 1", "worked on 0", "read 2"])
  expect(log.at(-2)).toBe("closed")
})

test("an error comes after the parts before it; an early end closes the source", async () => {
  const torn = source(2)
  const seen: number[] = []
  const all = async () => {
    for await (const part of ahead(torn.parts)) seen.push(part)
  }
  await expect(all()).rejects.toThrow("part 2 is torn")
  expect(seen).toEqual([0, 1])
  const left = source(1)
  for await (const _ of ahead(left.parts)) break
  await settled()
  expect(left.log.at(-1)).toBe("closed")
})

test("a run says where its rows were, and what helps where they are the bottleneck", () => {
  const seconds = { data: 1, compile: 1, fit: 10 }
  expect(feedText({ feed: { streamed: false, shards: undefined, waitSeconds: 0.2 }, seconds })).toBe(
    "input: on the device, 2 % of the training spent waiting for rows",
  )
  expect(feedText({ feed: { streamed: true, shards: 3, waitSeconds: 8 }, seconds })).toMatch(
    /^input: streamed from 3 shards, 80 % .*the input is the bottleneck; read fewer columns/,
  )
})
