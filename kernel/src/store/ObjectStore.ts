// A store of objects behind buckets, over HTTP: all that S3 and Azure Blob Storage do alike. What differs, from the
// signature to the words in a listing, is a `Dialect`: s3Dialect.ts, azureDialect.ts.

import { createReadStream, statSync } from "node:fs"
import { type HttpAnswer, type HttpRequest, rangeHeader, refused, send, textOf } from "./http.js"
import { inParallel } from "./parallel.js"
import type { ByteRange, Store, StoredFile } from "./Store.js"
import { type BucketAddress, bucketAddress } from "./uri.js"
import { textIn } from "./xml.js"

type Headers = Readonly<Record<string, string>>
type Method = HttpRequest["method"]

export interface Dialect {
  /** The address over HTTP and the headers to send, signed anew for each try. */
  request(method: Method, uri: string, asked: Asked): Pick<HttpRequest, "url" | "headers">
  /** Where the credentials came from, for messages. */
  credentials(uri: string): string
  /** One page of names, from where the page before it ended. */
  listQuery(prefix: string, next: string | undefined): Headers
  /** Elements of a listing: one file, its name, size and version, and where the next page begins. */
  readonly listing: { readonly [Part in "file" | "name" | "bytes" | "version" | "next"]: string }
  /** Of a PUT with content; `mustBeNew` makes it fail where there is an object already. */
  putHeaders(uri: string, mustBeNew: boolean): Headers
  /** Of a PUT that copies on the server's side. */
  copyHeaders(from: string): Headers
  /** What an answer says of a copy: that to the PUT, then those to HEAD while it is pending. */
  copyState(answer: HttpAnswer, said: string): "done" | "pending" | "failed"
}

export interface Asked {
  /** The bucket itself, whatever the address says after it. */
  readonly bucketOnly?: boolean
  readonly query?: Headers
  readonly headers?: Headers
  readonly body?: Uint8Array
  readonly stream?: HttpRequest["stream"]
}

/** There is one already, or another writer is at it. */
const taken = [409, 412]
const beyondTheEnd = 416

export class ObjectStore implements Store {
  constructor(private readonly dialect: Dialect) {}

  async list(folder: string): Promise<readonly StoredFile[]> {
    const { dialect } = this
    const address = bucketAddress(folder)
    const found: StoredFile[] = []
    for (let next: string | undefined; ; ) {
      const query = dialect.listQuery(address.key, next)
      const answer = await this.#send("GET", folder, { bucketOnly: true, query })
      if (answer.status !== 200) throw await this.#refused(answer, folder)
      const text = await textOf(answer)
      found.push(...this.#listed(address, text))
      next = textIn(text, dialect.listing.next)
      if (next === undefined) return found.sort((a, b) => (a.uri < b.uri ? -1 : 1))
    }
  }

  async stat(uri: string): Promise<StoredFile | undefined> {
    if (bucketAddress(uri).key === "") return undefined
    const answer = await this.#send("HEAD", uri)
    if (answer.status === 404) {
      answer.body.resume()
      return undefined
    }
    await this.#succeeded(answer, uri)
    return {
      uri,
      bytes: Number(answer.headers["content-length"]),
      version: versionOf(answer.headers.etag),
    }
  }

  async read(uri: string, range?: ByteRange): Promise<AsyncIterable<Uint8Array>> {
    const answer = await this.#send("GET", uri, { headers: rangeHeader(range) })
    if (answer.status === 200 || answer.status === 206) return answer.body
    if (answer.status !== beyondTheEnd) throw await this.#refused(answer, uri)
    answer.body.resume()
    return nothing()
  }

  async put(uri: string, bytes: Uint8Array, { mustBeNew = false } = {}): Promise<boolean> {
    const headers = this.dialect.putHeaders(uri, mustBeNew)
    const answer = await this.#send("PUT", uri, { headers, body: bytes })
    if (mustBeNew && taken.includes(answer.status)) {
      answer.body.resume()
      return false
    }
    await this.#succeeded(answer, uri)
    return true
  }

  async upload(localFile: string, uri: string): Promise<void> {
    const length = String(statSync(localFile).size)
    const headers = { ...this.dialect.putHeaders(uri, false), "content-length": length }
    const stream = () => createReadStream(localFile)
    await this.#succeeded(await this.#send("PUT", uri, { headers, stream }), uri)
  }

  /** A copy on the server's side, which is one step for readers, then a removal. */
  async move(from: string, to: string): Promise<void> {
    let answer = await this.#send("PUT", to, { headers: this.dialect.copyHeaders(from) })
    for (;;) {
      const said = await textOf(answer)
      const state = this.dialect.copyState(answer, said)
      if (state === "done") break
      if (state === "failed") throw await this.#refused(answer, to, said)
      await new Promise(done => setTimeout(done, 100))
      answer = await this.#send("HEAD", to)
    }
    await this.remove(from)
  }

  async remove(uri: string): Promise<void> {
    const answer = await this.#send("DELETE", uri)
    if (answer.status === 404) answer.body.resume()
    else await this.#succeeded(answer, uri)
  }

  async removeFolder(folder: string): Promise<void> {
    const files = await this.list(`${folder.replace(/\/+$/, "")}/`)
    await inParallel(files, ({ uri }) => this.remove(uri))
  }

  /** Names that end in `/` stand for folders that are empty. */
  #listed({ scheme, bucket }: BucketAddress, text: string): StoredFile[] {
    const { file, name, bytes, version } = this.dialect.listing
    const files = [...text.matchAll(new RegExp(`<${file}>(.*?)</${file}>`, "gs"))]
    return files.flatMap(([, inside = ""]) => {
      const key = textIn(inside, name) ?? ""
      if (key.endsWith("/")) return []
      const uri = `${scheme}://${bucket}/${key}`
      return [{ uri, bytes: Number(textIn(inside, bytes)), version: versionOf(textIn(inside, version)) }]
    })
  }

  #send(method: Method, uri: string, asked: Asked = {}): Promise<HttpAnswer> {
    const { body, stream } = asked
    return send(() => ({
      method,
      ...this.dialect.request(method, uri, asked),
      ...(body && { body }),
      ...(stream && { stream }),
    }))
  }

  /** Reads the answer to its end, so that the connection is free again. */
  async #succeeded(answer: HttpAnswer, uri: string): Promise<void> {
    if (answer.status >= 300) throw await this.#refused(answer, uri)
    answer.body.resume()
  }

  #refused(answer: HttpAnswer, uri: string, said?: string): Promise<Error> {
    return refused(answer, uri, this.dialect.credentials(uri), said)
  }
}

/** Services put an ETag in quotes here and not there. */
function versionOf(etag: string | undefined): string {
  return etag?.replaceAll('"', "") ?? ""
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
