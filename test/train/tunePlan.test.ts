// Searches without a pool: draws, Hyperband's plan, who goes on, how trials are ranked.
import { expect, test } from "vitest"
import { displaySymbol } from "../../kernel/src/display.js"
import { seeded } from "../../kernel/src/train/feed/random.js"
import { brackets } from "../../kernel/src/train/tune/hyperband.js"
import { type RunTrials, search } from "../../kernel/src/train/tune/search.js"
import { draw } from "../../kernel/src/train/tune/space.js"

test("Hyperband's plan is the one of the paper: 81 epochs, one in three goes on", () => {
  const plan = brackets(81, 3).map(rungs => rungs.map(({ trials, epochs }) => [trials, epochs]))
  expect(plan).toEqual([
    [
      [81, 1],
      [27, 3],
      [9, 9],
      [3, 27],
      [1, 81],
    ],
    [
      [34, 3],
      [11, 9],
      [3, 27],
      [1, 81],
    ],
    [
      [15, 9],
      [5, 27],
      [1, 81],
    ],
    [
      [8, 27],
      [2, 81],
    ],
    [[5, 81]],
  ])
})

test("draws stay in their ranges, fill them, and repeat with the seed", () => {
  const space = {
    rate: { from: 1e-4, to: 1, log: true },
    units: { from: 2, to: 5, whole: true },
    share: { from: -1, to: 1 },
    kind: ["relu", "tanh"],
  } as const
  const many = (seed: number) => {
    const random = seeded(seed)
    return Array.from({ length: 2000 }, () => draw(space, random))
  }
  const drawn = many(1)
  expect(many(1)).toEqual(drawn)
  expect(many(2)).not.toEqual(drawn)
  // As many below the middle order of magnitude as above.
  const low = drawn.filter(({ rate }) => rate < 1e-2).length
  expect(Math.abs(low - 1000)).toBeLessThan(120)
  expect(new Set(drawn.map(({ units }) => units))).toEqual(new Set([2, 3, 4, 5]))
  expect(new Set(drawn.map(({ kind }) => kind))).toEqual(new Set(["relu", "tanh"]))
  expect(drawn.every(({ rate, share }) => rate >= 1e-4 && rate <= 1 && share >= -1 && share < 1)).toBe(true)
})

const space = { a: { from: 0, to: 1 } }
/** The value is how far `a` is from 0.5; above 0.9 it fails. */
const run: RunTrials = async items =>
  items.map(({ params }) => {
    const { a } = params as { a: number }
    return a > 0.9 ? { error: "Error: too much", seconds: 0 } : { value: Math.abs(a - 0.5), seconds: 0 }
  })

test("random: all in full, best first, failed ones last", async () => {
  const found = await search(space, { trials: 40, seed: 3, epochs: 2 }, run)
  expect(found.trials).toHaveLength(40)
  const values = found.trials.flatMap(({ value }) => value ?? [])
  expect(values).toEqual(values.toSorted((x, y) => x - y))
  expect(found.trials.at(-1)).toMatchObject({ status: "failed", error: "Error: too much", value: undefined })
  expect(found.best!.value).toBeLessThan(0.1)
  expect(found.trials.every(({ epochs }) => epochs === 2)).toBe(true)
  const text = String(found[displaySymbol]()["text/plain"])
  expect(text).toMatch(/40 trials by random in .* s, \d+ failed; best: a 0\.\d+/)
  expect((await search(space, { trials: 40, seed: 3, epochs: 2 }, run)).best).toEqual(found.best)
})

test("hyperband: the better ones get more epochs, the others stop; maximised the other way round", async () => {
  const given: number[][] = []
  const counted: RunTrials = items => {
    given.push([items.length, items[0]!.trial.epochs])
    return run(items)
  }
  const found = await search(space, { method: "hyperband", epochs: 9, seed: 1 }, counted)
  expect(given).toEqual([
    [9, 1],
    [3, 3],
    [1, 9],
    [5, 3],
    [1, 9],
    [3, 9],
  ])
  const [bracket] = [found.trials.filter(({ id }) => id <= 9)]
  const kept = bracket.filter(({ epochs }) => epochs > 1).map(({ value }) => value!)
  const stopped = bracket
    .filter(({ epochs, status }) => epochs === 1 && status === "stopped")
    .map(({ value }) => value!)
  expect(Math.max(...kept)).toBeLessThanOrEqual(Math.min(...stopped))
  expect(found.best).toMatchObject({ epochs: 9, status: "done" })
  const most = await search(space, { method: "hyperband", epochs: 9, seed: 1, maximize: true }, run)
  expect(most.best!.value).toBeGreaterThan(found.best!.value!)
})

test.each([
  [{}, {}, /`space` is empty/],
  [{ a: { from: 2, to: 1 } }, {}, /`a` is 2 to 1/],
  [{ a: { from: 0, to: 1, log: true } }, {}, /`a` is from 0 with `log`/],
  [{ a: [] }, {}, /`a` is an empty list/],
  [space, { trails: 3 }, /no option `trails`.*Did you mean `trials`/],
  [space, { method: "hyperbant" }, /`method` is `hyperbant`/],
  [space, { method: "hyperband", trials: 3 }, /`trials` is 3 with hyperband/],
])("%j with %j is refused", async (wrong, options, message) => {
  await expect(search(wrong, options as never, run)).rejects.toThrow(message)
})
