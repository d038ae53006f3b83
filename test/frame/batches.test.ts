// Streams of batches: cut anew without loss, and never so long at a stretch that the process answers nothing.
import { expect, test } from "vitest"
import { breathe } from "../../kernel/src/frame/breathe.js"
import type { ColumnBatch } from "../../kernel/src/frame/ColumnBatch.js"
import { rebatch } from "../../kernel/src/frame/joinBatches.js"

test("batches of another size hold the same values, masks and lists", async () => {
  async function* source(): AsyncGenerator<ColumnBatch> {
    for (let first = 0; first < 20; first += 4) {
      const rows = [first, first + 1, first + 2, first + 3]
      const valid: Record<string, Uint8Array> = first === 8 ? { n: Uint8Array.of(1, 0, 1, 1) } : {}
      yield { rows: 4, columns: { n: Int32Array.from(rows), l: rows.map(row => [[row], null]) }, valid }
    }
  }
  const found = []
  for await (const batch of rebatch(source(), 7)) found.push(batch)
  expect(found.map(batch => batch.rows)).toEqual([7, 7, 6])
  expect(found.flatMap(batch => [...(batch.columns.n as Int32Array)])).toEqual([...Array(20).keys()])
  expect(found.flatMap(batch => [...batch.columns.l!])).toEqual(
    Array.from({ length: 20 }, (_, row) => [[row], null]),
  )
  expect(found.map(batch => batch.valid.n)).toEqual([
    undefined,
    Uint8Array.of(1, 1, 0, 1, 1, 1, 1),
    undefined,
  ])
})

test("batches that wait already leave the event loop its turns", async () => {
  async function* ready(): AsyncGenerator<number> {
    for (let batch = 0; batch < 10; batch++) yield batch
  }
  const busy = (ms: number) => {
    for (const start = performance.now(); performance.now() - start < ms; );
  }
  let turns = 0
  const count = () => {
    turns++
    counting = setImmediate(count)
  }
  let counting = setImmediate(count)
  const seen: number[] = []
  for await (const batch of breathe(ready())) {
    seen.push(batch)
    busy(10)
  }
  clearImmediate(counting)
  expect(seen).toEqual([...Array(10).keys()])
  expect(turns).toBeGreaterThanOrEqual(9)
})
