// Programs on disk: what was written is read, what is damaged is gone, and the folder keeps to its size.
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { CompileCache, userCompileCache } from "../../kernel/src/device/compileCache.js"

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "programs-"))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const program = (fill: number, size = 1000) => new Uint8Array(size).fill(fill)

test("gives back what was written, to another cache of the same folder too, for the user's eyes only", () => {
  const inside = join(folder, "made/on/demand")
  new CompileCache(inside).write("a", program(1))
  expect([...new CompileCache(inside).read("a")!]).toEqual([...program(1)])
  expect(new CompileCache(inside).read("b")).toBeUndefined()
  expect(statSync(join(inside, "a")).mode & 0o077).toBe(0)
  expect(readdirSync(inside)).toEqual(["a"])
})

const damages: Record<string, (file: string) => void> = {
  "a flipped bit": file => {
    const bytes = readFileSync(file)
    bytes[500]! ^= 1
    writeFileSync(file, bytes)
  },
  "a cut end": file => truncateSync(file, 700),
  "an empty file": file => truncateSync(file, 0),
  "another format": file =>
    writeFileSync(file, "something else entirely, and quite a bit longer than a header is"),
}
test.each(Object.keys(damages))("takes %s for nothing, and removes it", name => {
  const cache = new CompileCache(folder)
  cache.write("a", program(1))
  damages[name]!(join(folder, "a"))
  expect(cache.read("a")).toBeUndefined()
  expect(readdirSync(folder)).toEqual([])
  cache.write("a", program(2))
  expect(cache.read("a")![0]).toBe(2)
})

test("over its size it drops what was used longest ago", () => {
  const cache = new CompileCache(folder, 4500)
  for (const [i, key] of ["a", "b", "c", "d"].entries()) {
    cache.write(key, program(i))
    const used = new Date(1_000_000 + i * 1000)
    utimesSync(join(folder, key), used, used)
  }
  cache.read("a")
  cache.write("e", program(9))
  expect(readdirSync(folder).sort()).toEqual(["a", "d", "e"])
  cache.write("too large", program(9, 5000))
  expect(cache.read("too large")).toBeUndefined()
})

test("what another process abandoned half-written is removed when room is made", () => {
  writeFileSync(join(folder, "old.7.partial"), "half")
  const longAgo = new Date(1_000_000)
  utimesSync(join(folder, "old.7.partial"), longAgo, longAgo)
  writeFileSync(join(folder, "new.8.partial"), "half")
  new CompileCache(folder).write("a", program(1))
  expect(readdirSync(folder).sort()).toEqual(["a", "new.8.partial"])
})

test("a folder that cannot be written is no error", () => {
  writeFileSync(join(folder, "file"), "")
  const cache = new CompileCache(join(folder, "file", "below"))
  cache.write("a", program(1))
  expect(cache.read("a")).toBeUndefined()
})

test("the user says where, how large, or not at all", () => {
  expect(userCompileCache({ SHARDLAB_COMPILE_CACHE: "off" })).toBeUndefined()
  const cache = userCompileCache({ SHARDLAB_COMPILE_CACHE: folder, SHARDLAB_COMPILE_CACHE_MB: "0.001" })!
  cache.write("a", program(1, 2000))
  expect(readdirSync(folder)).toEqual([])
  cache.write("a", program(1, 500))
  expect(readdirSync(folder)).toEqual(["a"])
})
