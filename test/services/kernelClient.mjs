// Starts a real Jupyter kernel, ours or another, and talks to it over ZeroMQ as a front end does. Plain JavaScript, so
// that the benchmark can use it without a build; the types are in kernelClient.d.mts.

import { spawn } from "node:child_process"
import { createHmac, randomUUID } from "node:crypto"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Dealer, Request, Subscriber } from "zeromq"
import { freePort } from "./service.mjs"

const delimiter = "<IDS|MSG>"
const kernelMain = new URL("../../kernel/lib/main.js", import.meta.url).pathname

export const shardlabArgv = [process.execPath, kernelMain, "kernel", "-f", "{connection_file}"]

export class KernelClient {
  static async start({ argv = shardlabArgv, cwd = tmpdir(), env = {} } = {}) {
    const folder = mkdtempSync(join(tmpdir(), "shardlab-kernel-"))
    const file = join(folder, "connection.json")
    const connection = await newConnection()
    writeFileSync(file, JSON.stringify(connection))
    const [command, ...args] = argv.map(word => word.replace("{connection_file}", file))
    const started = performance.now()
    const process = spawn(command, args, { cwd, env: { ...globalThis.process.env, ...env }, stdio: "ignore" })
    return new KernelClient(process, connection, folder, started)
  }

  constructor(process, connection, folder, started) {
    Object.assign(this, { process, connection, folder, started })
    this.session = randomUUID()
    this.iopubMessages = []
    this.listeners = new Set()
    this.waiting = new Map()
    this.exited = new Promise(resolve => process.once("exit", (code, signal) => resolve({ code, signal })))
    const routingId = randomUUID()
    // Without the short interval a start-up time would be a multiple of ZeroMQ's 100 ms between attempts to connect.
    const options = { linger: 0, reconnectInterval: 2 }
    this.shell = new Dealer({ ...options, routingId })
    this.stdin = new Dealer({ ...options, routingId })
    this.control = new Dealer(options)
    this.iopub = new Subscriber({ ...options, receiveHighWaterMark: 0 })
    this.iopub.subscribe()
    for (const name of ["shell", "stdin", "control", "iopub"]) {
      this[name].connect(`tcp://${connection.ip}:${connection[`${name}_port`]}`)
      this.#read(name)
    }
  }

  /** Waits until the kernel answers and iopub delivers: messages published before a subscription are lost. */
  async ready(timeoutMs = 60_000) {
    const deadline = performance.now() + timeoutMs
    while (performance.now() < deadline) {
      const seen = this.iopubMessages.length
      const reply = await Promise.race([this.request("shell", "kernel_info_request", {}), pause(1000)])
      if (reply !== undefined) {
        for (let tries = 0; tries < 5 && this.iopubMessages.length === seen; tries++) await pause(2)
        if (this.iopubMessages.length > seen) return reply
      }
    }
    throw new Error("the kernel did not answer")
  }

  /** Sends a request and resolves with its reply. */
  request(channel, type, content, { buffers = [], key = this.connection.key, id = randomUUID() } = {}) {
    const reply = new Promise(resolve => this.waiting.set(id, resolve))
    this.send(channel, type, content, { buffers, key, id })
    return reply
  }

  send(
    channel,
    type,
    content,
    { buffers = [], key = this.connection.key, id = randomUUID(), parent = {} } = {},
  ) {
    const date = new Date().toISOString()
    const header = {
      msg_id: id,
      msg_type: type,
      session: this.session,
      username: "test",
      date,
      version: "5.4",
    }
    const parts = [header, parent, {}, content].map(part => JSON.stringify(part))
    this.sending ??= Promise.resolve()
    const frames = [delimiter, sign(key, parts), ...parts, ...buffers]
    this.sending = this.sending.then(() => this[channel].send(frames))
    return id
  }

  /** Runs a cell; resolves when both its reply and its idle status are here. */
  async execute(code, { id = randomUUID(), ...options } = {}) {
    const content = {
      code,
      silent: false,
      store_history: true,
      user_expressions: {},
      allow_stdin: false,
      stop_on_error: true,
      ...options,
    }
    const started = performance.now()
    const idle = this.until(({ type, parent, content }) => {
      return type === "status" && parent.msg_id === id && content.execution_state === "idle"
    })
    const [reply] = await Promise.all([this.request("shell", "execute_request", content, { id }), idle])
    const ms = performance.now() - started
    return { id, reply: reply.content, outputs: this.outputsOf(id), ms }
  }

  /** What a request published, without status and input. */
  outputsOf(id) {
    return this.iopubMessages.filter(
      ({ type, parent }) => parent.msg_id === id && type !== "status" && type !== "execute_input",
    )
  }

  /** The first iopub message from now on that `accepts` takes. */
  until(accepts) {
    return new Promise(resolve => {
      const listener = message => {
        if (!accepts(message)) return
        this.listeners.delete(listener)
        resolve(message)
      }
      this.listeners.add(listener)
    })
  }

  onStdin(answer) {
    this.answerStdin = answer
  }

  async heartbeat(timeoutMs) {
    const socket = new Request({ linger: 0, receiveTimeout: timeoutMs })
    socket.connect(`tcp://${this.connection.ip}:${this.connection.hb_port}`)
    const started = performance.now()
    await socket.send("ping")
    await socket.receive()
    socket.close()
    return performance.now() - started
  }

  async stop() {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      this.send("control", "shutdown_request", { restart: false })
      const timer = setTimeout(() => this.process.kill("SIGKILL"), 5000)
      await this.exited
      clearTimeout(timer)
    }
    for (const name of ["shell", "stdin", "control", "iopub"]) this[name].close()
    rmSync(this.folder, { recursive: true, force: true })
  }

  async #read(name) {
    try {
      for await (const frames of this[name]) this.#take(name, frames)
    } catch {
      // Closed while reading: the test is over.
    }
  }

  #take(name, frames) {
    const at = frames.findIndex(frame => frame.toString() === delimiter)
    const [header, parent, metadata, content] = frames
      .slice(at + 2, at + 6)
      .map(part => JSON.parse(part.toString()))
    const message = {
      type: header.msg_type,
      header,
      parent,
      metadata,
      content,
      buffers: frames.slice(at + 6),
    }
    if (name === "stdin") {
      this.send("stdin", "input_reply", { value: this.answerStdin?.(content) ?? "" }, { parent: header })
    } else if (name === "iopub") {
      this.iopubMessages.push(message)
      for (const listener of [...this.listeners]) listener(message)
    } else {
      this.waiting.get(parent.msg_id)?.(message)
      this.waiting.delete(parent.msg_id)
    }
  }
}

function sign(key, parts) {
  const mac = createHmac("sha256", key)
  for (const part of parts) mac.update(part)
  return mac.digest("hex")
}

async function newConnection() {
  const names = ["shell_port", "control_port", "iopub_port", "stdin_port", "hb_port"]
  const found = new Set()
  while (found.size < names.length) found.add(await freePort())
  const ports = Object.fromEntries(names.map((name, i) => [name, [...found][i]]))
  return { ip: "127.0.0.1", transport: "tcp", signature_scheme: "hmac-sha256", key: randomUUID(), ...ports }
}

function pause(ms) {
  return new Promise(resolve => setTimeout(resolve, ms))
}
