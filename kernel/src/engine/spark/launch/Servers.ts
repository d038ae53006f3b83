// The processes of a local cluster as the kernel sees them, behind their guardian. Starts and stops them by name, knows how
// they ended, reads their logs when one fails. Which servers a cluster needs is not its business.

import { type ChildProcess, fork } from "node:child_process"
import { mkdtempSync, readFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { fail } from "../../../errors.js"
import { pause } from "../retry.js"
import type { FromGuardian, ToGuardian } from "./protocol.js"

export interface ServerSpec {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string | undefined>>
}

const entry = fileURLToPath(new URL("./guardian.js", import.meta.url))

export class Servers {
  /** Scratch space; the guardian removes it at the end. */
  readonly folder = mkdtempSync(join(tmpdir(), "shardlab-cluster-"))
  readonly #guardian: ChildProcess
  readonly #pids = new Map<string, number>()
  readonly #specs = new Map<string, ServerSpec>()
  readonly #ended = new Map<string, string>()
  readonly #exit: Promise<void>
  /** Told when a server ends that was not asked to. */
  onLost: (name: string, cause: string) => void = () => {}
  readonly #asked = new Set<string>()
  #closed = false

  constructor() {
    this.#guardian = fork(entry, [this.folder], {
      detached: true,
      stdio: ["ignore", "ignore", "ignore", "ipc"],
      execArgv: [],
    })
    this.#guardian.on("message", (message: FromGuardian) => this.#take(message))
    this.#exit = new Promise(resolve => this.#guardian.once("exit", () => resolve()))
    void this.#exit.then(() => this.#guardianGone())
    // A batch run that is done does not wait for its cluster; the guardian ends it when the process is gone.
    this.#guardian.unref()
    this.#guardian.channel?.unref()
  }

  start(spec: ServerSpec): void {
    const { name, command, args, env = {} } = spec
    this.#specs.set(name, spec)
    this.#ended.delete(name)
    this.#asked.delete(name)
    this.#say({ type: "start", name, command, args, env: { ...process.env, ...env }, log: this.#log(name) })
  }

  /** Starts one that has ended as it was started before. */
  restart(name: string): void {
    const spec = this.#specs.get(name)
    if (spec !== undefined && !this.#closed) this.start(spec)
  }

  /** Its process id, once it runs. */
  pid(name: string): number | undefined {
    return this.#pids.get(name)
  }

  get running(): readonly string[] {
    return [...this.#pids.keys()]
  }

  stop(name: string): void {
    this.#asked.add(name)
    this.#say({ type: "stop", name })
  }

  /** Ends it at once, as a lost machine would; `onLost` hears of it. */
  kill(name: string): void {
    this.#say({ type: "kill", name })
  }

  /**
   * Resolves when `ready` does; it is asked again and again.
   * @throws CLUSTER_START with the server's last words when it ends before, or when the time is over.
   */
  async wait<T>(
    name: string,
    what: string,
    ready: () => Promise<T | undefined>,
    seconds: number,
  ): Promise<T> {
    const end = Date.now() + seconds * 1000
    for (;;) {
      const cause = this.#ended.get(name)
      if (cause !== undefined) throw this.#failure(what, name, cause)
      const answer = await ready().catch(() => undefined)
      if (answer !== undefined) return answer
      if (Date.now() > end) throw this.#failure(what, name, `was not ready after ${seconds} s`)
      await pause(100)
    }
  }

  /** Ends every server and waits for it. */
  async close(): Promise<void> {
    if (this.#closed) return this.#exit
    this.#closed = true
    this.#guardian.ref()
    this.#guardian.channel?.ref()
    this.#say({ type: "end" })
    await this.#exit
  }

  #take(message: FromGuardian): void {
    if (message.type === "started") {
      this.#pids.set(message.name, message.pid)
      return
    }
    this.#pids.delete(message.name)
    this.#ended.set(message.name, message.cause)
    if (!this.#closed && !this.#asked.has(message.name)) this.onLost(message.name, message.cause)
  }

  /** Someone killed the guardian: its servers are ended from here. */
  #guardianGone(): void {
    for (const [name, pid] of this.#pids) {
      this.#ended.set(name, "lost its guardian")
      try {
        process.kill(-pid, "SIGKILL")
      } catch {
        // It has ended already.
      }
    }
    this.#pids.clear()
  }

  #failure(what: string, name: string, cause: string): Error {
    const words = lastWords(this.#log(name))
    const said = words === "" ? "" : ` Its last words: ${words}`
    return fail("CLUSTER_START", {
      what,
      cause: `it ${cause}`,
      fix: `See above.${said}`.replace("See above. ", ""),
    })
  }

  #log(name: string): string {
    return join(this.folder, "logs", `${name}.log`)
  }

  #say(message: ToGuardian): void {
    if (this.#guardian.connected) this.#guardian.send(message, () => {})
  }
}

/** The lines of a log that tell of an error, or the last ones. */
export function lastWords(path: string): string {
  try {
    const lines = readFileSync(path, "utf8").trim().split("\n")
    const telling = lines.filter(line => /error|exception|caused by|not found|refused/i.test(line))
    return (telling.length > 0 ? telling : lines).slice(-3).join(" | ").slice(0, 600)
  } catch {
    return ""
  }
}
