// A training killed at 20 random points ends as one that never stopped: the same weights and history, to the bit.
import { expect, test } from "vitest"
import { seeded } from "../../kernel/src/train/feed/random.js"
import { killedTraining } from "./killed.js"

test("20 kills, every resume works, and the end is equal", async () => {
  const random = seeded(Date.now())
  let kills = 0
  while (kills < 20) {
    const { unbroken, killed, ended } = await killedTraining(Math.min(5, 20 - kills), 7, random)
    const { resumedAt, ...rest } = ended
    expect(resumedAt).toBeGreaterThan(0)
    expect(rest).toEqual(unbroken)
    kills += killed
  }
})
