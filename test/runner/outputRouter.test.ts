// Stream text is joined, order is kept.
import { expect, test } from "vitest"
import type { OutputSink } from "../../kernel/src/runner/KernelSession.js"
import { OutputRouter } from "../../kernel/src/runner/outputRouter.js"

function recorder(): { sink: OutputSink; seen: string[] } {
  const seen: string[] = []
  const sink: OutputSink = {
    stream: (name, text) => void seen.push(`${name}:${text}`),
    display: bundle => void seen.push(`display:${bundle["text/plain"]}`),
    result: bundle => void seen.push(`result:${bundle["text/plain"]}`),
    clear: wait => void seen.push(`clear:${wait}`),
    comm: ({ id }) => void seen.push(`comm:${id}`),
    input: async prompt => `<${prompt}>`,
  }
  return { sink, seen }
}

test("text of one stream becomes one output, in order with everything else", async () => {
  const { sink, seen } = recorder()
  const router = new OutputRouter()
  router.to(sink)
  for (const text of ["a", "b"]) router.text("stdout", Buffer.from(text))
  router.text("stderr", Buffer.from("c"))
  router.show({ type: "display", bundle: { "text/plain": "d" }, options: {} })
  router.text("stdout", Buffer.from("e"))
  expect(await router.ask("f", false)).toEqual({ text: "<f>" })
  router.text("stdout", Buffer.from("g"))
  router.flush()
  expect(seen).toEqual(["stdout:ab", "stderr:c", "display:d", "stdout:e", "stdout:g"])
})

test("text that nothing follows arrives soon by itself", async () => {
  const { sink, seen } = recorder()
  const router = new OutputRouter()
  router.to(sink)
  router.text("stdout", Buffer.from("alone"))
  await expect.poll(() => seen, { timeout: 20_000 }).toEqual(["stdout:alone"])
})

test("a character that is cut between two writes is put together", () => {
  const { sink, seen } = recorder()
  const router = new OutputRouter()
  router.to(sink)
  const [first, second] = [Buffer.from("é").subarray(0, 1), Buffer.from("é").subarray(1)]
  router.text("stdout", first)
  router.text("stdout", second)
  router.flush()
  expect(seen).toEqual(["stdout:é"])
})

test("what was printed for the last cell does not move to the next", () => {
  const [first, second] = [recorder(), recorder()]
  const router = new OutputRouter()
  router.to(first.sink)
  router.text("stdout", Buffer.from("late"))
  router.to(second.sink)
  router.flush()
  expect([first.seen, second.seen]).toEqual([["stdout:late"], []])
})
