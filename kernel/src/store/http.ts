// One HTTP request over node:http, tried again when the server or the network stumbles. node:http because fetch refuses
// WebHDFS's redirected PUT. Knows nothing of signing.

import { type IncomingMessage, request as plain } from "node:http"
import { request as secure } from "node:https"
import type { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import { fail } from "../errors.js"
import { redact } from "./redact.js"
import type { ByteRange } from "./Store.js"

export interface HttpRequest {
  readonly method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE"
  readonly url: URL
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array
  /** A body too large for memory; such a request is never tried again. */
  readonly stream?: () => Readable
}

export interface HttpAnswer {
  readonly status: number
  readonly headers: IncomingMessage["headers"]
  readonly body: IncomingMessage
}

const tries = 4
const passing = new Set([429, 500, 502, 503, 504])
const idle = 60_000

/** `make` is called anew for each try, because a signature holds the time. */
export async function send(make: () => HttpRequest): Promise<HttpAnswer> {
  for (let attempt = 1; ; attempt++) {
    const request = make()
    const last = attempt === tries || request.stream !== undefined
    try {
      const answer = await once(request)
      if (last || !passing.has(answer.status)) return answer
      answer.body.resume()
    } catch (cause) {
      if (last) throw unreachable(request, cause)
    }
    await new Promise(done => setTimeout(done, 50 * 4 ** (attempt - 1)))
  }
}

function once({ method, url, headers, body, stream }: HttpRequest): Promise<HttpAnswer> {
  return new Promise((done, failed) => {
    const open = url.protocol === "https:" ? secure : plain
    const length = stream === undefined ? { "content-length": String(body?.byteLength ?? 0) } : {}
    const sends = method === "PUT" || method === "POST"
    const call = open(url, { method, headers: { ...headers, ...(sends ? length : {}) } }, answer =>
      done({ status: answer.statusCode ?? 0, headers: answer.headers, body: answer }),
    )
    call.on("error", failed)
    call.setTimeout(idle, () => call.destroy(new Error(`no answer for ${idle / 1000} s`)))
    if (stream === undefined) call.end(body)
    else pipeline(stream(), call).catch(failed)
  })
}

function unreachable({ url }: HttpRequest, cause: unknown): Error {
  const problem = cause instanceof Error ? cause.message : String(cause)
  return fail(
    "STORE_FAILED",
    {
      uri: url.origin,
      problem: `no connection (${problem || (cause as NodeJS.ErrnoException)?.code})`,
      fix: "Check the address, the network and, for a service of your own, its `endpoint`.",
    },
    cause,
  )
}

export async function textOf(answer: HttpAnswer): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of answer.body) parts.push(part as Buffer)
  return Buffer.concat(parts).toString("utf8")
}

export function rangeHeader(range: ByteRange | undefined): Record<string, string> {
  return range === undefined ? {} : { range: `bytes=${range.start}-${range.start + range.bytes - 1}` }
}

/** STORE_FAILED for an answer that is not a success, with what the service says (`said`, where it was read already) and
 *  which credentials were used. */
export async function refused(
  answer: HttpAnswer,
  uri: string,
  credentials: string,
  said?: string,
): Promise<Error> {
  const text = said ?? (await textOf(answer))
  const code = /<Code>([^<]*)/.exec(text)?.[1] ?? /"exception"\s*:\s*"([^"]*)/.exec(text)?.[1]
  const message = /<Message>([^<]*)/.exec(text)?.[1] ?? /"message"\s*:\s*"([^"]*)/.exec(text)?.[1] ?? ""
  const problem = `the store answered ${answer.status}${code ? ` ${code}` : ""}${message ? `: ${message.split("\n")[0]}` : ""}`
  const fix =
    answer.status === 401 || answer.status === 403
      ? `It was asked with ${credentials}; check that they may do this.`
      : answer.status === 404
        ? "Check the names of the bucket and the path."
        : "Try again; if it stays so, ask whoever runs the store."
  return fail("STORE_FAILED", { uri: redact(uri), problem: redact(problem), fix })
}
