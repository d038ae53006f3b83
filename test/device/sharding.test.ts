// How shardings are spelt for XLA, and which part of a tensor each device of a mesh has.
import { expect, test } from "vitest"
import { Sharding } from "../../kernel/lib/device/sharding.js"

const square = { data: 2, model: 2 }

test("is spelt as XLA wants it: tiles, copies last, mesh axes in the order of the tensor's", () => {
  const spelt = (cut: (string | null)[], rank = cut.length) => new Sharding(square, cut).text(rank)
  expect(spelt([])).toBe("{replicated}")
  expect(spelt(["data", "model"])).toBe("{devices=[2,2]<=[4]}")
  expect(spelt(["data"], 3)).toBe("{devices=[2,1,1,2]<=[4] last_tile_dim_replicate}")
  expect(spelt([null, "model"])).toBe("{devices=[1,2,2]<=[2,2]T(1,0) last_tile_dim_replicate}")
  expect(spelt(["model", "data"])).toBe("{devices=[2,2]<=[2,2]T(1,0)}")
  expect(new Sharding({ data: 4 }, ["data"]).text(2)).toBe("{devices=[4,1]<=[4]}")
  // An axis of one device, or of none, cuts nothing.
  expect(new Sharding({ data: 1, model: 2 }, ["data", "rows"]).text(2)).toBe("{replicated}")
})

test("a device's part follows from its place in the mesh", () => {
  const columns = new Sharding(square, [null, "model"])
  expect([0, 1, 2, 3].map(device => columns.partOf(device))).toEqual([
    [0, 0],
    [0, 1],
    [0, 0],
    [0, 1],
  ])
  expect(columns.partShape([6, 4])).toEqual([6, 2])
  expect(columns.wholeShape([6, 2])).toEqual([6, 4])
  expect([columns.fits([6, 4]), columns.fits([6, 3]), columns.fits([6])]).toEqual([true, false, false])
})
