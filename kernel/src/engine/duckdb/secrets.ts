// Credentials of a store as DuckDB's secrets, which live in the instance's memory only. The SQL made here holds them: it
// is run and never shown.

import { s3Access } from "../../store/credentials/aws.js"
import { azureAccess } from "../../store/credentials/azure.js"
import { gcsAccess } from "../../store/credentials/gcs.js"
import { settingsFor } from "../../store/settings.js"
import { bucketAddress, endpointUrl, storeKind } from "../../store/uri.js"
import { quoteName, quoteText } from "./quote.js"

export interface StoreSecret {
  /** One a bucket, container or host. */
  readonly scope: string
  readonly sql: string
}

/** The secret that an address needs; undefined for files and for servers without any. */
export function secretFor(uri: string): StoreSecret | undefined {
  switch (storeKind(uri)) {
    case "s3":
      return objectSecret("s3", uri, s3Access(uri))
    case "gcs":
      return objectSecret("gcs", uri, gcsAccess(uri))
    case "azure":
      return azureSecret(uri)
    case "http":
      return httpSecret(uri)
    default:
      return undefined
  }
}

function objectSecret(type: "s3" | "gcs", uri: string, access: ReturnType<typeof s3Access>): StoreSecret {
  const { scheme, bucket } = bucketAddress(uri)
  const endpoint = endpointUrl(access)
  return create(`${scheme}://${bucket}/`, type, {
    KEY_ID: access.keyId,
    SECRET: access.secret,
    SESSION_TOKEN: access.sessionToken,
    REGION: access.region,
    ENDPOINT: endpoint?.host,
    URL_STYLE: access.urlStyle,
    USE_SSL: String(endpoint?.protocol !== "http:"),
  })
}

function azureSecret(uri: string): StoreSecret {
  const { scheme, bucket } = bucketAddress(uri)
  const { account, key, sasToken, endpoint } = azureAccess(uri)
  const parts = [`AccountName=${account}`, `BlobEndpoint=${endpoint}`]
  if (key !== undefined) parts.push(`AccountKey=${key}`)
  else if (sasToken !== undefined) parts.push(`SharedAccessSignature=${sasToken}`)
  return create(`${scheme}://${bucket}/`, "azure", { CONNECTION_STRING: parts.join(";") })
}

function httpSecret(uri: string): StoreSecret | undefined {
  const { headers } = settingsFor("http", uri)
  if (headers === undefined) return undefined
  const pairs = Object.entries(headers).map(([name, value]) => `${quoteText(name)}: ${quoteText(value)}`)
  const scope = `${new URL(uri).origin}/`
  const sql = `${head(scope)} (TYPE http, EXTRA_HTTP_HEADERS MAP {${pairs.join(", ")}}, SCOPE ${quoteText(scope)})`
  return { scope, sql }
}

function create(scope: string, type: string, values: Record<string, string | undefined>): StoreSecret {
  const given = Object.entries(values).filter(([, value]) => value !== undefined)
  const list = given.map(([name, value]) => `${name} ${quoteText(value!)}`)
  return { scope, sql: `${head(scope)} (TYPE ${type}, ${[...list, `SCOPE ${quoteText(scope)}`].join(", ")})` }
}

function head(scope: string): string {
  return `CREATE OR REPLACE SECRET ${quoteName(`shardlab_${scope.replace(/\W+/g, "_")}`)}`
}
