// Azure Blob Storage: `az://container/path`. Signs with the account's key or sends a SAS token. Blobs only, no Data Lake
// folders (abfss).

import { createHmac } from "node:crypto"
import { createReadStream, statSync } from "node:fs"
import { type AzureAccess, azureAccess } from "./credentials/azure.js"
import { type HttpAnswer, type HttpRequest, refused, send, textOf } from "./http.js"
import { inParallel } from "./parallel.js"
import type { ByteRange, Store, StoredFile } from "./Store.js"
import { encode } from "./s3Sign.js"
import { rangeHeader } from "./s3Store.js"
import { bucketAddress } from "./uri.js"
import { textIn } from "./xml.js"

const version = "2023-11-03"

export class AzureStore implements Store {
  async list(folder: string): Promise<readonly StoredFile[]> {
    const { scheme, bucket, key } = bucketAddress(folder)
    const found: StoredFile[] = []
    for (let marker: string | undefined; ; ) {
      const page = { restype: "container", comp: "list", prefix: key, ...(marker ? { marker } : {}) }
      const answer = await this.#send("GET", folder, { containerOnly: true, query: page })
      if (answer.status !== 200) throw await this.#refused(answer, folder)
      const text = await textOf(answer)
      for (const [, blob] of text.matchAll(/<Blob>(.*?)<\/Blob>/gs)) {
        const uri = `${scheme}://${bucket}/${textIn(blob!, "Name")}`
        found.push({
          uri,
          bytes: Number(textIn(blob!, "Content-Length")),
          version: textIn(blob!, "Etag") ?? "",
        })
      }
      marker = textIn(text, "NextMarker")
      if (marker === undefined) return found.sort((a, b) => (a.uri < b.uri ? -1 : 1))
    }
  }

  async stat(uri: string): Promise<StoredFile | undefined> {
    if (bucketAddress(uri).key === "") return undefined
    const answer = await this.#send("HEAD", uri)
    answer.body.resume()
    if (answer.status === 404) return undefined
    if (answer.status !== 200) throw await this.#refused(answer, uri)
    return {
      uri,
      bytes: Number(answer.headers["content-length"]),
      version: answer.headers.etag?.replaceAll('"', "") ?? "",
    }
  }

  async read(uri: string, range?: ByteRange): Promise<AsyncIterable<Uint8Array>> {
    const answer = await this.#send("GET", uri, { headers: rangeHeader(range) })
    if (answer.status !== 200 && answer.status !== 206) throw await this.#refused(answer, uri)
    return answer.body
  }

  async put(uri: string, bytes: Uint8Array, { mustBeNew = false } = {}): Promise<boolean> {
    const headers = { "x-ms-blob-type": "BlockBlob", ...(mustBeNew ? { "if-none-match": "*" } : {}) }
    const answer = await this.#send("PUT", uri, { headers, body: bytes })
    answer.body.resume()
    if (mustBeNew && (answer.status === 409 || answer.status === 412)) return false
    if (answer.status !== 201) throw await this.#refused(answer, uri)
    return true
  }

  async upload(localFile: string, uri: string): Promise<void> {
    const headers = { "x-ms-blob-type": "BlockBlob", "content-length": String(statSync(localFile).size) }
    const answer = await this.#send("PUT", uri, { headers, stream: () => createReadStream(localFile) })
    answer.body.resume()
    if (answer.status !== 201) throw await this.#refused(answer, uri)
  }

  /** A copy inside the account, which is one step for readers, then a removal. */
  async move(from: string, to: string): Promise<void> {
    const source = urlOf(azureAccess(from), from).href
    const answer = await this.#send("PUT", to, { headers: { "x-ms-copy-source": source } })
    answer.body.resume()
    if (answer.status !== 202) throw await this.#refused(answer, to)
    let state = answer.headers["x-ms-copy-status"]
    while (state === "pending") {
      await new Promise(done => setTimeout(done, 100))
      const look = await this.#send("HEAD", to)
      look.body.resume()
      state = look.headers["x-ms-copy-status"]
    }
    if (state !== "success") throw await this.#refused(answer, to)
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

  #refused(answer: HttpAnswer, uri: string): Promise<Error> {
    return refused(answer, uri, azureAccess(uri).from)
  }

  #send(
    method: HttpRequest["method"],
    uri: string,
    options: {
      readonly query?: Readonly<Record<string, string>>
      readonly headers?: Readonly<Record<string, string>>
      readonly body?: Uint8Array
      readonly stream?: HttpRequest["stream"]
      readonly containerOnly?: boolean
    } = {},
  ): Promise<HttpAnswer> {
    const { query = {}, headers = {}, body, stream, containerOnly } = options
    return send(() => {
      const access = azureAccess(uri)
      const url = urlOf(access, containerOnly ? uri.slice(0, uri.indexOf("/", uri.indexOf("://") + 3)) : uri)
      for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
      const length = String(body?.byteLength ?? headers["content-length"] ?? 0)
      const all = { ...headers, "x-ms-date": new Date().toUTCString(), "x-ms-version": version }
      const authorization = access.key ? sharedKey(access, access.key, method, url, all, length) : undefined
      return {
        method,
        url,
        headers: { ...all, ...(authorization ? { authorization } : {}) },
        ...(body ? { body } : {}),
        ...(stream ? { stream } : {}),
      }
    })
  }
}

function urlOf({ endpoint, key, sasToken }: AzureAccess, uri: string): URL {
  const { bucket, key: name } = bucketAddress(uri)
  const path = name === "" ? bucket : `${bucket}/${name.split("/").map(encode).join("/")}`
  return new URL(`${endpoint}/${path}${key === undefined && sasToken ? `?${sasToken}` : ""}`)
}

/** "Authorize with Shared Key" of the Blob service: the verb, standard headers, x-ms headers and the resource. */
function sharedKey(
  { account }: AzureAccess,
  key: string,
  method: string,
  url: URL,
  headers: Readonly<Record<string, string>>,
  length: string,
): string {
  const own = (name: string) => headers[name] ?? ""
  const special = Object.keys(headers)
    .filter(name => name.startsWith("x-ms-"))
    .sort()
    .map(name => `${name}:${headers[name]}`)
  const query = [...url.searchParams]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}:${value}`)
  const text = [
    method,
    "", // Content-Encoding
    "", // Content-Language
    method === "PUT" && length !== "0" ? length : "",
    "", // Content-MD5
    own("content-type"),
    "", // Date: x-ms-date counts
    "", // If-Modified-Since
    own("if-match"),
    own("if-none-match"),
    "", // If-Unmodified-Since
    own("range"),
    ...special,
    [`/${account}${url.pathname}`, ...query].join("\n"),
  ].join("\n")
  const signature = createHmac("sha256", Buffer.from(key, "base64")).update(text, "utf8").digest("base64")
  return `SharedKey ${account}:${signature}`
}
