// Operations that still run on a server, whoever began them: found again by the notes of operationLog.ts, attached to by
// their ids. A kernel that was restarted waits for a write, collects what was not read, or stops it.

import { decodeBatches } from "../../frame/arrow/decode.js"
import type { ColumnBatch } from "../../frame/ColumnBatch.js"
import type { Capabilities } from "./capabilities.js"
import { ChunkJoiner } from "./chunks.js"
import { Execution } from "./Execution.js"
import {
  type ExecutePlanResponse,
  SparkConnectService,
  GetStatusResponse_OperationStatus_OperationState as State,
} from "./gen/spark/connect/base_pb.js"
import { type OperationRecord, readRecords, type SessionRecord, writeRecord } from "./operationLog.js"
import { Session } from "./Session.js"

export type OperationState = "running" | "done" | "failed" | "cancelled" | "unknown"

const states: Readonly<Partial<Record<State, OperationState>>> = {
  [State.RUNNING]: "running",
  [State.TERMINATING]: "running",
  [State.SUCCEEDED]: "done",
  [State.FAILED]: "failed",
  [State.CANCELLED]: "cancelled",
}

/** Those of this server and user, with what the server says of them; ones that it has forgotten are left out. */
export async function findOperations(
  session: Session,
  capabilities: Capabilities,
  folder?: string,
): Promise<readonly Operation[]> {
  const records = readRecords(folder).filter(
    ({ server, userId }) => server === session.server && userId === session.userId,
  )
  const found = await Promise.all(records.map(record => operationsOf(session, capabilities, record, folder)))
  return found.flat().sort((a, b) => a.started.getTime() - b.started.getTime())
}

async function operationsOf(
  near: Session,
  capabilities: Capabilities,
  record: SessionRecord,
  folder: string | undefined,
): Promise<readonly Operation[]> {
  const own = record.sessionId === near.sessionId
  const session = own ? near : new Session(near.transport, record)
  session.hasErrorDetails = near.hasErrorDetails
  const told = capabilities.status ? await statusOf(session, record) : undefined
  return record.operations.flatMap(operation => {
    const state = told === undefined ? "unknown" : told.get(operation.operationId)
    return state === undefined ? [] : [new Operation(session, record, operation, state, folder)]
  })
}

/** Undefined entries: the server has forgotten them. A lost session has none. */
async function statusOf(
  session: Session,
  { operations }: SessionRecord,
): Promise<Map<string, OperationState>> {
  const { method } = SparkConnectService
  const operationIds = operations.map(({ operationId }) => operationId)
  const told = await session
    .call(method.getStatus, { operationStatus: { operationIds } })
    .then(response => response.operationStatuses)
    .catch(() => [])
  return new Map(
    told.flatMap(({ operationId, state }) => {
      const known = states[state]
      return known === undefined ? [] : [[operationId, known] as const]
    }),
  )
}

export class Operation {
  readonly id: string
  readonly what: string
  readonly started: Date
  /** The process that began it. */
  readonly pid: number

  constructor(
    private readonly session: Session,
    private readonly record: SessionRecord,
    private readonly operation: OperationRecord,
    readonly state: OperationState,
    private readonly folder: string | undefined,
  ) {
    this.id = operation.operationId
    this.what = operation.what
    this.started = new Date(operation.started)
    this.pid = record.pid
  }

  /** Resolves when it has ended well. @throws what it failed with, or OPERATION_LOST. */
  async wait(): Promise<void> {
    for await (const _ of this.#responses()) {
      // Rows are not kept: `batches` gives them.
    }
  }

  /** The rows that were not read yet, in batches; those that another kernel read are gone. */
  async *batches(): AsyncGenerator<ColumnBatch> {
    const joiner = new ChunkJoiner()
    for await (const { responseType } of this.#responses()) {
      if (responseType.case !== "arrowBatch") continue
      const bytes = joiner.add(responseType.value)
      if (bytes !== undefined) yield* decodeBatches(bytes)
    }
  }

  /** Tells the server to stop it. */
  async cancel(): Promise<void> {
    await this.session.interrupt({ operation: this.id })
    this.#forget()
  }

  async *#responses(): AsyncGenerator<ExecutePlanResponse> {
    const { lastResponseId } = this.operation
    const resume = lastResponseId === undefined ? {} : { lastResponseId }
    const execution = new Execution(this.session, undefined, { operationId: this.id, resume })
    try {
      yield* execution.responses()
    } finally {
      this.#forget()
    }
  }

  /** It is over, here or for good: the note goes. */
  #forget(): void {
    const record = readRecords(this.folder).find(({ sessionId }) => sessionId === this.record.sessionId)
    if (record === undefined) return
    const operations = record.operations.filter(({ operationId }) => operationId !== this.id)
    writeRecord(this.folder, { ...record, operations })
  }
}
