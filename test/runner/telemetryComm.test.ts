// The panel's comm: hello, replay, live events, and a version that this kernel does not speak.
import { afterEach, beforeEach, expect, test, vi } from "vitest"
import type { KernelSession } from "../../kernel/src/runner/KernelSession.js"
import { TelemetryComms } from "../../kernel/src/runner/telemetryComm.js"
import { fromWire } from "../../kernel/src/telemetry/codec.js"
import { type KernelMessage, type TelemetryEvent, telemetryComm } from "../../kernel/src/telemetry/events.js"
import { RingBuffer } from "../../kernel/src/telemetry/ring.js"
import type { WireComm } from "../../kernel/src/wire/handlers.js"

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function panel(): {
  sent: WireComm[]
  record(event: TelemetryEvent): void
  say(data: unknown): void
  comms: TelemetryComms
} {
  const ring = new RingBuffer()
  let listener: (event: TelemetryEvent) => void = () => {}
  const session: Pick<KernelSession, "recorded" | "onTelemetry"> = {
    recorded: since => ring.since(since),
    onTelemetry(next) {
      listener = next
      return () => {}
    },
  }
  const comms = new TelemetryComms(session as KernelSession)
  const sent: WireComm[] = []
  const publish = { comm: (message: WireComm) => void sent.push(message) }
  comms.take({ kind: "open", id: "p", target: telemetryComm, data: {} }, publish)
  return {
    comms,
    sent,
    record(event) {
      ring.push(event)
      listener(event)
    },
    say: data => void comms.take({ kind: "msg", id: "p", data }, publish),
  }
}

const log = (text: string): TelemetryEvent => ({ kind: "log", t: 1, source: "test", level: "info", text })
const messages = (sent: WireComm[]): KernelMessage[] => sent.map(({ data }) => data as KernelMessage)

test("hello replays, then events come at most four times a second", () => {
  const { sent, record, say } = panel()
  record(log("early"))
  vi.advanceTimersByTime(1000)
  expect(sent).toEqual([])
  say({ type: "hello", version: 1 })
  for (let i = 0; i < 100; i++) {
    record(log(`live ${i}`))
    vi.advanceTimersByTime(10)
  }
  const [replay, ...live] = messages(sent)
  expect(replay).toMatchObject({ type: "replay", version: 1, seq: 1, events: [{ text: "early" }] })
  expect(live.length).toBeLessThanOrEqual(4)
  vi.advanceTimersByTime(1000)
  const texts = messages(sent).flatMap(message => (message.type === "events" ? message.events : []))
  expect(texts.map(event => (event.kind === "log" ? event.text : ""))).toEqual(
    Array.from({ length: 100 }, (_, i) => `live ${i}`),
  )
})

test("since asks only for what was missed", () => {
  const { sent, record, say } = panel()
  record(log("seen"))
  record(log("missed"))
  say({ type: "hello", version: 1, since: 1 })
  expect(messages(sent)).toMatchObject([{ type: "replay", seq: 2, events: [{ text: "missed" }] }])
})

test("an unknown version gets the versions that are spoken, and nothing else", () => {
  const { sent, record, say } = panel()
  say({ type: "hello", version: 99 })
  record(log("not for you"))
  vi.advanceTimersByTime(1000)
  expect(messages(sent)).toEqual([{ type: "error", message: expect.stringContaining("99"), supported: [1] }])
})

test("columns of shards travel as buffers", () => {
  const { sent, record, say } = panel()
  const one = Float64Array.of(1)
  const columns = {
    id: Uint32Array.of(7),
    state: Uint8Array.of(2),
    worker: Uint16Array.of(0),
    attempt: Uint8Array.of(1),
    start: one,
    ms: Float32Array.of(3),
    rows: one,
    bytes: one,
    spill: one,
  }
  const batch: TelemetryEvent = { kind: "shard.batch", t: 1, stage: "s", columns }
  record(batch)
  say({ type: "hello", version: 1 })
  const [replay] = messages(sent)
  if (replay?.type !== "replay") throw new Error("no replay")
  expect(fromWire(replay.events, sent[0]!.buffers!)).toEqual([batch])
})

test("other comms are left to the runner, closed panels get nothing", () => {
  const { comms, sent, record, say } = panel()
  const nobody = { comm: () => {} }
  expect(comms.take({ kind: "open", id: "w", target: "jupyter.widget", data: {} }, nobody)).toBe(false)
  expect(comms.take({ kind: "msg", id: "w", data: {} }, nobody)).toBe(false)
  say({ type: "hello", version: 1 })
  comms.take({ kind: "close", id: "p", data: {} }, nobody)
  const before = sent.length
  record(log("late"))
  vi.advanceTimersByTime(1000)
  expect(sent.length).toBe(before)
})
