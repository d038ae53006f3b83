// The runner process: holds all of the user's state and runs what the front sends. Ends with the front. Not the checker
// and not Jupyter: it gets JavaScript and gives outputs (protocol.ts).

import { Socket } from "node:net"
import { subscribe } from "../../telemetry/bus.js"
import { FrameReader } from "../frames.js"
import { type Command, commandFd } from "../protocol.js"
import { CellRunner } from "./cellRunner.js"
import { comms } from "./comms.js"
import { Evaluator } from "./evaluator.js"
import { installGlobals } from "./globals.js"
import { createCellImporter } from "./importer.js"
import { provideScope } from "./notebookScope.js"
import { OutputPipe } from "./output.js"
import { patchStreams } from "./streams.js"
import { Tracebacks } from "./traceback.js"
import { WatchdogLink } from "./watchdogLink.js"

// The cell's frame is behind those of the frame, the plan and the engine, which the traceback leaves out.
Error.stackTraceLimit = 60

const output = new OutputPipe()
const tracebacks = new Tracebacks()
const evaluator = new Evaluator()
const cells = new CellRunner(evaluator, output, tracebacks)
const importer = createCellImporter(output, process.cwd())
const watchdog = new WatchdogLink(Number(process.env.SHARDLAB_SAMPLE_MS ?? 1000), () => cells.interrupt())

patchStreams(output)
installGlobals(output, watchdog, importer)
provideScope({ lookup: name => evaluator.lookup(name), importOf: value => importer.importOf(value) })
comms.connect(message => output.send({ type: "comm", message }))
subscribe(event => output.send({ type: "telemetry", event: { ...event, cell: cells.cellId } }))

// A terminal's Ctrl-C reaches the whole process group; the front turns it into an interrupt.
process.on("SIGINT", () => {})
// Errors in callbacks have no cell to fail: they are shown where the user looks, and the process goes on.
process.on("uncaughtException", error => showStray("Uncaught in a callback", error))
process.on("unhandledRejection", reason => showStray("A promise was rejected and nothing awaits it", reason))

const front = new Socket({ fd: commandFd, readable: true, writable: false })
const reader = new FrameReader(message => take(message as Command))
front.on("data", chunk => reader.push(chunk))
front.on("close", () => process.exit(0))
void watchdog.ready.then(() => output.send({ type: "ready" }))

function take(command: Command): void {
  switch (command.type) {
    case "run":
      cells.run(command)
      break
    case "comm":
      comms.receive(command.message)
      break
    case "exit":
      process.exit(0)
      break
    default:
      command satisfies never
  }
}

function showStray(what: string, reason: unknown): void {
  const { traceback } = tracebacks.describe(reason)
  output.text("stderr", Buffer.from(`${what}:\n${traceback.join("\n")}\n`))
}
