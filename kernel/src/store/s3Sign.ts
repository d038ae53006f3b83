// AWS Signature Version 4 over one request: the canonical form, then a chain of HMACs. Pure, so that the published
// examples test it. Google takes the same signature from HMAC keys.

import { createHash, createHmac } from "node:crypto"
import { encode } from "./uri.js"

export interface Signing {
  readonly keyId: string
  readonly secret: string
  readonly sessionToken?: string
  readonly region: string
}

export const emptyHash = hash("")

/** The headers to send: those given, and date, content hash, token and signature. `query` has decoded values. */
export function signed(
  { keyId, secret, sessionToken, region }: Signing,
  method: string,
  url: URL,
  headers: Readonly<Record<string, string>>,
  contentHash: string,
  now = new Date(),
): Record<string, string> {
  const time = now.toISOString().replace(/[-:]|\.\d+/g, "")
  const all: Record<string, string> = {
    ...headers,
    host: url.host,
    "x-amz-content-sha256": contentHash,
    "x-amz-date": time,
    ...(sessionToken === undefined ? {} : { "x-amz-security-token": sessionToken }),
  }
  const names = Object.keys(all).sort()
  const list = names.join(";")
  const canonical = [
    method,
    url.pathname,
    canonicalQuery(url),
    ...names.map(name => `${name}:${all[name]!.trim()}`),
    "",
    list,
    contentHash,
  ].join("\n")
  const scope = `${time.slice(0, 8)}/${region}/s3/aws4_request`
  const text = ["AWS4-HMAC-SHA256", time, scope, hash(canonical)].join("\n")
  const key = [time.slice(0, 8), region, "s3", "aws4_request"].reduce<string | Buffer>(hmac, `AWS4${secret}`)
  const signature = hmac(key, text).toString("hex")
  all.authorization = `AWS4-HMAC-SHA256 Credential=${keyId}/${scope}, SignedHeaders=${list}, Signature=${signature}`
  return all
}

export function hash(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex")
}

function canonicalQuery(url: URL): string {
  return [...url.searchParams]
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join("&")
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest()
}
