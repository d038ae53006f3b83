// One session on one server: its ids, its configuration, plan analysis, interrupts. Calls are repeated as retry.ts says and
// fail with ShardlabError. It notices when the server has forgotten the session. Queries run in Execution.ts.

import { randomUUID } from "node:crypto"
import { userInfo } from "node:os"
import {
  create,
  type DescMessage,
  type DescMethodUnary,
  type MessageInitShape,
  type MessageShape,
} from "@bufbuild/protobuf"
import { addressText } from "./address.js"
import { explainFailure } from "./explainFailure.js"
import { ServerFailure } from "./failure.js"
import {
  type AnalyzePlanRequest_Explain_ExplainMode as ExplainMode,
  InterruptRequest_InterruptType as InterruptType,
  type PlanSchema,
  SparkConnectService,
} from "./gen/spark/connect/base_pb.js"
import type { StorageLevelSchema } from "./gen/spark/connect/common_pb.js"
import type { DataType } from "./gen/spark/connect/types_pb.js"
import { pause, type RetryPhase, retryDelay } from "./retry.js"
import type { Transport } from "./transport.js"

export interface SessionIds {
  readonly sessionId: string
  readonly userId: string
  /** The server's own id of the session, when known: sent along, so that a server that lost the session says so. */
  readonly serverSessionId?: string
}

export type PlanInit = MessageInitShape<typeof PlanSchema>
type RelationInit = NonNullable<Extract<NonNullable<PlanInit["opType"]>, { case: "root" }>["value"]>
type StorageLevelInit = MessageInitShape<typeof StorageLevelSchema>
/** What every request carries. */
type Common = "sessionId" | "userContext" | "clientType" | "clientObservedServerSideSessionId" | "$typeName"
type Body<I extends DescMessage> = Omit<MessageInitShape<I>, Common>

const { method } = SparkConnectService
const clientType = "shardlab"

export class Session {
  readonly sessionId: string
  readonly userId: string
  /** Where the server tells more about an error than fits into its trailers. Set by whoever knows the server. */
  hasErrorDetails = true
  #serverSessionId: string | undefined
  #settings: Readonly<Record<string, string>> = {}
  #released = false
  #renewals = 0
  /** Told when the server has begun the session anew: what it kept is gone. */
  onLost: () => void = () => {}

  constructor(
    readonly transport: Transport,
    ids: Partial<SessionIds> = {},
  ) {
    const { address } = transport
    this.sessionId = ids.sessionId ?? address.sessionId ?? randomUUID()
    this.userId = ids.userId ?? address.userId ?? userName()
    this.#serverSessionId = ids.serverSessionId
  }

  /** How messages name the server. */
  get server(): string {
    return addressText(this.transport.address)
  }
  get serverSessionId(): string | undefined {
    return this.#serverSessionId
  }
  /** How often the server has begun the session anew. */
  get renewals(): number {
    return this.#renewals
  }

  /** The Spark version that the server says it speaks. Waits for a server for a few seconds only. */
  async version(): Promise<string> {
    const { result } = await this.call(
      method.analyzePlan,
      { analyze: { case: "sparkVersion", value: {} } },
      "connect",
    )
    return result.case === "sparkVersion" ? result.value.version : ""
  }

  /** Sets what the session needs, and again whenever the server had to begin it anew. */
  async configure(settings: Readonly<Record<string, string>>): Promise<void> {
    const pairs = Object.entries(settings).map(([key, value]) => ({ key, value }))
    await this.call(method.config, { operation: { opType: { case: "set", value: { pairs, silent: true } } } })
    this.#settings = { ...this.#settings, ...settings }
  }

  /** Values of those keys that the server has. */
  async config(...keys: readonly string[]): Promise<Readonly<Record<string, string>>> {
    const operation = { opType: { case: "getOption" as const, value: { keys: [...keys] } } }
    const { pairs } = await this.call(method.config, { operation })
    return Object.fromEntries(pairs.flatMap(({ key, value }) => (value === undefined ? [] : [[key, value]])))
  }

  async schema(plan: PlanInit): Promise<DataType | undefined> {
    const { result } = await this.call(method.analyzePlan, { analyze: { case: "schema", value: { plan } } })
    return result.case === "schema" ? result.value.schema : undefined
  }

  async explain(plan: PlanInit, explainMode: ExplainMode): Promise<string> {
    const analyze = { case: "explain" as const, value: { plan, explainMode } }
    const { result } = await this.call(method.analyzePlan, { analyze })
    return result.case === "explain" ? result.value.explainString : ""
  }

  /** The type of a schema as Spark writes it: `a INT, b ARRAY<STRING>`. */
  async parseDdl(ddlString: string): Promise<DataType | undefined> {
    const { result } = await this.call(method.analyzePlan, {
      analyze: { case: "ddlParse", value: { ddlString } },
    })
    return result.case === "ddlParse" ? result.value.parsed : undefined
  }

