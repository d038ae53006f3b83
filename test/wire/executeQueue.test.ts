// The queue of execute requests: one at a time, and what an error does to those behind it.
import { expect, test } from "vitest"
import { ExecuteQueue } from "../../kernel/src/wire/executeQueue.js"
import { type Message, MessageCodec } from "../../kernel/src/wire/message.js"

const request = (code: string, stop = true): Message =>
  new MessageCodec("").make("execute_request", { code, stop_on_error: stop })

function queueThatLogs(): { queue: ExecuteQueue; log: string[]; settled: () => Promise<void> } {
  const log: string[] = []
  const queue = new ExecuteQueue(
    async ({ content: { code } }) => {
      log.push(`start ${code}`)
      await new Promise(resolve => setTimeout(resolve, 1))
      return { failed: String(code).startsWith("bad"), finish: () => void log.push(`end ${code}`) }
    },
    ({ content: { code } }) => void log.push(`abort ${code}`),
  )
  const settled = async (): Promise<void> => {
    while (queue.running !== undefined) await new Promise(resolve => setTimeout(resolve, 1))
  }
  return { queue, log, settled }
}

test("runs one after the other", async () => {
  const { queue, log, settled } = queueThatLogs()
  queue.push(request("a"))
  queue.push(request("b"))
  await settled()
  expect(log).toEqual(["start a", "end a", "start b", "end b"])
})

test("an error aborts what waits, and a request sent after it runs", async () => {
  const { queue, log, settled } = queueThatLogs()
  for (const code of ["bad", "b", "c"]) queue.push(request(code))
  await settled()
  queue.push(request("later"))
  await settled()
  expect(log).toEqual(["start bad", "end bad", "abort b", "abort c", "start later", "end later"])
})

test("a request that does not stop on errors lets the others run", async () => {
  const { queue, log, settled } = queueThatLogs()
  queue.push(request("bad", false))
  queue.push(request("b"))
  await settled()
  expect(log).toEqual(["start bad", "end bad", "start b", "end b"])
})
