// A Jupyter kernel as its clients see it: takes messages off the sockets, answers them through `KernelHandlers`, and keeps
// status, history and the table of open comms. Only execute requests queue; everything else is answered at once, also
// while a cell runs, since no handler waits for user code.

import type { Connection } from "./connection.js"
import { ExecuteQueue, type Ran } from "./executeQueue.js"
import type { ExecuteResult, KernelHandlers, WireComm } from "./handlers.js"
import { History } from "./history.js"
import { type Message, MessageCodec, protocolVersion } from "./message.js"
import { toCodePoints, toUtf16 } from "./offsets.js"
import { cellPublisher, type PublisherHost } from "./publisher.js"
import { type Channel, Sockets } from "./sockets.js"
import { StdinChannel } from "./stdin.js"

type Content = Record<string, unknown>
type Extra = { metadata?: Record<string, unknown>; buffers?: readonly Uint8Array[] }

export class JupyterServer implements PublisherHost {
  readonly #sockets = new Sockets()
  readonly #codec: MessageCodec
  readonly #history = new History()
  readonly #comms = new Map<string, string>()
  readonly #stdin = new StdinChannel((type, content, to) => this.#send("stdin", type, content, to))
  readonly #queue = new ExecuteQueue(
    message => this.#execute(message),
    message => this.#abort(message),
  )
  #count = 0
  #stopped: () => void = () => {}
  /** Settles after a shutdown request has been carried out. */
  readonly done = new Promise<void>(resolve => {
    this.#stopped = resolve
  })

  constructor(
    private readonly connection: Connection,
    private readonly handlers: KernelHandlers,
  ) {
    this.#codec = new MessageCodec(connection.key)
  }

  async start(): Promise<void> {
    await this.#sockets.bind(this.connection)
    this.#sockets.listen({
      received: (channel, frames) => this.#received(channel, frames),
      welcome: topic => this.#frames("iopub_welcome", { subscription: topic }),
    })
    this.#publish("status", { execution_state: "starting" })
  }

  /** Ends the kernel as a shutdown request does, for signals. */
  async stop(restart = false): Promise<void> {
    this.#stdin.cancel("The kernel is shutting down.")
    await this.handlers.shutdown(restart)
    await this.#sockets.close()
    this.#stopped()
  }

  publish(type: string, content: Content, parent: Message): void {
    this.#publish(type, content, parent)
  }

  publishComm(comm: WireComm, parent: Message): void {
    if (comm.kind === "open") this.#comms.set(comm.id, comm.target ?? "")
    if (comm.kind === "close") this.#comms.delete(comm.id)
    const content: Content = { comm_id: comm.id, data: comm.data ?? {} }
    if (comm.kind === "open") content.target_name = comm.target ?? ""
    this.#publish(`comm_${comm.kind}`, content, parent, { metadata: comm.metadata, buffers: comm.buffers })
  }

  requestInput(parent: Message, prompt: string, password: boolean): Promise<string> {
    return this.#stdin.ask(parent, prompt, password)
  }

  #received(channel: Channel, frames: Buffer[]): void {
    const decoded = this.#codec.decode(frames)
    if ("dropped" in decoded) {
      this.handlers.dropped(decoded.dropped, decoded.detail)
      return
    }
    const { message } = decoded
    if (channel === "stdin") this.#stdin.received(message)
    else if (message.header.msg_type === "execute_request") this.#queue.push(message)
    else void this.#answer(channel, message)
  }

  async #answer(channel: Channel, message: Message): Promise<void> {
    this.#status("busy", message)
    const type = message.header.msg_type
    try {
      const content = await this.#contentFor(message)
      if (content !== undefined) {
        this.#send(channel, type.replace(/_request$/, "_reply"), content, message)
      }
    } catch (error) {
      this.#send(channel, type.replace(/_request$/, "_reply"), errorContent(error), message)
    }
    this.#status("idle", message)
    // A cell that runs keeps the kernel busy; clients take the last status they saw.
    if (this.#queue.running !== undefined) this.#status("busy", this.#queue.running)
    if (type === "shutdown_request") await this.#shutdown(message)
  }

  /** The reply's content, or undefined for messages that have none. */
  async #contentFor({ header, content, ...message }: Message): Promise<Content | undefined> {
    const code = String(content.code ?? "")
    const cursor = toUtf16(code, Number(content.cursor_pos ?? code.length))
    switch (header.msg_type) {
      case "kernel_info_request":
        return this.#kernelInfo()
      case "complete_request":
        return this.#complete(code, cursor)
      case "inspect_request":
        return this.#inspect(code, cursor, content.detail_level === 1 ? 1 : 0)
      case "is_complete_request":
        return { ...(await this.handlers.isComplete(code)) }
      case "history_request":
        return { status: "ok", history: this.#history.answer(content) }
      case "comm_info_request":
        return { status: "ok", comms: this.#openComms(content.target_name) }
      case "connect_request":
        return this.#connect()
      case "interrupt_request":
        this.#stdin.cancel("Interrupted.")
        await this.handlers.interrupt()
        return { status: "ok" }
      case "shutdown_request":
        return { status: "ok", restart: content.restart === true }
      case "comm_open":
      case "comm_msg":
      case "comm_close":
        await this.#comm({ header, content, ...message })
        return undefined
      default:
        return undefined
    }
  }

  #kernelInfo(): Content {
    const { info } = this.handlers
    return {
      status: "ok",
      protocol_version: protocolVersion,
      implementation: info.implementation,
      implementation_version: info.implementationVersion,
      language_info: info.languageInfo,
      banner: info.banner,
      debugger: false,
      supported_features: [],
      help_links: info.helpLinks,
    }
  }

  async #complete(code: string, cursor: number): Promise<Content> {
    const { start, end, items } = await this.handlers.complete(code, cursor)
    const [from, to] = [toCodePoints(code, start), toCodePoints(code, end)]
    const typed = items.map(({ name, kind, detail }) => ({
      start: from,
      end: to,
      text: name,
      type: kind,
      signature: detail ?? "",
    }))
    return {
      status: "ok",
      matches: items.map(({ name }) => name),
      cursor_start: from,
      cursor_end: to,
      metadata: { _jupyter_types_experimental: typed },
    }
  }

  async #inspect(code: string, cursor: number, detail: 0 | 1): Promise<Content> {
    const { found, bundle } = await this.handlers.inspect(code, cursor, detail)
    return { status: "ok", found, data: bundle, metadata: {} }
  }

  #openComms(target: unknown): Record<string, { target_name: string }> {
    const open = [...this.#comms].filter(
      ([, name]) => target === undefined || target === null || name === target,
    )
    return Object.fromEntries(open.map(([id, name]) => [id, { target_name: name }]))
  }

  #connect(): Content {
    const { shellPort, iopubPort, stdinPort, heartbeatPort, controlPort } = this.connection
    return {
      status: "ok",
      shell_port: shellPort,
      iopub_port: iopubPort,
      stdin_port: stdinPort,
      hb_port: heartbeatPort,
      control_port: controlPort,
    }
  }

  async #comm(message: Message): Promise<void> {
    const { content, header, metadata, buffers } = message
    const kind = header.msg_type.slice("comm_".length) as WireComm["kind"]
    const id = String(content.comm_id ?? "")
    const target = content.target_name === undefined ? undefined : String(content.target_name)
    if (kind === "open") this.#comms.set(id, target ?? "")
    if (kind === "close") this.#comms.delete(id)
    const comm: WireComm = { kind, id, target, data: content.data, metadata, buffers }
    await this.handlers.comm(comm, { comm: answer => this.publishComm(answer, message) })
  }

  async #execute(message: Message): Promise<Ran> {
    this.#status("busy", message)
    const { content } = message
    const code = String(content.code ?? "")
    const silent = content.silent === true
    const kept = content.store_history !== false && !silent
    const n = kept ? ++this.#count : this.#count + 1
    if (!silent) this.#publish("execute_input", { code, execution_count: n }, message)
    const noteResult = kept ? this.#history.add(n, code) : () => {}
    const publisher = cellPublisher(this, message, n, noteResult)
    const userExpressions = (content.user_expressions ?? {}) as Record<string, string>
    const result = await this.handlers
      .execute({ id: message.header.msg_id, n, code, silent, userExpressions }, publisher)
      .catch((error: unknown): ExecuteResult => errorContent(error))
    if (result.status === "error" && !silent) {
      const { ename, evalue, traceback } = result
      this.#publish("error", { ename, evalue, traceback }, message)
    }
    return {
      failed: result.status === "error",
      finish: () => {
        this.#send("shell", "execute_reply", executeReply(result, n), message)
        this.#status("idle", message)
      },
    }
  }

  #abort(message: Message): void {
    this.#status("busy", message)
    this.#send("shell", "execute_reply", { status: "aborted", execution_count: this.#count }, message)
    this.#status("idle", message)
  }

  async #shutdown(message: Message): Promise<void> {
    const restart = message.content.restart === true
    this.#publish("shutdown_reply", { status: "ok", restart }, message)
    await this.stop(restart)
  }

  #status(state: "busy" | "idle", parent: Message): void {
    this.#publish("status", { execution_state: state }, parent)
  }

  #send(channel: Channel, type: string, content: Content, to: Message): void {
    const message = this.#codec.make(type, content, to.header, { identities: to.identities })
    this.#sockets.send(channel, this.#codec.encode(message))
  }

  #publish(type: string, content: Content, parent?: Message, extra?: Extra): void {
    this.#sockets.publish(this.#frames(type, content, parent, extra))
  }

  #frames(type: string, content: Content, parent?: Message, extra: Extra = {}): Buffer[] {
    const { metadata = {}, buffers = [] } = extra
    const identities = [Buffer.from(type)]
    return this.#codec.encode(
      this.#codec.make(type, content, parent?.header ?? {}, { identities, metadata, buffers }),
    )
  }
}

function executeReply(result: ExecuteResult, n: number): Content {
  if (result.status === "error") return { ...result, execution_count: n, user_expressions: {}, payload: [] }
  return { status: "ok", execution_count: n, payload: [], user_expressions: result.userExpressions }
}

function errorContent(error: unknown): ExecuteResult & { status: "error" } {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error))
  return { status: "error", ename: name, evalue: message, traceback: (stack ?? message).split("\n") }
}
