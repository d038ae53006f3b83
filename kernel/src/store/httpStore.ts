// Files on web servers: `https://host/file.parquet`. They can be read and never listed or written; a glob fails.

import { fail } from "../errors.js"
import { rangeHeader, refused, send } from "./http.js"
import { redact } from "./redact.js"
import type { ByteRange, Store, StoredFile } from "./Store.js"
import { settingsFor } from "./settings.js"

export class HttpStore implements Store {
  async list(): Promise<readonly StoredFile[]> {
    return []
  }

  /** By a range of one byte: servers answer that where they refuse HEAD, as for addresses signed for GET. */
  async stat(uri: string): Promise<StoredFile | undefined> {
    const answer = await this.#get(uri, { start: 0, bytes: 1 })
    if (![200, 206, 404, 410, 416].includes(answer.status)) throw await refused(answer, uri, credentials(uri))
    // A server that knows no ranges would send the whole file.
    answer.body.destroy()
    if (answer.status === 404 || answer.status === 410) return undefined
    const total = /\/(\d+)$/.exec(answer.headers["content-range"] ?? "")?.[1]
    const bytes = Number(total ?? answer.headers["content-length"] ?? 0)
    return { uri, bytes, version: answer.headers.etag ?? answer.headers["last-modified"] ?? "" }
  }

  async read(uri: string, range?: ByteRange): Promise<AsyncIterable<Uint8Array>> {
    const answer = await this.#get(uri, range)
    if (answer.status !== 200 && answer.status !== 206) throw await refused(answer, uri, credentials(uri))
    return answer.body
  }

  async put(uri: string): Promise<never> {
    throw readOnly(uri)
  }
  async upload(_file: string, uri: string): Promise<never> {
    throw readOnly(uri)
  }
  async move(_from: string, uri: string): Promise<never> {
    throw readOnly(uri)
  }
  async remove(uri: string): Promise<never> {
    throw readOnly(uri)
  }
  async removeFolder(uri: string): Promise<never> {
    throw readOnly(uri)
  }

  async #get(uri: string, range?: ByteRange, redirects = 5): ReturnType<typeof send> {
    const headers = { ...settingsFor("http", uri).headers, ...rangeHeader(range) }
    const answer = await send(() => ({ method: "GET", url: new URL(uri), headers }))
    const { location } = answer.headers
    if (answer.status < 300 || answer.status >= 400 || location === undefined || redirects === 0)
      return answer
    answer.body.resume()
    return this.#get(new URL(location, uri).href, range, redirects - 1)
  }
}

function credentials(uri: string): string {
  return settingsFor("http", uri).headers ? "the headers of stores.http" : "no credentials"
}

export function readOnly(uri: string): Error {
  const fix = "Write to a file, s3://, gs://, az:// or hdfs:// address."
  return fail("STORE_FAILED", { uri: redact(uri), problem: "a web server can only be read", fix })
}
