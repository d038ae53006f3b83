// The checker as a process: it may die or grow, and the notebook keeps its types.
import { existsSync, readFileSync } from "node:fs"
import { afterEach, expect, test } from "vitest"
import type { Checker } from "../../kernel/lib/cell/Checker.js"
import { startChecker } from "../../kernel/lib/cell/startChecker.js"

let checker: Checker
afterEach(() => checker.close())

let n = 0
async function ran(code: string): Promise<void> {
  const id = `c${++n}`
  expect((await checker.check(code, { id, n })).diagnostics).toEqual([])
  await checker.commit(id, { ok: true, live: [] })
}
const messages = async (code: string) =>
  (await checker.check(code, { id: "asked", n: 0 })).diagnostics.map(({ message }) => message)

/** The process of the checker that was started last. */
function pid(): number {
  const children = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, "utf8")
  return Number(children.trim().split(" ").at(-1))
}

test("a process that was killed is replaced, and the new one knows the cells that ran", async () => {
  checker = await startChecker({ cwd: import.meta.dirname })
  await ran("interface Row { id: number }\nconst row: Row = { id: 1 }")
  const killed = pid()
  process.kill(killed, "SIGKILL")
  await expect.poll(() => existsSync(`/proc/${killed}`), { timeout: 60_000 }).toBe(false)
  await ran("const next = row.id + 1")
  expect(await messages("const text: string = next")).toEqual([expect.stringContaining("'number'")])
})

test("one that dies while it is asked is an error that says so, and the next question is answered", async () => {
  checker = await startChecker({ cwd: import.meta.dirname })
  await ran("const kept = 5")
  const asked = checker.check("kept + 1", { id: "lost", n: 2 })
  process.kill(pid(), "SIGKILL")
  await expect(asked).rejects.toMatchObject({ code: "CHECKER_LOST" })
  await ran("kept + 1")
})

test("one that has grown is replaced between cells", async () => {
  checker = await startChecker({ cwd: import.meta.dirname, maxRss: 1 })
  await ran("const kept = 5")
  const before = pid()
  await ran("const more = kept + 1")
  await ran("more + kept")
  expect(pid()).not.toBe(before)
})
