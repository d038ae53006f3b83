// Puts a session behind the Jupyter wire: the only place that knows both. Not the command line (main.ts).

import { readFileSync } from "node:fs"
import { readConnection } from "../wire/connection.js"
import type {
  CellPublisher,
  ExecuteRequest,
  ExecuteResult,
  KernelHandlers,
  KernelInfo,
} from "../wire/handlers.js"
import { JupyterServer } from "../wire/server.js"
import type { KernelSession, OutputSink } from "./KernelSession.js"
import { TelemetryComms } from "./telemetryComm.js"

/** Serves `session` to the clients of a connection file until one asks for a shutdown. */
export async function serve(connectionFile: string, session: KernelSession): Promise<void> {
  const telemetry = new TelemetryComms(session)
  const server = new JupyterServer(readConnection(connectionFile), handlersFor(session, telemetry))
  // A terminal's Ctrl-C and clients that do not know interrupt messages.
  process.on("SIGINT", () => void session.interrupt())
  process.once("SIGTERM", () => void server.stop())
  endWithParent(server)
  await server.start()
  await server.done
}

const lookEveryMs = 1000

/**
 * A client that started us and is gone without a word (killed, or crashed) can never reach us again, as nobody else knows
 * our ports: jupyter_client says with JPY_PARENT_PID that it is one of those.
 */
function endWithParent(server: JupyterServer): void {
  if (!process.env.JPY_PARENT_PID) return
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    void server.stop()
  }, lookEveryMs)
  timer.unref()
}

/** The wire's handlers over a session. A dropped message is noted in the telemetry log and earns no answer. */
export function handlersFor(session: KernelSession, telemetry: TelemetryComms): KernelHandlers {
  return {
    info: kernelInfo(),
    execute: (request, publish) => execute(session, request, publish),
    complete: (code, offset) => session.complete(code, offset),
    inspect: (code, offset, detail) => session.inspect(code, offset, detail),
    isComplete: code => session.isComplete(code),
    interrupt: () => session.interrupt(),
    async shutdown() {
      telemetry.close()
      await session.close()
    },
    async comm(message, publish) {
      if (!telemetry.take(message, publish)) await session.comm(message)
    },
    dropped: (reason, detail) => session.note(`A message was dropped (${reason}): ${detail}`),
  }
}

async function execute(
  session: KernelSession,
  { id, n, code, silent, userExpressions }: ExecuteRequest,
  publish: CellPublisher,
): Promise<ExecuteResult> {
  // A publisher is a sink: both speak of streams, bundles and questions, neither of messages.
  const sink: OutputSink = publish
  const outcome = await session.execute(code, { id, n, silent, userExpressions }, sink)
  if (outcome.status === "ok") return { status: "ok", userExpressions: outcome.userExpressions }
  const { ename, evalue, traceback } = outcome
  return { status: "error", ename, evalue, traceback }
}

function kernelInfo(): KernelInfo {
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
    version: string
  }
  return {
    implementation: "shardlab",
    implementationVersion: version,
    banner: `shardlab ${version}: TypeScript with dataframes, training and scaling (Node ${process.version})`,
    languageInfo: {
      name: "typescript",
      version: "5.9",
      mimetype: "text/typescript",
      file_extension: ".ts",
      // JupyterLab picks the highlighter by this name and ignores the mimetype; nbconvert takes pygments_lexer.
      codemirror_mode: "typescript",
      pygments_lexer: "typescript",
      nbconvert_exporter: "script",
    },
    helpLinks: [],
  }
}
