// The seam between the Jupyter wire and whatever runs cells: the wire calls a `KernelHandlers` and publishes through a
// `CellPublisher`. Nothing of ours is imported here, so the wire can serve any kernel; runner/jupyter.ts implements it.

/** What `kernel_info_reply` says beside the protocol version. */
export interface KernelInfo {
  readonly implementation: string
  readonly implementationVersion: string
  readonly banner: string
  readonly languageInfo: Record<string, unknown>
  readonly helpLinks: readonly { readonly text: string; readonly url: string }[]
}

export interface KernelHandlers {
  readonly info: KernelInfo
  /** Runs one cell; never called while another runs. Everything is published before the promise settles. */
  execute(request: ExecuteRequest, publish: CellPublisher): Promise<ExecuteResult>
  /** Offsets here and below count UTF-16 units. */
  complete(code: string, offset: number): Promise<Completed>
  inspect(code: string, offset: number, detail: 0 | 1): Promise<Inspected>
  isComplete(code: string): Promise<{ status: string; indent?: string }>
  interrupt(): Promise<void>
  /** The last call before the sockets close. */
  shutdown(restart: boolean): Promise<void>
  /** Comm traffic of the front end. `publish` answers under the message's own parent. */
  comm(message: WireComm, publish: CommPublisher): Promise<void>
  /** A message that was not accepted: a wrong signature or no message at all. */
  dropped(reason: "signature" | "malformed", detail: string): void
}

export interface ExecuteRequest {
  readonly id: string
  readonly n: number
  readonly code: string
  readonly silent: boolean
  readonly userExpressions: Record<string, string>
}

export type ExecuteResult =
  | { readonly status: "ok"; readonly userExpressions: Record<string, unknown> }
  | {
      readonly status: "error"
      readonly ename: string
      readonly evalue: string
      readonly traceback: readonly string[]
    }

export interface CellPublisher extends CommPublisher {
  stream(name: "stdout" | "stderr", text: string): void
  display(
    data: Record<string, unknown>,
    options: { id?: string; update?: boolean; metadata?: Record<string, unknown> },
  ): void
  result(data: Record<string, unknown>, metadata: Record<string, unknown>): void
  clear(wait: boolean): void
  /** Asks the front end for a line; rejects when it did not allow that. */
  input(prompt: string, password: boolean): Promise<string>
}

export interface CommPublisher {
  comm(message: WireComm): void
}

export interface WireComm {
  readonly kind: "open" | "msg" | "close"
  readonly id: string
  readonly target?: string
  readonly data: unknown
  readonly metadata?: Record<string, unknown>
  readonly buffers?: readonly Uint8Array[]
}

export interface Completed {
  readonly start: number
  readonly end: number
  readonly items: readonly { readonly name: string; readonly kind: string; readonly detail?: string }[]
}

export interface Inspected {
  readonly found: boolean
  readonly bundle: Record<string, string>
}
