// Lets an engine read a store that it has no client for: a web server on the loopback interface answers ranges of bytes
// from the store, so column and row-group push-down works and nothing is copied to disk. The path begins with a random
// word, so other users of the machine cannot ask. Started at first use; it never keeps the process alive.

import { randomBytes } from "node:crypto"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import { storeFor } from "./registry.js"
import type { ByteRange } from "./Store.js"

let base: string | undefined
let starting: Promise<void> | undefined

export function startGateway(): Promise<void> {
  starting ??= new Promise((done, failed) => {
    const word = randomBytes(16).toString("hex")
    const server = createServer((request, response) => {
      answer(request, response, word).catch(error => {
        if (!response.headersSent) response.writeHead(502)
        response.end(error instanceof Error ? error.message : String(error))
      })
    })
    server.on("error", failed)
    server.listen(0, "127.0.0.1", () => {
      base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/${word}/`
      done()
    })
    server.unref()
  })
  return starting
}

/** The address under which the engine reads; hive folders and the file's name stay visible in it. */
export function gatewayAddress(uri: string): string {
  if (base === undefined) throw new Error("The gateway was not started.")
  const known = numbers.get(uri) ?? uris.push(uri) - 1
  numbers.set(uri, known)
  return `${base}${known}/${pathIn(uri)}`
}

/** By number, so that a name that is percent-encoded itself stays apart from the one it encodes. */
const uris: string[] = []
const numbers = new Map<string, number>()

function pathIn(uri: string): string {
  const path = uri.slice(uri.indexOf("://") + 3)
  return path.replace(/[^\w%=./~-]/gu, encodeURIComponent)
}

/** Gateway addresses in an engine's words, back as what the user wrote. */
export function fromGateway(text: string): string {
  if (base === undefined) return text
  return text.split(base).reduce((before, after) => {
    const uri = uris[Number.parseInt(after, 10)]
    if (uri === undefined) return before + after
    return before + uri + after.slice(after.indexOf("/") + 1 + pathIn(uri).length)
  })
}

async function answer(request: IncomingMessage, response: ServerResponse, word: string): Promise<void> {
  const [, asked, number] = (request.url ?? "").split("/")
  const uri = asked === word ? uris[Number(number)] : undefined
  const store = storeFor(uri ?? "")
  const file = uri === undefined ? undefined : await store.stat(uri)
  if (uri === undefined || file === undefined) {
    response.writeHead(404).end()
    return
  }
  const range = rangeOf(request.headers.range, file.bytes)
  const head = { "accept-ranges": "bytes", etag: `"${file.version}"` }
  const part = range
    ? { "content-range": `bytes ${range.start}-${range.start + range.bytes - 1}/${file.bytes}` }
    : {}
  response.writeHead(range ? 206 : 200, {
    ...head,
    ...part,
    "content-length": String(range?.bytes ?? file.bytes),
  })
  if (request.method === "HEAD" || (range?.bytes ?? file.bytes) === 0) response.end()
  else await pipeline(Readable.from(await store.read(uri, range)), response)
}

function rangeOf(header: string | undefined, size: number): ByteRange | undefined {
  const parts = /^bytes=(\d*)-(\d*)$/.exec(header ?? "")
  if (parts === null) return undefined
  const [, from, to] = parts
  const start = from === "" ? Math.max(0, size - Number(to)) : Number(from)
  const end = from === "" || to === "" ? size - 1 : Math.min(Number(to), size - 1)
  return { start, bytes: Math.max(0, end - start + 1) }
}
