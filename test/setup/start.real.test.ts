// `npm start` on what setup has made: JupyterLab with our kernel and panel on loopback; and what it refuses.
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { createServer } from "node:net"
import { resolve } from "node:path"
import { afterEach, expect, test } from "vitest"
import { freePort } from "../services/service.mjs"

const script = resolve(import.meta.dirname, "../../extension/setup/start.mjs")
let running: ChildProcess | undefined
afterEach(() => running?.kill("SIGKILL"))

test("serves JupyterLab with the kernel and the panel, to this machine only, and ends when asked", async () => {
  const port = await freePort()
  running = spawn(process.execPath, [script, "--no-browser", "--port", String(port)], {
    stdio: ["ignore", "pipe", "pipe"],
  })
  let said = ""
  running.stderr!.on("data", text => (said += text))
  running.stdout!.on("data", text => (said += text))
  const token = async () => /\?token=([0-9a-f]+)/.exec(said)?.[1]
  await expect.poll(token, { timeout: 60_000 }).toBeTruthy()
  const get = async (path: string) =>
    fetch(`http://127.0.0.1:${port}${path}`, { headers: { Authorization: `token ${await token()}` } })
  const { kernelspecs } = (await (await get("/api/kernelspecs")).json()) as {
    kernelspecs: Record<string, unknown>
  }
  expect(Object.keys(kernelspecs)).toContain("shardlab")
  const page = await (await get("/lab")).text()
  expect(page).toContain("@shardlab/extension")
  const listed = (await (await get("/api/contents")).json()) as { content: { name: string }[] }
  expect(listed.content.map(({ name }) => name)).toContain("tour.ipynb")
  expect((await fetch(`http://127.0.0.1:${port}/api/kernelspecs`)).status).toBe(403)
  const ended = new Promise(done => running!.once("exit", done))
  running.kill("SIGTERM")
  await ended
})

test("refuses a port that is taken and options that it does not know, in one line on stdout", async () => {
  const server = createServer()
  await new Promise<void>(listening => server.listen(0, "127.0.0.1", listening))
  const { port } = server.address() as { port: number }
  const start = (...args: string[]) =>
    spawnSync(process.execPath, [script, "--no-browser", ...args], { encoding: "utf8" })
  const taken = await new Promise<{ code: number | null; text: string }>(done => {
    const child = spawn(process.execPath, [script, "--no-browser", "--port", String(port)])
    let text = ""
    child.stdout.on("data", data => (text += data))
    child.once("close", code => done({ code, text }))
  })
  server.close()
  expect(taken).toEqual({ code: 1, text: expect.stringContaining(`Port ${port} is taken`) })
  expect(start("--prot", "1")).toMatchObject({
    status: 1,
    stdout: expect.stringContaining("no option `--prot`"),
  })
  expect(start("--port", "99999").stdout).toContain("number from 1 to 65535")
})
