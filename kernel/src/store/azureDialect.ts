// Azure Blob Storage: `az://container/path`. Signs with the account's key or sends a SAS token. Blobs only, no Data Lake
// folders (abfss).

import { createHmac } from "node:crypto"
import { type AzureAccess, azureAccess } from "./credentials/azure.js"
import type { Dialect } from "./ObjectStore.js"
import { type BucketAddress, bucketAddress, encodePath } from "./uri.js"

const version = "2023-11-03"

export const azureDialect: Dialect = {
  credentials: uri => azureAccess(uri).from,
  listing: { file: "Blob", name: "Name", bytes: "Content-Length", version: "Etag", next: "NextMarker" },
  listQuery: (prefix, next) => ({
    restype: "container",
    comp: "list",
    prefix,
    ...(next !== undefined && { marker: next }),
  }),
  putHeaders: (_uri, mustBeNew) => ({
    "x-ms-blob-type": "BlockBlob",
    ...(mustBeNew && { "if-none-match": "*" }),
  }),
  copyHeaders: from => ({ "x-ms-copy-source": urlOf(azureAccess(from), bucketAddress(from)).href }),
  copyState: ({ status, headers }) => {
    const state = status < 300 ? headers["x-ms-copy-status"] : undefined
    if (state === "success") return "done"
    return state === "pending" ? "pending" : "failed"
  },
  request: (method, uri, { bucketOnly, query = {}, headers = {}, body }) => {
    const access = azureAccess(uri)
    const address = bucketAddress(uri)
    const url = urlOf(access, bucketOnly ? { ...address, key: "" } : address)
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
    const length = String(body?.byteLength ?? headers["content-length"] ?? 0)
    const all = { ...headers, "x-ms-date": new Date().toUTCString(), "x-ms-version": version }
    if (!access.key) return { url, headers: all }
    return {
      url,
      headers: { ...all, authorization: sharedKey(access, access.key, method, url, all, length) },
    }
  },
}

function urlOf({ endpoint, key, sasToken }: AzureAccess, { bucket, key: name }: BucketAddress): URL {
  const path = name === "" ? bucket : `${bucket}/${encodePath(name)}`
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
