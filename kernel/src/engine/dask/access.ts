// How workers reach the files behind an address: a store's place and its keys; nothing for paths, which are of their own
// machine. Keys go into requests only, never into plans, and not over a line that others can read.

import { fail } from "../../errors.js"
import { s3Access } from "../../store/credentials/aws.js"
import { azureAccess } from "../../store/credentials/azure.js"
import { gcsAccess } from "../../store/credentials/gcs.js"
import { endpointUrl, storeKind } from "../../store/uri.js"
import { isLoopback } from "../spark/address.js"

/** As access.py reads it. */
export type Access =
  | {
      readonly kind: "s3"
      readonly endpoint?: string
      readonly scheme: string
      readonly region: string
      readonly virtual: boolean
      /** Absent: the workers' environment says. */
      readonly keys?: { readonly id?: string; readonly secret?: string; readonly token?: string }
    }
  | {
      readonly kind: "azure"
      readonly account: string
      readonly authority: string
      readonly scheme: string
      readonly keys?: { readonly key?: string; readonly sas?: string }
    }

/** `withKeys`: the way to the workers is this machine's, or encrypted. @throws NOT_ON_ENGINE */
export function accessTo(path: string, verb: "read" | "write", withKeys: boolean): Access | undefined {
  const kind = storeKind(path)
  switch (kind) {
    case "file":
      return undefined
    case "s3":
      return objectAccess(s3Access(path), withKeys)
    case "gcs":
      return objectAccess(gcsAccess(path), withKeys)
    case "azure":
      return blobAccess(path, withKeys)
    case "http":
    case "hdfs": {
      const what = `\`${verb}\` of ${/^\w+/.exec(path)![0]}: addresses`
      throw fail("NOT_ON_ENGINE", {
        engine: "dask",
        what,
        has: kind === "http" ? "duckdb" : "duckdb, spark",
      })
    }
    default:
      return kind satisfies never
  }
}

/** Whether keys may go to the workers of a scheduler. */
export function keysMayTravel(scheduler: string): boolean {
  const found = /^(\w+):\/\/(?:\[(.+)\]|([^:/]+))/.exec(scheduler)
  return found?.[1] === "tls" || isLoopback(found?.[2] ?? found?.[3] ?? "")
}

function objectAccess(access: ReturnType<typeof s3Access>, withKeys: boolean): Access {
  const endpoint = endpointUrl(access)
  const { keyId: id, secret, sessionToken: token } = access
  return {
    kind: "s3",
    region: access.region,
    virtual: access.urlStyle === "vhost",
    scheme: endpoint?.protocol === "http:" ? "http" : "https",
    ...(endpoint !== undefined && { endpoint: endpoint.host }),
    ...(withKeys && { keys: defined({ id, secret, token }) }),
  }
}

function blobAccess(path: string, withKeys: boolean): Access {
  const { account, endpoint, key, sasToken: sas } = azureAccess(path)
  const { host, protocol } = new URL(endpoint)
  return {
    kind: "azure",
    account,
    // Azure's own names begin with the account, those of others end with it.
    authority: host.startsWith(`${account}.`) ? host.slice(account.length) : host,
    scheme: protocol.replace(":", ""),
    ...(withKeys && { keys: defined({ key, sas }) }),
  }
}

function defined<T extends object>(values: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: NonNullable<T[K]>
  }
}
