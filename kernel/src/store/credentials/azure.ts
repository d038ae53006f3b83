// Access to Azure Blob Storage: from `stores.azure`, else AZURE_STORAGE_CONNECTION_STRING, else AZURE_STORAGE_ACCOUNT with
// AZURE_STORAGE_KEY or AZURE_STORAGE_SAS_TOKEN. Not Entra ID logins.

import { fail } from "../../errors.js"
import { secret } from "../redact.js"
import { settingsFor } from "../settings.js"

export interface AzureAccess {
  readonly account: string
  /** Base64; signs requests. */
  readonly key?: string
  /** Without its question mark. */
  readonly sasToken?: string
  /** `https://account.blob.core.windows.net`, without a slash at the end. */
  readonly endpoint: string
  readonly from: string
}

/** The account and key that every Azurite has, public by design. */
const development = {
  AccountName: "devstoreaccount1",
  AccountKey: "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==",
  BlobEndpoint: "http://127.0.0.1:10000/devstoreaccount1",
}

export function azureAccess(
  uri: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): AzureAccess {
  const options = settingsFor("azure", uri)
  const text = options.connectionString ?? (options.account ? undefined : env.AZURE_STORAGE_CONNECTION_STRING)
  const from = options.connectionString || options.account ? "stores.azure" : "AZURE_STORAGE_*"
  const parts = text === undefined ? {} : connectionParts(text)
  const account = options.account ?? parts.AccountName ?? env.AZURE_STORAGE_ACCOUNT
  if (!account) {
    const fix =
      "Set AZURE_STORAGE_CONNECTION_STRING, or call stores.azure({ connectionString }) or stores.azure({ account, key })."
    throw fail("STORE_FAILED", { uri, problem: "no Azure storage account is known", fix })
  }
  const key = secret(options.key ?? parts.AccountKey ?? (text ? undefined : env.AZURE_STORAGE_KEY))
  const sas = secret(
    options.sasToken ?? parts.SharedAccessSignature ?? (text ? undefined : env.AZURE_STORAGE_SAS_TOKEN),
  )
  const suffix = parts.EndpointSuffix ?? "core.windows.net"
  const protocol = parts.DefaultEndpointsProtocol ?? "https"
  const endpoint = options.endpoint ?? parts.BlobEndpoint ?? `${protocol}://${account}.blob.${suffix}`
  return {
    account,
    endpoint: endpoint.replace(/\/$/, ""),
    from,
    ...(key ? { key } : {}),
    ...(sas ? { sasToken: sas.replace(/^\?/, "") } : {}),
  }
}

function connectionParts(text: string): Record<string, string> {
  if (/^UseDevelopmentStorage=true/i.test(text)) return development
  return Object.fromEntries(
    text
      .split(";")
      .filter(part => part.includes("="))
      .map(part => [part.slice(0, part.indexOf("=")).trim(), part.slice(part.indexOf("=") + 1).trim()]),
  )
}
