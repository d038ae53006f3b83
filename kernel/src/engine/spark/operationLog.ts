// What runs on servers, kept in small files so that a kernel that comes after this one finds it again: one file a session,
// replaced as a whole, gone when nothing runs. Holds ids and addresses, never a token, a plan or data.

import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { homedir } from "node:os"
import { join } from "node:path"

export interface OperationRecord {
  readonly operationId: string
  /** The last response that was used; what came before it is not given again. */
  readonly lastResponseId?: string
  /** For people: `query`, `write parquet s3://...`. */
  readonly what: string
  /** Milliseconds since the epoch. */
  readonly started: number
}

export interface SessionRecord {
  readonly server: string
  readonly userId: string
  readonly sessionId: string
  readonly serverSessionId?: string
  /** The process that began it. */
  readonly pid: number
  readonly operations: readonly OperationRecord[]
}

export interface OperationRecorder {
  started(operation: { operationId: string; what: string }): void
  seen(operationId: string, responseId: string): void
  ended(operationId: string): void
}

/** `SHARDLAB_STATE`, or the place that the XDG rules give to state. */
export function stateFolder(env: NodeJS.ProcessEnv = process.env): string {
  const base = env.XDG_STATE_HOME || join(homedir(), ".local/state")
  return join(env.SHARDLAB_STATE || join(base, "shardlab"), "operations")
}

/** A file is written at most this often for mere progress; starts and ends are written at once. */
const everyMs = 500

export class OperationLog implements OperationRecorder {
  readonly #running = new Map<string, OperationRecord>()
  #timer: NodeJS.Timeout | undefined

  constructor(
    private readonly session: () => Omit<SessionRecord, "operations" | "pid">,
    private readonly folder = stateFolder(),
  ) {}

  started({ operationId, what }: { operationId: string; what: string }): void {
    this.#running.set(operationId, { operationId, what, started: Date.now() })
    this.#write()
  }

  seen(operationId: string, lastResponseId: string): void {
    const record = this.#running.get(operationId)
    if (record === undefined) return
    this.#running.set(operationId, { ...record, lastResponseId })
    this.#timer ??= setTimeout(() => this.#write(), everyMs).unref()
  }

  ended(operationId: string): void {
    this.#running.delete(operationId)
    this.#write()
  }

  #write(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const session = this.session()
    const record: SessionRecord = { ...session, pid: process.pid, operations: [...this.#running.values()] }
    writeRecord(this.folder, record)
  }
}

/** Replaces a session's file; without operations there is none. A full or read-only disk costs the finding again, no more. */
export function writeRecord(folder = stateFolder(), record: SessionRecord): void {
  const path = join(folder, `${record.sessionId}.json`)
  try {
    if (record.operations.length === 0) {
      rmSync(path, { force: true })
      return
    }
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const part = `${path}.${process.pid}`
    writeFileSync(part, JSON.stringify(record), { mode: 0o600 })
    renameSync(part, path)
  } catch {
    // The query itself is not touched by this.
  }
}

/** Every session that has operations, whoever began it. */
export function readRecords(folder = stateFolder()): readonly SessionRecord[] {
  try {
    const files = readdirSync(folder).filter(name => name.endsWith(".json"))
    return files.flatMap(name => {
      const record = parse(readText(join(folder, name)))
      return record === undefined ? [] : [record]
    })
  } catch {
    return [] // nothing ever ran
  }
}

/** True when the process that began the session is still there. */
export function isAlive({ pid }: SessionRecord): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8")
  } catch {
    return "" // gone since the folder was listed
  }
}

function parse(text: string): SessionRecord | undefined {
  try {
    return JSON.parse(text) as SessionRecord
  } catch {
    return undefined
  }
}
