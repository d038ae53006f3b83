// A real Jupyter server with our kernel, driven as JupyterLab drives it: @jupyterlab/services over HTTP and WebSocket.
import { type ChildProcess, spawn } from "node:child_process"
import { randomUUID } from "node:crypto"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Kernel, KernelManager, type KernelMessage, ServerConnection } from "@jupyterlab/services"
import { afterAll, beforeAll, expect, test } from "vitest"
import WebSocket from "ws"
import { installedKernel, projectPython } from "./jupyterFixture.js"
import { freePort } from "./service.mjs"

const folder = mkdtempSync(join(tmpdir(), "shardlab-server-"))
const { jupyterPath, prefix } = installedKernel()
let server: ChildProcess
let manager: KernelManager
let kernel: Kernel.IKernelConnection

beforeAll(async () => {
  const port = await freePort()
  const token = randomUUID()
  const options = [
    `--ServerApp.port=${port}`,
    "--ServerApp.ip=127.0.0.1",
    `--IdentityProvider.token=${token}`,
  ]
  const args = [
    "-m",
    "jupyter_server",
    ...options,
    "--no-browser",
    "--allow-root",
    `--ServerApp.root_dir=${folder}`,
  ]
  const env = {
    ...process.env,
    JUPYTER_PATH: jupyterPath,
    JUPYTER_CONFIG_DIR: folder,
    JUPYTER_RUNTIME_DIR: folder,
  }
  server = spawn(projectPython, args, { env, stdio: "ignore" })
  const serverSettings = ServerConnection.makeSettings({
    baseUrl: `http://127.0.0.1:${port}/`,
    wsUrl: `ws://127.0.0.1:${port}/`,
    token,
    appendToken: true,
    WebSocket: WebSocket as unknown as typeof globalThis.WebSocket,
  })
  await answers(`http://127.0.0.1:${port}/api?token=${token}`)
  manager = new KernelManager({ serverSettings })
  await manager.ready
  kernel = await manager.startNew({ name: "shardlab" })
  await kernel.info
})

afterAll(async () => {
  await kernel?.shutdown()
  manager?.dispose()
  server.kill("SIGTERM")
  await new Promise(resolve => server.once("exit", resolve))
  for (const path of [folder, prefix]) rmSync(path, { recursive: true, force: true })
})

test("the kernel introduces itself as TypeScript", async () => {
  const info = await kernel.info
  expect(info.language_info).toMatchObject({
    name: "typescript",
    file_extension: ".ts",
    codemirror_mode: "typescript",
  })
})

test("executes, displays and gives results", async () => {
  const { reply, outputs } = await execute(
    "console.log('hello'); display({ 'text/html': '<b>b</b>', 'text/plain': 'b' }); const x: number = 20; x * 2",
  )
  expect(reply.status).toBe("ok")
  expect(outputs.map(({ header }) => header.msg_type)).toEqual(["stream", "display_data", "execute_result"])
  expect(outputs[2]!.content).toMatchObject({ data: { "text/plain": "40" } })
})

test("completes and inspects", async () => {
  const completion = await kernel.requestComplete({ code: "const y = x.toFix", cursor_pos: 17 })
  expect(completion.content).toMatchObject({ status: "ok", matches: ["toFixed"] })
  const inspection = await kernel.requestInspect({ code: "parseInt", cursor_pos: 8, detail_level: 0 })
  expect(JSON.stringify(inspection.content)).toContain("parseInt")
})

test("the telemetry comm replays and goes on while a cell runs, and leaves the kernel busy", async () => {
  const go = join(folder, "go")
  const printed = nextText()
  const running = execute(
    `console.log("begun"); while (!require("node:fs").existsSync(${JSON.stringify(go)})); 'done'`,
  )
  await printed
  const comm = kernel.createComm("shardlab.telemetry.v1")
  const messages: KernelMessage.ICommMsgMsg[] = []
  comm.onMsg = message => void messages.push(message)
  comm.open({})
  comm.send({ type: "hello", version: 1 })
  await eventually(() => messages.length >= 2)
  expect(messages[0]!.content.data).toMatchObject({ type: "replay", version: 1 })
  expect(JSON.stringify(messages[0]!.content.data)).toContain("cell.start")
  expect(messages[1]!.content.data).toMatchObject({ type: "events" })
  expect(kernel.status).toBe("busy")
  writeFileSync(go, "")
  expect((await running).reply.status).toBe("ok")
  await eventually(() => kernel.status === "idle")
  await comm.close().done
})

