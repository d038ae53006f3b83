// One operation on a server, from ExecutePlan to ReleaseExecute: gives its responses in order, whatever happens to the
// line. A stream that ends without ResultComplete was cut, by design (Spark closes streams after two minutes) or by
// accident: the operation is attached to again, and what cannot be attached to is an error, never a short answer.

import { fail, ShardlabError } from "../../errors.js"
import { ServerFailure } from "./failure.js"
import { type ExecutePlanResponse, SparkConnectService } from "./gen/spark/connect/base_pb.js"
import type { OperationRecord, OperationRecorder } from "./operationLog.js"
import { pause, retryDelay } from "./retry.js"
import { type PlanInit, type Session, sessionChanged } from "./Session.js"
import type { ResponseStream } from "./transport.js"

export interface ExecutionOptions {
  readonly operationId: string
  /** Groups operations, so that one interrupt stops all of a cell's. */
  readonly tags?: readonly string[]
  /** Attaches to an operation that runs already: its `plan` is not sent. */
  readonly resume?: { readonly lastResponseId?: string }
  /** Remembers the operation for a kernel that comes after this one. */
  readonly recorder?: OperationRecorder
  readonly record?: Pick<OperationRecord, "what">
}

const { method } = SparkConnectService
/** Attaching this often in a row without a single response means that nothing will come. */
const emptyAttaches = 3
/** Responses are freed on the server after this many, or this many bytes. */
const releaseEvery = { responses: 32, bytes: 8 * 1024 * 1024 }
/** A message. Small, because cut lines lose whole ones: see the window of transport.ts. */
const chunkBytes = 2n * 1024n * 1024n

export class Execution {
  readonly id: string
  #last: string | undefined
  #sent: boolean
  #complete = false
  #stopped = false
  #stream: ResponseStream<ExecutePlanResponse> | undefined
  readonly #unwaited = new AbortController()
  #unreleased = { responses: 0, bytes: 0 }
  readonly #renewals: number

  constructor(
    private readonly session: Session,
    private readonly plan: PlanInit | undefined,
    private readonly options: ExecutionOptions,
  ) {
    this.id = options.operationId
    this.#renewals = session.renewals
    this.#last = options.resume?.lastResponseId
    this.#sent = options.resume !== undefined
  }

  get lastResponseId(): string | undefined {
    return this.#last
  }

  /** Every response once. @throws QUERY_CANCELLED after `stop`, OPERATION_CUT when the rest cannot be had. */
  async *responses(): AsyncGenerator<ExecutePlanResponse> {
    this.options.recorder?.started({ operationId: this.id, what: this.options.record?.what ?? "query" })
    try {
      yield* this.#attempts()
      if (this.#stopped) throw fail("QUERY_CANCELLED")
    } catch (error) {
      throw await this.#explained(error)
    } finally {
      this.options.recorder?.ended(this.id)
      await this.#leave()
    }
  }

  /** Tells the server to stop; the iteration then fails with QUERY_CANCELLED. */
  async stop(): Promise<void> {
    if (this.#stopped || this.#complete) return
    this.#stopped = true
    this.#unwaited.abort()
    await this.session.interrupt({ operation: this.id }).catch(() => {})
    this.#stream?.cancel()
  }

  async *#attempts(): AsyncGenerator<ExecutePlanResponse> {
    let [tried, empty] = [0, 0]
    while (!this.#complete && !this.#stopped) {
      const before = this.#last
      try {
        yield* this.#receive()
      } catch (error) {
        if (!(error instanceof ServerFailure) || this.#stopped) throw error
        if (before !== this.#last) tried = 0
        await this.#recover(error, ++tried)
        continue
      }
      empty = before === this.#last ? empty + 1 : 0
      if (!this.#complete && empty >= emptyAttaches) {
        const cause = "the server ends the stream without a result"
        throw fail("OPERATION_CUT", { server: this.session.server, cause })
      }
    }
  }

  async *#receive(): AsyncGenerator<ExecutePlanResponse> {
    this.#stream = this.#open()
    for await (const response of this.#stream) {
      this.session.observe(response.serverSideSessionId)
      this.#last = response.responseId
      this.options.recorder?.seen(this.id, response.responseId)
      if (response.responseType.case === "resultComplete") this.#complete = true
      yield response
      this.#count(response)
    }
  }

  #open(): ResponseStream<ExecutePlanResponse> {
    const { transport } = this.session
    if (!this.#sent) {
      this.#sent = true
      return transport.stream(method.executePlan, this.#request())
    }
    const body = {
      operationId: this.id,
      ...(this.#last !== undefined && { lastResponseId: this.#last }),
    }
    return transport.stream(method.reattachExecute, this.session.request(method.reattachExecute.input, body))
  }

  #request() {
    const chunking = { allowArrowBatchChunking: true, preferredArrowChunkSize: chunkBytes }
    return this.session.request(method.executePlan.input, {
      operationId: this.id,
      plan: this.plan!,
      tags: [...(this.options.tags ?? [])],
      requestOptions: [
        { requestOption: { case: "reattachOptions", value: { reattachable: true } } },
        { requestOption: { case: "resultChunkingOptions", value: chunking } },
      ],
    })
  }

  /** Waits before another try, or throws. An operation that the server never heard of is sent again, once it is sure. */
  async #recover(failure: ServerFailure, tried: number): Promise<void> {
    const delay = retryDelay("operation", failure, tried)
    if (delay !== undefined) {
      await pause(delay, this.#unwaited.signal)
      return
    }
    const neverArrived = isUnknown(failure) && this.#last === undefined && this.plan !== undefined
    if (!neverArrived || tried > 3) throw failure
    this.#sent = false
  }

  #count(response: ExecutePlanResponse): void {
    const { responseType } = response
    this.#unreleased.responses++
    if (responseType.case === "arrowBatch") this.#unreleased.bytes += responseType.value.data.length
    const { responses, bytes } = this.#unreleased
    if (responses < releaseEvery.responses && bytes < releaseEvery.bytes) return
    this.#unreleased = { responses: 0, bytes: 0 }
    this.#release({ case: "releaseUntil", value: { responseId: response.responseId } })
  }

  /** Frees the operation on the server; one that still runs is stopped by that. */
  async #leave(): Promise<void> {
    if (!this.#complete && !this.#stopped) {
      this.#stream?.cancel()
      await this.session.interrupt({ operation: this.id }).catch(() => {})
    }
    await this.#release({ case: "releaseAll", value: {} })
  }

  async #release(
    release: { case: "releaseAll"; value: object } | { case: "releaseUntil"; value: { responseId: string } },
  ): Promise<void> {
    const request = this.session.request(method.releaseExecute.input, { operationId: this.id, release })
    // What is not freed now is freed by the server's own timeout.
    await this.session.transport.unary(method.releaseExecute, request).catch(() => {})
  }

  async #explained(error: unknown): Promise<unknown> {
    if (this.#stopped) return error instanceof ShardlabError ? error : fail("QUERY_CANCELLED", {}, error)
    if (!(error instanceof ServerFailure)) return error
    // Another call heard of the loss first; this operation went with the session.
    const went = isUnknown(error) && this.session.renewals !== this.#renewals
    return this.session.explainFailure(went ? sessionChanged() : error, this.#renewals)
  }
}

function isUnknown({ errorClass, text }: ServerFailure): boolean {
  return (
    errorClass === "INVALID_HANDLE.OPERATION_NOT_FOUND" ||
    errorClass === "INVALID_HANDLE.SESSION_NOT_FOUND" ||
    /operation not found/.test(text)
  )
}
