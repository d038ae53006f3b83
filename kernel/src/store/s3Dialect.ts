// S3, and services that speak its dialect (Google Cloud Storage with an HMAC key, SeaweedFS, moto). Signs by itself, so
// that listing and commits need no SDK. Large data goes through the engine's own S3 client, not through here. A copy
// takes at most 5 GB: S3's limit.

import type { S3Access } from "./credentials/aws.js"
import type { Dialect } from "./ObjectStore.js"
import { emptyHash, hash, signed } from "./s3Sign.js"
import { type BucketAddress, bucketAddress, encodePath, endpointUrl } from "./uri.js"

export function s3Dialect(accessOf: (uri: string) => S3Access): Dialect {
  return {
    credentials: uri => accessOf(uri).from,
    listing: {
      file: "Contents",
      name: "Key",
      bytes: "Size",
      version: "ETag",
      next: "NextContinuationToken",
    },
    listQuery: (prefix, next) => ({
      "list-type": "2",
      prefix,
      ...(next !== undefined && { "continuation-token": next }),
    }),
    putHeaders: (uri, mustBeNew) => (mustBeNew ? onlyNew(accessOf(uri)) : {}),
    copyHeaders: from => {
      const { bucket, key } = bucketAddress(from)
      return { "x-amz-copy-source": `/${bucket}/${encodePath(key)}` }
    },
    // A copy that fails after it began is told in an answer that began well.
    copyState: ({ status }, said) => (status === 200 && !said.includes("<Error>") ? "done" : "failed"),
    request: (method, uri, { bucketOnly, query = {}, headers = {}, body, stream }) => {
      const access = accessOf(uri)
      const address = bucketAddress(uri)
      const url = urlOf(access, bucketOnly ? { ...address, key: "" } : address)
      for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
      const content = stream ? "UNSIGNED-PAYLOAD" : body ? hash(body) : emptyHash
      const { keyId, secret } = access
      if (!keyId || !secret) return { url, headers }
      return { url, headers: signed({ ...access, keyId, secret }, method, url, headers, content) }
    },
  }
}

/** Google's own condition, or HTTP's. */
function onlyNew({ endpoint }: S3Access): Record<string, string> {
  return endpoint?.includes("googleapis.com")
    ? { "x-goog-if-generation-match": "0" }
    : { "if-none-match": "*" }
}

/** The address over HTTP; each part of the key is percent-encoded as the signature expects. */
function urlOf(access: S3Access, { bucket, key }: BucketAddress): URL {
  const { region, urlStyle } = access
  const base = endpointUrl(access) ?? new URL(`https://s3.${region}.amazonaws.com`)
  const path = encodePath(key)
  if (urlStyle === "path") return new URL(`${base.origin}/${bucket}/${path}`.replace(/\/$/, key ? "/" : ""))
  return new URL(`${base.protocol}//${bucket}.${base.host}/${path}`)
}
