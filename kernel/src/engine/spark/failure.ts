// What a server says when it fails, as data: the gRPC status and the error class, SQLSTATE and parameters that Spark puts
// in the trailers. Not a message for the user: explainFailure.ts makes one.

import { fromBinary } from "@bufbuild/protobuf"
import { anyUnpack, durationMs } from "@bufbuild/protobuf/wkt"
import { type ServiceError, status as statusCodes } from "@grpc/grpc-js"
import { ErrorInfoSchema, RetryInfoSchema } from "./gen/google/rpc/error_details_pb.js"
import { StatusSchema } from "./gen/google/rpc/status_pb.js"

export class ServerFailure extends Error {
  override readonly name = "ServerFailure"
  constructor(
    /** gRPC's name of the status: `UNAVAILABLE`. */
    readonly status: string,
    /** The server's own text. */
    readonly text: string,
    readonly detail: FailureDetail = {},
  ) {
    super(`${status}: ${text}`)
  }

  /** Spark's error class, from the details or, where a server sends none, from the brackets at the start of its text. */
  get errorClass(): string | undefined {
    return this.detail.errorClass ?? /^\[([A-Z][A-Z0-9_.]+)\]/.exec(this.text)?.[1]
  }
  get sqlState(): string | undefined {
    return this.detail.sqlState ?? /SQLSTATE: ([0-9A-Z]{5})/.exec(this.text)?.[1]
  }
  get retryDelayMs(): number | undefined {
    return this.detail.retryDelayMs
  }
}

export interface FailureDetail {
  readonly errorClass?: string
  readonly sqlState?: string
  /** Asks FetchErrorDetails for more. */
  readonly errorId?: string
  readonly parameters?: Readonly<Record<string, string>>
  /** Java class and its parents. */
  readonly classes?: readonly string[]
  /** How long the server asks to wait before another try. */
  readonly retryDelayMs?: number
}

export function serverFailure(error: ServiceError | ServerFailure): ServerFailure {
  if (error instanceof ServerFailure) return error
  const code = statusCodes[error.code] ?? "UNKNOWN"
  const trailer = error.metadata?.get("grpc-status-details-bin")[0]
  return new ServerFailure(code, error.details || error.message, trailer ? detailOf(trailer) : {})
}

function detailOf(trailer: string | Buffer): FailureDetail {
  const found: { -readonly [K in keyof FailureDetail]: FailureDetail[K] } = {}
  for (const any of fromBinary(StatusSchema, trailer as Buffer).details) {
    const info = anyUnpack(any, ErrorInfoSchema)
    if (info !== undefined) Object.assign(found, infoOf(info.metadata))
    const delay = anyUnpack(any, RetryInfoSchema)?.retryDelay
    if (delay !== undefined) found.retryDelayMs = durationMs(delay)
  }
  return found
}

function infoOf(metadata: Readonly<Record<string, string>>): FailureDetail {
  const { errorClass, sqlState, errorId, messageParameters, classes } = metadata
  return {
    ...(errorClass !== undefined && { errorClass }),
    ...(sqlState !== undefined && { sqlState }),
    ...(errorId !== undefined && { errorId }),
    parameters: parsed(messageParameters, {}),
    classes: parsed(classes, []),
  }
}

/** The server cuts long values off, and then they are no JSON. */
function parsed<T>(json: string | undefined, otherwise: T): T {
  try {
    return json === undefined ? otherwise : (JSON.parse(json) as T)
  } catch {
    return otherwise
  }
}
