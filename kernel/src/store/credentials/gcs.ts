// An HMAC key for Cloud Storage, which then speaks S3's dialect: from `stores.gcs`, else GOOGLE_HMAC_KEY_ID and
// GOOGLE_HMAC_SECRET, else none (public buckets). A service account's JSON key is not used: DuckDB cannot sign with it.

import { secret } from "../redact.js"
import { settingsFor } from "../settings.js"
import type { S3Access } from "./aws.js"

export function gcsAccess(
  uri: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): S3Access {
  const options = settingsFor("gcs", uri)
  const keyId = options.keyId ?? env.GOOGLE_HMAC_KEY_ID
  const value = secret(options.secret ?? env.GOOGLE_HMAC_SECRET)
  const endpoint = options.endpoint ?? env.STORAGE_EMULATOR_HOST ?? "https://storage.googleapis.com"
  const from = options.keyId ? "stores.gcs" : keyId ? "GOOGLE_HMAC_KEY_ID" : "no credentials"
  const signed = keyId && value ? { keyId, secret: value } : {}
  return { ...signed, region: "auto", endpoint, urlStyle: "path", from }
}
