// iopub as ZeroMQ subscribers see it: the first message is the welcome, whatever is being published meanwhile.
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setImmediate as turn } from "node:timers/promises"
import { afterAll, expect, test } from "vitest"
import { Subscriber } from "zeromq"
import { address, type Connection } from "../../kernel/src/wire/connection.js"
import { Sockets } from "../../kernel/src/wire/sockets.js"

const folder = mkdtempSync(join(tmpdir(), "shardlab-sockets-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test("every subscriber is welcomed first, also when it joins in the middle of output", async () => {
  const { sockets, connect } = await publisher("busy")
  let publishing = true
  const output = (async () => {
    for (let n = 0; publishing; n++) {
      sockets.publish([Buffer.from("stream"), Buffer.from(`${n}`)])
      await turn()
    }
  })()
  for (let n = 0; n < 20; n++) {
    const subscriber = connect("")
    expect(await received(subscriber, 2)).toEqual(["welcome to ", expect.stringMatching(/^stream \d+$/)])
    subscriber.close()
  }
  publishing = false
  await output
  await sockets.close()
})

test("a topic subscribes to its own messages, and unsubscribing ends them", async () => {
  const { sockets, connect } = await publisher("topics")
  const [status, all] = [connect("status"), connect("")]
  expect(await received(status, 1)).toEqual(["welcome to status"])
  expect(await received(all, 1)).toEqual(["welcome to "])
  for (const topic of ["stream", "status"]) sockets.publish([Buffer.from(topic), Buffer.from("1")])
  expect(await received(status, 1)).toEqual(["status 1"])
  expect(await received(all, 2)).toEqual(["stream 1", "status 1"])

  status.unsubscribe("status")
  status.subscribe("stream")
  expect(await received(status, 1)).toEqual(["welcome to stream"])
  for (const topic of ["status", "stream"]) sockets.publish([Buffer.from(topic), Buffer.from("2")])
  expect(await received(status, 1)).toEqual(["stream 2"])
  for (const subscriber of [status, all]) subscriber.close()
  await sockets.close()
})

async function publisher(name: string): Promise<{ sockets: Sockets; connect(topic: string): Subscriber }> {
  const ports = { shellPort: 1, controlPort: 2, iopubPort: 3, stdinPort: 4, heartbeatPort: 5 }
  const connection: Connection = { ip: join(folder, name), transport: "ipc", key: "", ...ports }
  const sockets = new Sockets()
  await sockets.bind(connection)
  // The subscriber's topics would hide the welcome of another, so it goes out under the topic itself.
  sockets.listen({ received: () => {}, welcome: topic => [Buffer.from(topic), Buffer.from("welcome")] })
  const connect = (topic: string): Subscriber => {
    const subscriber = new Subscriber({ linger: 0, receiveTimeout: 10_000 })
    subscriber.connect(address(connection, connection.iopubPort))
    subscriber.subscribe(topic)
    return subscriber
  }
  return { sockets, connect }
}

async function received(subscriber: Subscriber, count: number): Promise<string[]> {
  const seen: string[] = []
  while (seen.length < count) {
    const [topic, text] = (await subscriber.receive()).map(String)
    seen.push(text === "welcome" ? `welcome to ${topic}` : `${topic} ${text}`)
  }
  return seen
}
