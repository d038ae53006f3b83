// The kernel as a client sees it over ZeroMQ: queueing, signing, status and output. What a cell means is test/runner.
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { type Executed, KernelClient, shardlabArgv } from "../services/kernelClient.mjs"

let kernel: KernelClient

beforeAll(async () => {
  kernel = await KernelClient.start()
  await kernel.ready()
})
afterAll(() => kernel.stop())

test("a value is an execute_result under its request", async () => {
  const { reply, outputs } = await kernel.execute("20 + 1")
  expect(reply).toMatchObject({ status: "ok", payload: [], user_expressions: {} })
  expect(outputs.map(({ type }) => type)).toEqual(["execute_result"])
  expect(outputs[0]!.content.data).toEqual({ "text/plain": "21" })
})

test("a message with a wrong signature is dropped", async () => {
  const id = kernel.send("shell", "execute_request", { code: "globalThis.forged = true" }, { key: "wrong" })
  await kernel.execute("1")
  expect(kernel.iopubMessages.filter(({ parent }) => parent.msg_id === id)).toEqual([])
  expect(resultOf(await kernel.execute("(globalThis as any).forged === undefined"))).toBe("true")
})

test("an error aborts what was queued, and nothing that is sent later", async () => {
  const go = join(mkdtempSync(join(tmpdir(), "shardlab-wire-")), "go")
  const waits = `while (!require("node:fs").existsSync(${JSON.stringify(go)})) await new Promise(r => setTimeout(r, 20))`
  const codes = [`${waits}\nthrow new Error('stop')`, "1", "2"]
  const cells = codes.map((code, i) => kernel.execute(code, { id: `queued-${i}` }))
  // Answered in order of arrival, so the cells before it are there.
  await kernel.request("shell", "kernel_info_request", {})
  writeFileSync(go, "")
  const [failed, ...aborted] = await Promise.all(cells)
  expect(failed!.reply).toMatchObject({ status: "error", ename: "Error", evalue: "stop" })
  expect(aborted.map(({ reply }) => reply.status)).toEqual(["aborted", "aborted"])
  expect(resultOf(await kernel.execute("'runs'"))).toBe("'runs'")
})

test("stop_on_error false lets the queue run on", async () => {
  const failing = kernel.execute("throw new Error('x')", { stop_on_error: false })
  const next = kernel.execute("7")
  expect((await failing).reply.status).toBe("error")
  expect(resultOf(await next)).toBe("7")
})

test("a hundred thousand lines arrive complete and before idle", async () => {
  const { outputs } = await kernel.execute("for (let i = 0; i < 100_000; i++) console.log(i)")
  const text = outputs.map(({ content }) => content.text).join("")
  expect(text === `${Array.from({ length: 100_000 }, (_, i) => i).join("\n")}\n`).toBe(true)
  expect(outputs.length).toBeLessThan(5_000)
})

test("text over the limit is cut, said in one line, and the kernel goes on", async () => {
  const { outputs, reply } = await kernel.execute("console.log('é'.repeat(50_000_000))")
  const text = outputs.map(({ content }) => content.text).join("")
  expect(reply.status).toBe("ok")
  expect(Buffer.byteLength(text)).toBeLessThan(10_001_000)
  expect(text).toContain("90.0 MB more were printed and not shown")
  expect(text).not.toContain("\ufffd")
})

test("output comes in the order in which the cell made it", async () => {
  const { outputs } = await kernel.execute(
    "console.log('a'); console.error('b'); display({ 'text/plain': 'c' }); console.log('d'); 'e'",
  )
  const shown = outputs.map(({ content }) => content.text ?? content.data["text/plain"])
  expect(shown).toEqual(["a\n", "b\n", "c", "d\n", "'e'"])
})

test("text flows while the cell that printed it loops, and the kernel answers everything else", async () => {
  const id = "loop"
  const printed = kernel.until(({ type, parent }) => type === "stream" && parent.msg_id === id)
  const running = kernel.execute("console.log('before'); while (true) {}", { id })
  expect((await printed).content.text).toBe("before\n")
  await kernel.heartbeat(60_000)
  const info = await kernel.request("control", "kernel_info_request", {})
  expect(info.content.protocol_version).toBe("5.4")
  const { content } = await kernel.request("shell", "complete_request", { code: "Math.cbr", cursor_pos: 8 })
  expect(content.matches).toContain("cbrt")
  const states = kernel.iopubMessages.filter(({ type }) => type === "status")
  expect(states.at(-1)!.content.execution_state).toBe("busy")
  await kernel.request("control", "interrupt_request", {})
  expect((await running).reply).toMatchObject({ status: "error", ename: "Interrupted" })
})

test("input and prompt ask the client, and fail where it does not allow that", async () => {
  kernel.onStdin(({ prompt }) => `<${prompt}>`)
  const asked = await kernel.execute("(await input('a')) + prompt('b')", { allow_stdin: true })
  expect(resultOf(asked)).toBe("'<a><b>'")
  const { reply } = await kernel.execute("prompt('b')")
  expect(reply.evalue).toContain("does not let a cell ask for input")
})

test("silent cells show nothing and do not count", async () => {
  const before = (await kernel.execute("0")).reply.execution_count
  const silent = await kernel.execute("console.log('quiet'); 5", { silent: true })
  expect(silent.outputs).toEqual([])
  expect((await kernel.execute("0")).reply.execution_count).toBe(before + 1)
})

