// HDFS over WebHDFS, which every Hadoop offers: `hdfs://namenode/path` or `webhdfs://namenode:9870/path`. Plain user
// names, no Kerberos. A file being created can be seen half-written, so everything is created aside and renamed.

import { randomBytes } from "node:crypto"
import { createReadStream, existsSync, readFileSync } from "node:fs"
import { userInfo } from "node:os"
import { join } from "node:path"
import { Readable } from "node:stream"
import { type HttpAnswer, type HttpRequest, refused, send, textOf } from "./http.js"
import type { BlockHosts, ByteRange, Store, StoredFile } from "./Store.js"
import { settingsFor } from "./settings.js"

const defaultPort = 9870

interface FileStatus {
  readonly pathSuffix: string
  readonly type: "FILE" | "DIRECTORY"
  readonly length: number
  readonly modificationTime: number
}

export class HdfsStore implements Store {
  async list(folder: string): Promise<readonly StoredFile[]> {
    const base = folder.replace(/\/+$/, "")
    const answer = await this.#get(base, "LISTSTATUS")
    if (answer === undefined) return []
    const { FileStatuses } = answer as { FileStatuses: { FileStatus: FileStatus[] } }
    const found: StoredFile[] = []
    for (const status of FileStatuses.FileStatus) {
      if (status.pathSuffix === "") continue
      const uri = `${base}/${status.pathSuffix}`
      if (status.type === "DIRECTORY") found.push(...(await this.list(`${uri}/`)))
      else found.push(fileOf(uri, status))
    }
    return found.sort((a, b) => (a.uri < b.uri ? -1 : 1))
  }

  async stat(uri: string): Promise<StoredFile | undefined> {
    const answer = await this.#get(uri, "GETFILESTATUS")
    if (answer === undefined) return undefined
    const { FileStatus } = answer as { FileStatus: FileStatus }
    return FileStatus.type === "FILE" ? fileOf(uri, FileStatus) : undefined
  }

  async read(uri: string, range?: ByteRange): Promise<AsyncIterable<Uint8Array>> {
    const part: Record<string, string> =
      range === undefined ? {} : { offset: String(range.start), length: String(range.bytes) }
    const answer = await this.#follow("GET", uri, { op: "OPEN", ...part })
    if (answer.status !== 200) throw await this.#refused(answer, uri)
    return answer.body
  }

  async put(uri: string, bytes: Uint8Array, { mustBeNew = false } = {}): Promise<boolean> {
    const aside = asideOf(uri)
    await this.#create(aside, () => Readable.from([bytes]))
    if (await this.#rename(aside, uri, mustBeNew ? {} : { renameoptions: "OVERWRITE" })) return true
    await this.remove(aside)
    return false
  }

  async upload(localFile: string, uri: string): Promise<void> {
    const aside = asideOf(uri)
    await this.#create(aside, () => createReadStream(localFile))
    await this.#rename(aside, uri, { renameoptions: "OVERWRITE" })
  }

  async move(from: string, to: string): Promise<void> {
    await this.#put(to.slice(0, to.lastIndexOf("/")), { op: "MKDIRS" })
    await this.#rename(from, to, { renameoptions: "OVERWRITE" })
  }

  async remove(uri: string): Promise<void> {
    const query = { op: "DELETE", recursive: "true" }
    const answer = await send(() => ({ method: "DELETE", url: urlOf(uri, query) }))
    answer.body.resume()
    if (answer.status !== 200 && answer.status !== 404) throw await this.#refused(answer, uri)
  }

  removeFolder(folder: string): Promise<void> {
    return this.remove(folder)
  }

  async hosts(uri: string): Promise<readonly BlockHosts[]> {
    const answer = await this.#get(uri, "GETFILEBLOCKLOCATIONS")
    const { BlockLocations } = (answer ?? { BlockLocations: { BlockLocation: [] } }) as {
      BlockLocations: { BlockLocation: { offset: number; length: number; hosts: string[] }[] }
    }
    return BlockLocations.BlockLocation.map(({ offset, length, hosts }) => ({
      start: offset,
      bytes: length,
      hosts,
    }))
  }

  /** The parsed answer, or undefined when there is no such path. */
  async #get(uri: string, op: string): Promise<unknown> {
    const answer = await send(() => ({ method: "GET", url: urlOf(uri, { op }) }))
    if (answer.status === 404) {
      answer.body.resume()
      return undefined
    }
    if (answer.status !== 200) throw await this.#refused(answer, uri)
    return JSON.parse(await textOf(answer))
  }

