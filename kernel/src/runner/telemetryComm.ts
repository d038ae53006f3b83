// The comm on which the panel gets its events: a replay of what it has not seen, then live events, at most four messages a
// second. Lives in the front, so it answers while a cell keeps the runner busy. Not the panel's protocol (events.ts).

import { toWire } from "../telemetry/codec.js"
import {
  type KernelMessage,
  type PanelMessage,
  telemetryComm,
  telemetryVersion,
} from "../telemetry/events.js"
import type { CommPublisher, WireComm } from "../wire/handlers.js"
import type { KernelSession } from "./KernelSession.js"

const intervalMs = 250

interface Panel {
  readonly publish: CommPublisher
  /** Sequence number of the last event sent; undefined before a hello of a known version. */
  sent: number | undefined
}

export class TelemetryComms {
  readonly #panels = new Map<string, Panel>()
  readonly #session: KernelSession
  #timer: NodeJS.Timeout | undefined

  constructor(session: KernelSession) {
    this.#session = session
    session.onTelemetry(() => this.#schedule())
  }

  /** True when the message belongs to the telemetry comm, which has then been answered. */
  take(message: WireComm, publish: CommPublisher): boolean {
    if (message.kind === "open" && message.target !== telemetryComm) return false
    if (message.kind === "open") this.#panels.set(message.id, { publish, sent: undefined })
    const panel = this.#panels.get(message.id)
    if (panel === undefined) return false
    if (message.kind === "close") this.#panels.delete(message.id)
    else if (isHello(message.data)) this.#greet(message.id, panel, message.data)
    return true
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#panels.clear()
  }

  #greet(id: string, panel: Panel, hello: PanelMessage): void {
    if (hello.version === telemetryVersion) {
      this.#send(id, panel, "replay", hello.since ?? 0)
      return
    }
    panel.sent = undefined
    const message = `This kernel speaks version ${telemetryVersion} of ${telemetryComm}, not ${hello.version}.`
    const answer: KernelMessage = { type: "error", message, supported: [telemetryVersion] }
    panel.publish.comm({ kind: "msg", id, data: answer })
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      for (const [id, panel] of this.#panels) {
        if (panel.sent !== undefined) this.#send(id, panel, "events", panel.sent)
      }
    }, intervalMs)
    this.#timer.unref()
  }

  #send(id: string, panel: Panel, type: "replay" | "events", since: number): void {
    const { seq, events } = this.#session.recorded(since)
    panel.sent = seq
    if (type === "events" && events.length === 0) return
    const wire = toWire(events)
    const data: KernelMessage = { type, version: telemetryVersion, seq, now: Date.now(), events: wire.events }
    panel.publish.comm({ kind: "msg", id, data, buffers: wire.buffers })
  }
}

function isHello(data: unknown): data is PanelMessage {
  return typeof data === "object" && data !== null && (data as { type?: unknown }).type === "hello"
}