  async inputFiles(plan: PlanInit): Promise<readonly string[]> {
    const { result } = await this.call(method.analyzePlan, {
      analyze: { case: "inputFiles", value: { plan } },
    })
    return result.case === "inputFiles" ? result.value.files : []
  }

  async persist(relation: RelationInit, storageLevel: StorageLevelInit): Promise<void> {
    await this.call(method.analyzePlan, { analyze: { case: "persist", value: { relation, storageLevel } } })
  }

  async unpersist(relation: RelationInit): Promise<void> {
    await this.call(method.analyzePlan, {
      analyze: { case: "unpersist", value: { relation, blocking: false } },
    })
  }

  /** The ids of the operations that were told to stop. */
  async interrupt(what: { operation: string } | { tag: string } | "all"): Promise<readonly string[]> {
    const body =
      what === "all"
        ? { interruptType: InterruptType.ALL }
        : "tag" in what
          ? {
              interruptType: InterruptType.TAG,
              interrupt: { case: "operationTag" as const, value: what.tag },
            }
          : {
              interruptType: InterruptType.OPERATION_ID,
              interrupt: { case: "operationId" as const, value: what.operation },
            }
    return (await this.call(method.interrupt, body)).interruptedIds
  }

  /** The session ends on the server, with all that it holds and runs. Fails quietly: the server may be gone. */
  async release(): Promise<void> {
    if (this.#released) return
    this.#released = true
    const request = this.request(method.releaseSession.input, {})
    await this.transport.unary(method.releaseSession, request).catch(() => {})
  }

  /** @throws ShardlabError */
  async call<I extends DescMessage, O extends DescMessage>(
    to: DescMethodUnary<I, O>,
    body: Body<I>,
    phase: RetryPhase = "call",
  ): Promise<MessageShape<O>> {
    for (let tried = 1; ; tried++) {
      try {
        const response = await this.transport.unary(to, this.request(to.input, body))
        this.observe((response as { serverSideSessionId?: string }).serverSideSessionId)
        return response
      } catch (error) {
        if (!(error instanceof ServerFailure)) throw error
        const delay = retryDelay(phase, error, tried)
        if (delay === undefined) throw await this.explainFailure(error)
        await pause(delay)
      }
    }
  }

  /** A message with what every request of this session carries. */
  request<D extends DescMessage>(schema: D, body: Body<D>): MessageShape<D> {
    const common = {
      sessionId: this.sessionId,
      userContext: { userId: this.userId, userName: this.userId },
      clientType,
      ...(this.#serverSessionId !== undefined && {
        clientObservedServerSideSessionId: this.#serverSessionId,
      }),
    }
    return create(schema, { ...common, ...body } as unknown as MessageInitShape<D>)
  }

  /** Takes the server's id of the session from a response. @throws ServerFailure when it is another one than before. */
  observe(serverSessionId: string | undefined): void {
    if (serverSessionId === undefined || serverSessionId === "") return
    const known = this.#serverSessionId
    this.#serverSessionId = serverSessionId
    if (known !== undefined && known !== serverSessionId) throw sessionChanged()
  }

  /** The error for the user; after the loss of the session the next call begins a new one. `renewals`: as they were when
   *  the call began, for one that others may have outlived. */
  async explainFailure(failure: ServerFailure, renewals = this.#renewals): Promise<Error> {
    const details = this.hasErrorDetails ? await this.#errorDetails(failure.detail.errorId) : undefined
    const isLost = failure.errorClass?.startsWith("INVALID_HANDLE.SESSION") === true
    if (isLost && renewals === this.#renewals) await this.#renew()
    return explainFailure(this.server, failure, details)
  }

  async #errorDetails(errorId: string | undefined) {
    if (errorId === undefined) return undefined
    const request = this.request(method.fetchErrorDetails.input, { errorId })
    return this.transport.unary(method.fetchErrorDetails, request).catch(() => undefined)
  }

  async #renew(): Promise<void> {
    this.#renewals++
    this.#serverSessionId = undefined
    this.onLost()
    const pairs = Object.entries(this.#settings).map(([key, value]) => ({ key, value }))
    const operation = { opType: { case: "set" as const, value: { pairs, silent: true } } }
    await this.transport
      .unary(method.config, this.request(method.config.input, { operation }))
      .catch(() => {})
  }
}

export function sessionChanged(): ServerFailure {
  const detail = { errorClass: "INVALID_HANDLE.SESSION_CHANGED" }
  return new ServerFailure("INTERNAL", "the server began the session anew", detail)
}

function userName(): string {
  try {
    return userInfo().username
  } catch {
    return "shardlab" // a container may run under a user that has no name
  }
}
