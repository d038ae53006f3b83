import type { ChildProcess } from "node:child_process"

export interface KernelMessage {
  readonly type: string
  readonly header: { readonly msg_id: string }
  readonly parent: { readonly msg_id?: string }
  readonly metadata: Record<string, unknown>
  // biome-ignore lint/suspicious/noExplicitAny: the content of a Jupyter message is whatever its type says
  readonly content: any
  readonly buffers: readonly Buffer[]
}

export interface Executed {
  readonly id: string
  readonly reply: KernelMessage["content"]
  readonly outputs: readonly KernelMessage[]
  readonly ms: number
}

interface SendOptions {
  buffers?: readonly Uint8Array[]
  key?: string
  id?: string
}

export declare const shardlabArgv: readonly string[]

export declare class KernelClient {
  static start(options?: {
    argv?: readonly string[]
    cwd?: string
    env?: Record<string, string>
  }): Promise<KernelClient>
  readonly process: ChildProcess
  /** `performance.now()` at the spawn. */
  readonly started: number
  readonly exited: Promise<{ code: number | null; signal: string | null }>
  readonly iopubMessages: readonly KernelMessage[]
  ready(timeoutMs?: number): Promise<KernelMessage>
  request(
    channel: "shell" | "control",
    type: string,
    content: unknown,
    options?: SendOptions,
  ): Promise<KernelMessage>
  send(channel: "shell" | "control" | "stdin", type: string, content: unknown, options?: SendOptions): string
  execute(code: string, options?: { id?: string } & Record<string, unknown>): Promise<Executed>
  outputsOf(id: string): KernelMessage[]
  until(accepts: (message: KernelMessage) => boolean): Promise<KernelMessage>
  onStdin(answer: (content: { prompt: string; password: boolean }) => string): void
  heartbeat(timeoutMs: number): Promise<number>
  stop(): Promise<void>
}
