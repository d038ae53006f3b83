// The runner's second thread. It stops the main thread when a cell hogs it, hands over the lines that the user types, and
// samples the host while the main thread is busy. It has its own pipe to the front; when that closes, the front is gone
// and the process ends, whatever the main thread does.

import { Session } from "node:inspector"
import { Socket } from "node:net"
import { parentPort, workerData } from "node:worker_threads"
import type { TelemetryEvent } from "../../telemetry/events.js"
import { FrameReader, messageFrame } from "../frames.js"
import { type FromWatchdog, type ToWatchdog, watchdogFd } from "../protocol.js"
import {
  type AnswerMessage,
  interruptDone,
  interruptSeen,
  lastAnswered,
  type WatchdogData,
} from "./watchdogLink.js"

const { flags, answers, sampleMs } = workerData as WatchdogData
const main = parentPort!
const inspector = new Session()
inspector.connectToMainThread()

const front = new Socket({ fd: watchdogFd })
const reader = new FrameReader(message => take(message as ToWatchdog))
front.on("data", chunk => reader.push(chunk))
front.on("error", () => {})
front.on("close", () => process.kill(process.pid, "SIGKILL"))
main.postMessage("ready")
void sample()

/** Main gets this long to notice an interrupt by itself: then it only awaits something, and nothing is terminated. */
const noticeMs = 15
const retryMs = 100
const attempts = 600

let interrupting = false

function take(message: ToWatchdog): void {
  if (message.type === "answer") {
    const { question, answer } = message
    answers.postMessage({ question, answer } satisfies AnswerMessage)
    Atomics.store(flags, lastAnswered, question)
    Atomics.notify(flags, lastAnswered)
  } else if (!interrupting) void interrupt()
}

/**
 * Two cases. The main thread awaits: its event loop takes the message and settles the cell, and a termination would hit
 * some innocent callback. The main thread loops: it does not answer, so its JavaScript is terminated, after which the
 * message is taken. Repeated because a loop can live in callbacks that follow one another.
 */
async function interrupt(): Promise<void> {
  interrupting = true
  Atomics.store(flags, interruptSeen, 0)
  Atomics.store(flags, interruptDone, 0)
  for (let attempt = 0; attempt < attempts && Atomics.load(flags, interruptDone) === 0; attempt++) {
    main.postMessage("interrupt")
    await pause(noticeMs)
    if (Atomics.load(flags, interruptSeen) === 0) inspector.post("Runtime.terminateExecution")
    for (let waited = 0; waited < retryMs && Atomics.load(flags, interruptDone) === 0; waited += 2)
      await pause(2)
  }
  interrupting = false
}

function pause(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}

/** The sampler writes GPU and host numbers at its own pace, so that they flow while a cell runs. */
async function sample(): Promise<void> {
  if (sampleMs <= 0) return
  const { startSampler } = await import("../../telemetry/sampler.js")
  startSampler(event => send({ type: "telemetry", event: { t: Date.now(), ...event } as TelemetryEvent }), {
    intervalMs: sampleMs,
  })
}

function send(message: FromWatchdog): void {
  front.write(messageFrame(message))
}
