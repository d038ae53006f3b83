// S3, and services that speak its dialect (Google Cloud Storage with an HMAC key, SeaweedFS, moto). Signs by itself, so
// that listing and commits need no SDK. Large data goes through the engine's own S3 client, not through here.

import { createReadStream, statSync } from "node:fs"
import type { S3Access } from "./credentials/aws.js"
import { type HttpAnswer, type HttpRequest, refused, send, textOf } from "./http.js"
import { inParallel } from "./parallel.js"
import type { ByteRange, Store, StoredFile } from "./Store.js"
import { emptyHash, encode, hash, signed } from "./s3Sign.js"
import { type BucketAddress, bucketAddress } from "./uri.js"
import { textIn } from "./xml.js"

type AccessOf = (uri: string) => S3Access

export class S3Store implements Store {
  constructor(private readonly access: AccessOf) {}

  async list(folder: string): Promise<readonly StoredFile[]> {
    const { scheme, bucket, key } = bucketAddress(folder)
    const found: StoredFile[] = []
    for (let token: string | undefined; ; ) {
      const query = { "list-type": "2", prefix: key, ...(token ? { "continuation-token": token } : {}) }
      const answer = await this.#send("GET", folder, { bucketOnly: true, query })
      if (answer.status !== 200) throw await this.#refused(answer, folder)
      const text = await textOf(answer)
      for (const [, entry] of text.matchAll(/<Contents>(.*?)<\/Contents>/gs)) {
        const name = textIn(entry!, "Key")!
        if (name.endsWith("/")) continue
        const uri = `${scheme}://${bucket}/${name}`
        found.push({ uri, bytes: Number(textIn(entry!, "Size")), version: textIn(entry!, "ETag") ?? "" })
      }
      token = textIn(text, "NextContinuationToken")
      if (token === undefined) return found.sort((a, b) => (a.uri < b.uri ? -1 : 1))
    }
  }

  async stat(uri: string): Promise<StoredFile | undefined> {
    if (bucketAddress(uri).key === "") return undefined
    const answer = await this.#send("HEAD", uri)
    answer.body.resume()
    if (answer.status === 404) return undefined
    if (answer.status !== 200) throw await this.#refused(answer, uri)
    return { uri, bytes: Number(answer.headers["content-length"]), version: answer.headers.etag ?? "" }
  }

  async read(uri: string, range?: ByteRange): Promise<AsyncIterable<Uint8Array>> {
    const answer = await this.#send("GET", uri, { headers: rangeHeader(range) })
    if (answer.status === 416) return empty()
    if (answer.status !== 200 && answer.status !== 206) throw await this.#refused(answer, uri)
    return answer.body
  }

  async put(uri: string, bytes: Uint8Array, { mustBeNew = false } = {}): Promise<boolean> {
    const headers: Record<string, string> = mustBeNew ? this.#onlyNew(uri) : {}
    const answer = await this.#send("PUT", uri, { headers, body: bytes })
    answer.body.resume()
    // 412: it exists. 409: another writer is at it.
    if (mustBeNew && (answer.status === 412 || answer.status === 409)) return false
    if (answer.status !== 200) throw await this.#refused(answer, uri)
    return true
  }

  async upload(localFile: string, uri: string): Promise<void> {
    const length = statSync(localFile).size
    const headers = { "content-length": String(length) }
    const answer = await this.#send("PUT", uri, { headers, stream: () => createReadStream(localFile) })
    answer.body.resume()
    if (answer.status !== 200) throw await this.#refused(answer, uri)
  }

  /** A copy on the server's side, which is one step for readers, then a removal. At most 5 GB a file: S3's limit. */
  async move(from: string, to: string): Promise<void> {
    const { bucket, key } = bucketAddress(from)
    const headers = { "x-amz-copy-source": `/${bucket}/${key.split("/").map(encode).join("/")}` }
    const answer = await this.#send("PUT", to, { headers })
    const said = await textOf(answer)
    if (answer.status !== 200 || said.includes("<Error>")) {
      throw await this.#refused({ ...answer, body: [Buffer.from(said)] as never }, to)
    }
    await this.remove(from)
  }

  async remove(uri: string): Promise<void> {
    const answer = await this.#send("DELETE", uri)
    answer.body.resume()
    if (answer.status >= 300 && answer.status !== 404) throw await this.#refused(answer, uri)
  }

  async removeFolder(folder: string): Promise<void> {
    const files = await this.list(`${folder.replace(/\/+$/, "")}/`)
    await inParallel(files, ({ uri }) => this.remove(uri))
  }

  /** Google's own condition, or HTTP's. */
  #onlyNew(uri: string): Record<string, string> {
    return this.access(uri).endpoint?.includes("googleapis.com")
      ? { "x-goog-if-generation-match": "0" }
      : { "if-none-match": "*" }
  }

  #refused(answer: HttpAnswer, uri: string): Promise<Error> {
    return refused(answer, uri, this.access(uri).from)
  }

  #send(
    method: HttpRequest["method"],
    uri: string,
    options: {
      readonly query?: Readonly<Record<string, string>>
      readonly headers?: Readonly<Record<string, string>>
      readonly body?: Uint8Array
      readonly stream?: HttpRequest["stream"]
      readonly bucketOnly?: boolean
    } = {},
  ): Promise<HttpAnswer> {
    const { query = {}, headers = {}, body, stream, bucketOnly } = options
    return send(() => {
      const access = this.access(uri)
      const address = bucketAddress(uri)
      const url = urlOf(access, bucketOnly ? { ...address, key: "" } : address)
      for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
      const content = stream ? "UNSIGNED-PAYLOAD" : body ? hash(body) : emptyHash
      const { keyId, secret } = access
      const all =
        keyId && secret ? signed({ ...access, keyId, secret }, method, url, headers, content) : headers
      return { method, url, headers: all, ...(body ? { body } : {}), ...(stream ? { stream } : {}) }
    })
  }
}

/** The address over HTTP; each part of the key is percent-encoded as the signature expects. */
function urlOf({ endpoint, region, urlStyle }: S3Access, { bucket, key }: BucketAddress): URL {
  const base = new URL(endpoint === undefined ? `https://s3.${region}.amazonaws.com` : withProtocol(endpoint))
  const path = key.split("/").map(encode).join("/")
  if (urlStyle === "path") return new URL(`${base.origin}/${bucket}/${path}`.replace(/\/$/, key ? "/" : ""))
  return new URL(`${base.protocol}//${bucket}.${base.host}/${path}`)
}

export function withProtocol(endpoint: string): string {
  return /^https?:\/\//.test(endpoint) ? endpoint : `https://${endpoint}`
}

export function rangeHeader(range: ByteRange | undefined): Record<string, string> {
  return range === undefined ? {} : { range: `bytes=${range.start}-${range.start + range.bytes - 1}` }
}

async function* empty(): AsyncGenerator<Uint8Array> {}
