// The telemetry of one kernel: opens the comm, keeps the state, says when it changed. One for each kernel id, however
// many views look at it. Not a view; and it never asks twice for what it has (`since`).

import type { KernelMessage as Jupyter, Kernel } from "@jupyterlab/services"
import type { IDisposable } from "@lumino/disposable"
import { type ISignal, Signal } from "@lumino/signaling"
import type { PanelMessage } from "shardlab/events"
import { reduce } from "../store/reduce.js"
import { emptyState, type PanelState } from "../store/state.js"
import { type Buffers, decodeEvents, isKernelMessage, telemetryComm, telemetryVersion } from "./codec.js"

export type FeedStatus = "connecting" | "live" | "closed" | "unsupported"

export class KernelFeed implements IDisposable {
  readonly kernelId: string
  state: PanelState = emptyState()
  status: FeedStatus = "connecting"
  /** What the kernel said when it refused our version. */
  problem = ""
  readonly #kernel: Kernel.IKernelConnection
  readonly #changed = new Signal<this, void>(this)
  #comm: Kernel.IComm | undefined
  #wasConnected = true
  isDisposed = false

  constructor(kernel: Kernel.IKernelConnection) {
    this.#kernel = kernel
    this.kernelId = kernel.id
    kernel.statusChanged.connect(this.#onStatus, this)
    kernel.connectionStatusChanged.connect(this.#onConnection, this)
    this.#open()
  }

  /** After every message and every change of status. */
  get changed(): ISignal<this, void> {
    return this.#changed
  }

  dispose(): void {
    if (this.isDisposed) return
    this.isDisposed = true
    this.#close()
    Signal.clearData(this)
  }

  #open(): void {
    this.#close()
    if (this.isDisposed || this.#kernel.isDisposed) return
    const comm = this.#kernel.createComm(telemetryComm)
    this.#comm = comm
    comm.onMsg = message => this.#receive(comm, message)
    comm.onClose = () => {
      if (this.#comm === comm) this.#set("closed")
    }
    comm.open({})
    const since = this.state.seq > 0 ? { since: this.state.seq } : {}
    const hello: PanelMessage = { type: "hello", version: telemetryVersion, ...since }
    comm.send({ ...hello })
    this.#set("connecting")
  }

  #close(): void {
    const comm = this.#comm
    this.#comm = undefined
    // Of a kernel that is gone there is nobody to tell.
    if (comm && !comm.isDisposed && !this.#kernel.isDisposed && this.#kernel.status !== "dead") {
      comm.onClose = () => {}
      comm.close()
    }
  }

  #receive(comm: Kernel.IComm, message: Jupyter.ICommMsgMsg): void {
    const data: unknown = message.content.data
    if (comm !== this.#comm || !isKernelMessage(data)) return
    if (data.type === "error") {
      this.problem = data.message
      this.#set("unsupported")
      return
    }
    // A replay that starts over (a new kernel process behind the same id) has a lower number than what we hold.
    if (data.type === "replay" && data.seq < this.state.seq) this.state = emptyState()
    this.state.clockOffset = data.now - Date.now()
    reduce(this.state, decodeEvents(data.events, (message.buffers ?? []) as Buffers))
    this.state.seq = Math.max(this.state.seq, data.seq)
    this.#set("live")
  }

  #onStatus(_: unknown, status: Kernel.Status): void {
    if (status === "restarting" || status === "autorestarting") {
      this.state = emptyState()
      this.#comm = undefined
      this.#wasConnected = false
      this.#set("connecting")
    } else if (status === "dead") this.#set("closed")
    else if (!this.#comm && this.#kernel.connectionStatus === "connected") this.#open()
  }

  #onConnection(_: unknown, status: Kernel.ConnectionStatus): void {
    if (status !== "connected") this.#wasConnected = false
    else if (!this.#wasConnected) {
      this.#wasConnected = true
      this.#open()
    }
  }

  #set(status: FeedStatus): void {
    this.status = status
    this.#changed.emit()
  }
}
