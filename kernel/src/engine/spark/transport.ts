// gRPC to one server: a channel, unary calls and response streams, messages by protobuf-es. Knows nothing of sessions,
// retries or Spark's errors. Whoever makes one closes it.

import { readFileSync } from "node:fs"
import type {
  DescMessage,
  DescMethodServerStreaming,
  DescMethodUnary,
  MessageShape,
} from "@bufbuild/protobuf"
import { fromBinary, toBinary } from "@bufbuild/protobuf"
import { Client, type ClientReadableStream, credentials, Metadata, type ServiceError } from "@grpc/grpc-js"
import { addressText, type ServerAddress } from "./address.js"
import { serverFailure } from "./failure.js"

export interface TransportOptions {
  /** A PEM file of certificate authorities to trust, besides nothing else. Default: Node's own list. */
  readonly ca?: string
}

/** Responses in order. Stopping the iteration early cancels the call. */
export interface ResponseStream<T> extends AsyncIterable<T> {
  cancel(): void
}

type Unary<I extends DescMessage, O extends DescMessage> = DescMethodUnary<I, O>
type Streaming<I extends DescMessage, O extends DescMessage> = DescMethodServerStreaming<I, O>

/**
 * Bytes on the way at once. grpc-js has 64 KiB by default, which halves its speed on results of megabytes. When the line is
 * cut, a window is lost, and with it a message on either end; Spark keeps 10 MiB of what it has sent
 * (spark.connect.execute.reattachable.observerRetryBufferSize) to send again: window + 2 messages must stay below.
 */
const windowBytes = 4 * 1024 * 1024
const keepaliveMs = 30_000

export class Transport {
  readonly #client: Client
  readonly #metadata = new Metadata()

  constructor(
    readonly address: ServerAddress,
    options: TransportOptions = {},
  ) {
    const { token, headers, maxMessageBytes, tls } = address
    for (const [name, value] of Object.entries(headers)) this.#metadata.set(name, value)
    if (token !== undefined) this.#metadata.set("authorization", `Bearer ${token}`)
    const roots = options.ca === undefined ? null : readFileSync(options.ca)
    this.#client = new Client(
      addressText(address).slice("sc://".length),
      tls ? credentials.createSsl(roots) : credentials.createInsecure(),
      {
        "grpc.max_receive_message_length": maxMessageBytes,
        "grpc.max_send_message_length": maxMessageBytes,
        "grpc-node.flow_control_window": windowBytes,
        "grpc.keepalive_time_ms": keepaliveMs,
        "grpc.keepalive_timeout_ms": 10_000,
        "grpc.enable_retries": 0,
        "grpc.initial_reconnect_backoff_ms": 100,
        "grpc.max_reconnect_backoff_ms": 2_000,
        ...(address.userAgent !== undefined && { "grpc.primary_user_agent": address.userAgent }),
      },
    )
  }

  /** @throws ServerFailure */
  unary<I extends DescMessage, O extends DescMessage>(
    method: Unary<I, O>,
    request: MessageShape<I>,
    signal?: AbortSignal,
  ): Promise<MessageShape<O>> {
    return new Promise((resolve, reject) => {
      const call = this.#client.makeUnaryRequest(
        pathOf(method),
        encoder(method.input),
        decoder(method.output),
        request,
        this.#metadata,
        (error, response) => {
          signal?.removeEventListener("abort", stop)
          if (error !== null) reject(serverFailure(error))
          else resolve(response as MessageShape<O>)
        },
      )
      const stop = () => call.cancel()
      signal?.addEventListener("abort", stop)
      if (signal?.aborted === true) stop()
    })
  }

  /** Iterating throws ServerFailure when the call fails. */
  stream<I extends DescMessage, O extends DescMessage>(
    method: Streaming<I, O>,
    request: MessageShape<I>,
  ): ResponseStream<MessageShape<O>> {
    const call = this.#client.makeServerStreamRequest(
      pathOf(method),
      encoder(method.input),
      decoder(method.output),
      request,
      this.#metadata,
    )
    // A failure after the reader left is nobody's.
    call.on("error", () => {})
    return { cancel: () => call.cancel(), [Symbol.asyncIterator]: () => read(call) }
  }

  close(): void {
    this.#client.close()
  }
}

async function* read<T>(call: ClientReadableStream<T>): AsyncGenerator<T> {
  try {
    yield* call as AsyncIterable<T>
  } catch (error) {
    throw serverFailure(error as ServiceError)
  } finally {
    call.cancel()
  }
}

function pathOf(method: { name: string; parent: { typeName: string } }): string {
  return `/${method.parent.typeName}/${method.name}`
}

function encoder<D extends DescMessage>(desc: D): (message: MessageShape<D>) => Buffer {
  return message => {
    const bytes = toBinary(desc, message)
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }
}

function decoder<D extends DescMessage>(desc: D): (bytes: Buffer) => MessageShape<D> {
  return bytes => fromBinary(desc, bytes)
}