  /** The name node says which data node takes the content. */
  async #create(uri: string, stream: () => Readable): Promise<void> {
    const query = { op: "CREATE", overwrite: "true", noredirect: "false" }
    const answer = await this.#follow("PUT", uri, query, stream)
    answer.body.resume()
    if (answer.status !== 201) throw await this.#refused(answer, uri)
  }

  async #follow(
    method: HttpRequest["method"],
    uri: string,
    query: Readonly<Record<string, string>>,
    stream?: () => Readable,
  ): Promise<HttpAnswer> {
    const first = await send(() => ({ method, url: urlOf(uri, query) }))
    if (first.status !== 307 || first.headers.location === undefined) return first
    first.body.resume()
    const url = new URL(first.headers.location)
    const headers: Record<string, string> =
      stream === undefined ? {} : { "content-type": "application/octet-stream" }
    return send(() => ({ method, url, headers, ...(stream === undefined ? {} : { stream }) }))
  }

  /** False when the name node says no: without OVERWRITE, because the target exists. */
  async #rename(from: string, to: string, options: Readonly<Record<string, string>>): Promise<boolean> {
    const answer = await this.#put(from, { op: "RENAME", destination: pathOf(to), ...options })
    return (answer as { boolean?: boolean } | undefined)?.boolean !== false
  }

  async #put(uri: string, query: Readonly<Record<string, string>>): Promise<unknown> {
    const answer = await send(() => ({ method: "PUT", url: urlOf(uri, query) }))
    if (answer.status !== 200) throw await this.#refused(answer, uri)
    const text = await textOf(answer)
    return text === "" ? undefined : JSON.parse(text)
  }

  #refused(answer: HttpAnswer, uri: string): Promise<Error> {
    return refused(answer, uri, `user ${userOf(uri)}`)
  }
}

function fileOf(uri: string, { length, modificationTime }: FileStatus): StoredFile {
  return { uri, bytes: length, version: `${length}-${modificationTime}` }
}

/** A hidden name beside the target. */
function asideOf(uri: string): string {
  const at = uri.lastIndexOf("/") + 1
  return `${uri.slice(0, at)}_${uri.slice(at)}.${randomBytes(6).toString("hex")}`
}

function pathOf(uri: string): string {
  return /^[a-z]+:\/\/[^/]*(\/.*)?$/i.exec(uri)?.[1] ?? "/"
}

function urlOf(uri: string, query: Readonly<Record<string, string>>): URL {
  const path = pathOf(uri).split("/").map(encodeURIComponent).join("/")
  const url = new URL(`${endpointOf(uri)}/webhdfs/v1${path}`)
  for (const [name, value] of Object.entries({ ...query, "user.name": userOf(uri) }))
    url.searchParams.set(name, value)
  return url
}

function userOf(uri: string): string {
  return settingsFor("hdfs", uri).user ?? process.env.HADOOP_USER_NAME ?? userInfo().username
}

/** `stores.hdfs`, the port of a webhdfs address, hdfs-site.xml in HADOOP_CONF_DIR, or the usual port. */
function endpointOf(uri: string): string {
  const given = settingsFor("hdfs", uri).endpoint
  if (given !== undefined) return given.replace(/\/$/, "")
  const { protocol, hostname, port } = new URL(uri.replace(/^(web)?hdfs:/i, web => (web ? "http:" : web)))
  if (/^webhdfs:/i.test(uri)) return `${protocol}//${hostname}:${port || defaultPort}`
  const site = join(process.env.HADOOP_CONF_DIR ?? "", "hdfs-site.xml")
  const configured =
    process.env.HADOOP_CONF_DIR && existsSync(site)
      ? /<name>dfs\.namenode\.http-address<\/name>\s*<value>([^<]+)/.exec(readFileSync(site, "utf8"))?.[1]
      : undefined
  return `http://${configured ?? `${hostname}:${defaultPort}`}`
}