test("user expressions are evaluated after the cell, one by one", async () => {
  const { reply } = await kernel.execute("const ue = 4", {
    user_expressions: { good: "ue * 2", bad: "missing" },
  })
  expect(reply.user_expressions.good).toMatchObject({ status: "ok", data: { "text/plain": "8" } })
  expect(reply.user_expressions.bad).toMatchObject({ status: "error", ename: "ReferenceError" })
})

test("an output can be replaced in place, and cleared", async () => {
  const { outputs } = await kernel.execute(
    "import { clearOutput } from 'shardlab'\nconst shown = await display({ 'text/plain': '1' }, { id: 'bar' })\n" +
      "shown.update({ 'text/plain': '2' })\nclearOutput({ wait: true })",
  )
  expect(outputs.map(({ type }) => type)).toEqual(["display_data", "update_display_data", "clear_output"])
  expect(outputs[1]!.content).toMatchObject({ data: { "text/plain": "2" }, transient: { display_id: "bar" } })
  expect(outputs[2]!.content).toEqual({ wait: true })
})

test("history gives what ran, with results", async () => {
  await kernel.execute("31 + 1")
  const request = { hist_access_type: "tail", n: 1, output: true, raw: true }
  const { content } = await kernel.request("shell", "history_request", request)
  expect(content.history[0][2]).toEqual(["31 + 1", "32"])
})

test("positions count code points, not UTF-16 units", async () => {
  const code = "/* 🎉🎉 */ Math.cbr"
  const cursor_pos = [...code].length
  const { content } = await kernel.request("shell", "complete_request", { code, cursor_pos })
  expect(content).toMatchObject({ matches: ["cbrt"], cursor_start: cursor_pos - 3, cursor_end: cursor_pos })
})

test("a comm to a target that nobody registered is closed", async () => {
  const closed = kernel.until(({ type, content }) => type === "comm_close" && content.comm_id === "lost")
  kernel.send("shell", "comm_open", { comm_id: "lost", target_name: "nobody", data: {} })
  await closed
  const { content } = await kernel.request("shell", "comm_info_request", {})
  expect(content.comms).toEqual({})
})

test("a cell opens a comm, and both sides speak, with buffers", async () => {
  const opened = kernel.until(({ type }) => type === "comm_open")
  await kernel.execute(`import { comms } from "shardlab"
const comm = comms.open("chart", { bars: 3 }, [Uint8Array.of(1, 2)])
comm.onMessage(({ data, buffers }) => comm.send({ got: data, bytes: buffers[0]!.length }))`)
  const { content, buffers } = await opened
  expect(content).toMatchObject({ target_name: "chart", data: { bars: 3 } })
  expect([...buffers[0]!]).toEqual([1, 2])
  const answered = kernel.until(({ type }) => type === "comm_msg")
  kernel.send(
    "shell",
    "comm_msg",
    { comm_id: content.comm_id, data: "hi" },
    { buffers: [Buffer.from("abc")] },
  )
  expect((await answered).content).toEqual({ comm_id: content.comm_id, data: { got: "hi", bytes: 3 } })
  const info = await kernel.request("shell", "comm_info_request", { target_name: "chart" })
  expect(info.content.comms).toEqual({ [content.comm_id]: { target_name: "chart" } })
})

test("the runner does not outlive a front that is killed, not even in a loop", async () => {
  const other = await KernelClient.start()
  await other.ready()
  const runner = resultOf(await other.execute("process.pid"))
  void other.execute("while (true) {}")
  await other.until(({ type }) => type === "execute_input")
  other.process.kill("SIGKILL")
  await other.exited
  await expect.poll(() => isRunning(runner!), { timeout: 60_000 }).toBe(false)
  await other.stop()
})

test("a kernel whose Jupyter server was killed ends by itself, also while it runs a cell", async () => {
  const server = `const { spawn } = require("node:child_process")
const env = { ...process.env, JPY_PARENT_PID: String(process.pid) }
spawn(process.execPath, [${JSON.stringify(shardlabArgv[1])}, "kernel", "-f", process.argv[1]], { env, detached: true, stdio: "ignore" })
setInterval(() => {}, 1000)`
  const other = await KernelClient.start({ argv: [process.execPath, "-e", server, "{connection_file}"] })
  await other.ready()
  const front = resultOf(await other.execute("process.ppid"))
  void other.execute("await new Promise(() => {})")
  await other.until(({ type }) => type === "execute_input")
  other.process.kill("SIGKILL")
  await expect.poll(() => isRunning(front!), { timeout: 60_000 }).toBe(false)
  await other.stop()
})

test("shutdown ends the kernel also while a loop runs", async () => {
  const other = await KernelClient.start()
  await other.ready()
  void other.execute("while (true) {}")
  await other.until(({ type }) => type === "execute_input")
  const reply = await other.request("control", "shutdown_request", { restart: true })
  expect(reply.content).toEqual({ status: "ok", restart: true })
  expect(await other.exited).toEqual({ code: 0, signal: null })
  await other.stop()
})

function resultOf({ outputs }: Executed): string | undefined {
  return outputs.find(({ type }) => type === "execute_result")?.content.data["text/plain"]
}

/** A process that has ended and that nobody has waited for yet (Z) does not run. */
function isRunning(pid: string): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"))
  } catch {
    return false
  }
}