test("shards come as binary buffers", async () => {
  const bus = JSON.stringify(new URL("../../kernel/lib/telemetry/bus.js", import.meta.url).pathname)
  await execute(`const { emit } = await import(${bus} as string)
const f = (n: number) => Float64Array.of(n)
emit({ kind: "stage.start", stage: "s", name: "scan", tasks: 1 })
emit({ kind: "shard.batch", stage: "s", columns: { id: Uint32Array.of(7), state: Uint8Array.of(2), worker: Uint16Array.of(0),
  attempt: Uint8Array.of(1), start: f(Date.now()), ms: Float32Array.of(3), rows: f(11), bytes: f(12), spill: f(0) } })`)
  const comm = kernel.createComm("shardlab.telemetry.v1")
  const arrived = new Promise<KernelMessage.ICommMsgMsg>(resolve => {
    comm.onMsg = resolve
  })
  comm.open({})
  comm.send({ type: "hello", version: 1 })
  const { content, buffers } = await arrived
  const { events } = content.data as unknown as {
    events: { kind: string; columns: Record<string, number> }[]
  }
  const { columns } = events.find(({ kind }) => kind === "shard.batch")!
  const rows = bytesOf(buffers![columns.rows!]!)
  expect([...new Float64Array(rows)]).toEqual([11])
  expect([...new Uint32Array(bytesOf(buffers![columns.id!]!))]).toEqual([7])
})

test("a panel of another version gets one error", async () => {
  const comm = kernel.createComm("shardlab.telemetry.v1")
  const data: unknown[] = []
  comm.onMsg = message => void data.push(message.content.data)
  comm.open({})
  comm.send({ type: "hello", version: 99 })
  await execute("await new Promise(r => setTimeout(r, 600))")
  expect(data).toEqual([{ type: "error", message: expect.any(String), supported: [1] }])
})

test("interrupts a loop and keeps the variables", async () => {
  await execute("let kept = 5")
  const printed = nextText()
  const running = execute("console.log('begun'); while (true) {}")
  await printed
  await kernel.interrupt()
  expect((await running).reply).toMatchObject({ status: "error", ename: "Interrupted" })
  const { outputs } = await execute("kept")
  expect(outputs.at(-1)!.content).toMatchObject({ data: { "text/plain": "5" } })
})

test("restarts with a fresh scope", async () => {
  await kernel.restart()
  await kernel.info
  const { reply } = await execute("kept")
  expect(reply).toMatchObject({ status: "error", ename: "TypeCheckError" })
  expect((await execute("1 + 1")).outputs.at(-1)!.content).toMatchObject({ data: { "text/plain": "2" } })
})

async function execute(code: string): Promise<{
  reply: KernelMessage.IExecuteReplyMsg["content"]
  outputs: KernelMessage.IIOPubMessage[]
}> {
  const future = kernel.requestExecute({ code })
  const outputs: KernelMessage.IIOPubMessage[] = []
  future.onIOPub = message => {
    if (!["status", "execute_input"].includes(message.header.msg_type)) outputs.push(message)
  }
  const { content } = await future.done
  return { reply: content, outputs }
}

/** Resolves when the kernel prints: its cell has begun. */
function nextText(): Promise<void> {
  return new Promise(resolve => {
    const listener = (_: unknown, message: KernelMessage.IIOPubMessage) => {
      if (message.header.msg_type !== "stream") return
      kernel.iopubMessage.disconnect(listener)
      resolve()
    }
    kernel.iopubMessage.connect(listener)
  })
}

function bytesOf(buffer: ArrayBuffer | ArrayBufferView): ArrayBuffer {
  const view = ArrayBuffer.isView(buffer) ? buffer : new Uint8Array(buffer)
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength).slice().buffer as ArrayBuffer
}

async function eventually(holds: () => boolean, timeoutMs = 60_000): Promise<void> {
  for (const end = Date.now() + timeoutMs; !holds(); await new Promise(resolve => setTimeout(resolve, 20))) {
    if (Date.now() > end) throw new Error("it did not happen in time")
  }
}

async function answers(url: string): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    const ok = await fetch(url).then(
      response => response.ok,
      () => false,
    )
    if (ok) return
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  throw new Error("the Jupyter server did not come up")
}
