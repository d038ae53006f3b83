// Credentials of stores for a server that is started here and takes them from its environment, as Sail does: what this
// process itself would use now. They go to that process only; a server elsewhere has its own.

import { s3Access } from "../../../store/credentials/aws.js"
import { azureAccess } from "../../../store/credentials/azure.js"

type Environment = Record<string, string>

/** In the names of the object_store crate. A store without credentials adds nothing. */
export function storeEnvironment(): Environment {
  return { ...s3Environment(), ...azureEnvironment() }
}

function s3Environment(): Environment {
  const { keyId, secret, sessionToken, region, endpoint, urlStyle } = s3Access("s3://")
  return given({
    AWS_ACCESS_KEY_ID: keyId,
    AWS_SECRET_ACCESS_KEY: secret,
    AWS_SESSION_TOKEN: sessionToken,
    AWS_SKIP_SIGNATURE: keyId === undefined ? "true" : undefined,
    AWS_REGION: region,
    AWS_ENDPOINT: endpoint,
    AWS_ALLOW_HTTP: String(endpoint?.startsWith("http:") ?? false),
    AWS_VIRTUAL_HOSTED_STYLE_REQUEST: String(urlStyle === "vhost"),
  })
}

function azureEnvironment(): Environment {
  const access = accountOrNone()
  if (access === undefined) return {}
  const { account, key, sasToken, endpoint } = access
  return given({
    AZURE_STORAGE_ACCOUNT_NAME: account,
    AZURE_STORAGE_ACCOUNT_KEY: key,
    AZURE_STORAGE_SAS_TOKEN: sasToken,
    AZURE_STORAGE_ENDPOINT: endpoint,
    AZURE_ALLOW_HTTP: String(endpoint.startsWith("http:")),
  })
}

function accountOrNone(): ReturnType<typeof azureAccess> | undefined {
  try {
    return azureAccess("az://")
  } catch {
    return undefined // no account is known
  }
}

function given(values: Record<string, string | undefined>): Environment {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Environment
}
