// What a path or URI names: its scheme, and for each kind the parts a store needs. Looks at no disk and no server.

import { homedir } from "node:os"
import { fileURLToPath } from "node:url"
import { didYouMean, fail } from "../errors.js"

/** Scheme to the store that serves it. `gs` and `gcs` are the same bucket; so are `az` and `azure`. */
export const schemes = {
  file: "file",
  s3: "s3",
  az: "azure",
  azure: "azure",
  gs: "gcs",
  gcs: "gcs",
  http: "http",
  https: "http",
  hdfs: "hdfs",
  webhdfs: "hdfs",
} as const
export type Scheme = keyof typeof schemes
export type StoreKind = (typeof schemes)[Scheme]

/** A path without a scheme is a file. Any other scheme fails, naming those there are. */
export function storeKind(uri: string): StoreKind {
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(uri)?.[1]?.toLowerCase()
  if (scheme === undefined) return "file"
  const kind = schemes[scheme as Scheme]
  if (kind !== undefined) return kind
  const available = `${Object.keys(schemes).join(", ")}, and paths of this machine`
  throw fail("NO_STORE", { uri, scheme, available, nearest: didYouMean(scheme, Object.keys(schemes)) })
}

/** The local path of a path or `file:` URI; `~` is the home folder. */
export function localPath(uri: string): string {
  if (/^file:/i.test(uri)) return fileURLToPath(uri)
  return uri === "~" || uri.startsWith("~/") ? homedir() + uri.slice(1) : uri
}

export interface BucketAddress {
  readonly scheme: string
  /** Bucket or container. */
  readonly bucket: string
  /** Without a leading slash; may be empty. */
  readonly key: string
}

/** `s3://bucket/key`, `az://container/key`. */
export function bucketAddress(uri: string): BucketAddress {
  const parts = /^([a-z0-9]+):\/\/([^/]+)(?:\/(.*))?$/is.exec(uri)
  if (parts === null) {
    throw fail("BAD_VALUE", { where: "store", name: "uri", value: uri, fix: "Write it as s3://bucket/path." })
  }
  return { scheme: parts[1]!, bucket: parts[2]!, key: parts[3] ?? "" }
}

/** Percent-encoding as signatures want it: also `!'()*`. */
export function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    character => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

/** A key in an address over HTTP: each part encoded, the slashes kept. */
export function encodePath(key: string): string {
  return key.split("/").map(encode).join("/")
}

/** An endpoint as users write it, often without `https://`; undefined: the service's own. */
export function endpointUrl({ endpoint }: { readonly endpoint?: string | undefined }): URL | undefined {
  if (endpoint === undefined) return undefined
  return new URL(/^https?:\/\//.test(endpoint) ? endpoint : `https://${endpoint}`)
}
