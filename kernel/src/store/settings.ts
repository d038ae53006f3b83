// What a notebook says about its stores: `stores.s3({ profile: "lake" })`. Kept in this process only: no plan, file or
// output holds it. Each entry covers the addresses that begin with its `scope`; the longest that fits counts.

import { checkOptions, fail } from "../errors.js"
import { secret } from "./redact.js"
import type { StoreKind } from "./uri.js"

interface Scoped {
  /** Only addresses that begin so, as in `s3://lake/raw/`; all of the store when left out. */
  readonly scope?: string
}
export interface S3Options extends Scoped {
  readonly keyId?: string
  readonly secret?: string
  readonly sessionToken?: string
  readonly region?: string
  /** Of a service that speaks S3: `http://127.0.0.1:9000`. */
  readonly endpoint?: string
  /** Bucket in the path or in the host name; default `path` with an endpoint, else `vhost`. */
  readonly urlStyle?: "path" | "vhost"
  /** A profile of ~/.aws/credentials and ~/.aws/config. */
  readonly profile?: string
}
export interface GcsOptions extends Scoped {
  /** An HMAC key of Cloud Storage. */
  readonly keyId?: string
  readonly secret?: string
  readonly endpoint?: string
}
export interface AzureOptions extends Scoped {
  readonly connectionString?: string
  readonly account?: string
  readonly key?: string
  readonly sasToken?: string
  readonly endpoint?: string
}
export interface HttpOptions extends Scoped {
  /** Sent with each request: `{ authorization: "Bearer ..." }`. */
  readonly headers?: Readonly<Record<string, string>>
}
export interface HdfsOptions extends Scoped {
  /** WebHDFS address of the name node, `http://namenode:9870`. */
  readonly endpoint?: string
  readonly user?: string
}
export interface DatabaseOptions extends Scoped {
  readonly user?: string
  readonly password?: string
}

interface OptionsOf {
  s3: S3Options
  gcs: GcsOptions
  azure: AzureOptions
  http: HttpOptions
  hdfs: HdfsOptions
  database: DatabaseOptions
}
export type SettingKind = keyof OptionsOf

const known: { readonly [K in SettingKind]: readonly (keyof OptionsOf[K])[] } = {
  s3: ["scope", "keyId", "secret", "sessionToken", "region", "endpoint", "urlStyle", "profile"],
  gcs: ["scope", "keyId", "secret", "endpoint"],
  azure: ["scope", "connectionString", "account", "key", "sasToken", "endpoint"],
  http: ["scope", "headers"],
  hdfs: ["scope", "endpoint", "user"],
  database: ["scope", "user", "password"],
}
const hidden = ["secret", "sessionToken", "key", "sasToken", "connectionString", "password"]

const given = new Map<SettingKind, Map<string, object>>()

function set<K extends SettingKind>(kind: K, options: OptionsOf[K]): void {
  checkOptions(`stores.${kind}`, options, known[kind] as readonly string[])
  for (const [name, value] of Object.entries(options)) {
    if (hidden.includes(name)) secret(value as string)
    if (name === "headers") for (const header of Object.values(value as object)) secret(String(header))
    if (value === undefined || value === "") {
      const fix = "It came out empty: check where you take it from, or leave it out."
      throw fail("BAD_VALUE", {
        where: `stores.${kind}`,
        name,
        value: JSON.stringify(value) ?? "undefined",
        fix,
      })
    }
  }
  const scopes = given.get(kind) ?? new Map<string, object>()
  scopes.set(options.scope ?? "", options)
  given.set(kind, scopes)
}

/** The options of the longest scope that the address begins with. */
export function settingsFor<K extends SettingKind>(kind: K, uri: string): OptionsOf[K] {
  const scopes = [...(given.get(kind) ?? [])].filter(([scope]) => uri.startsWith(scope))
  const [best] = scopes.sort(([a], [b]) => b.length - a.length)
  return (best?.[1] ?? {}) as OptionsOf[K]
}

/** Credentials and places of stores, for this process. Without a call, the environment and profiles are asked. */
export const stores = {
  s3: (options: S3Options): void => set("s3", options),
  gcs: (options: GcsOptions): void => set("gcs", options),
  azure: (options: AzureOptions): void => set("azure", options),
  http: (options: HttpOptions): void => set("http", options),
  hdfs: (options: HdfsOptions): void => set("hdfs", options),
  /** User and password for PostgreSQL and MySQL addresses; `scope: "postgres://host/"`. */
  database: (options: DatabaseOptions): void => set("database", options),
  /** Forgets all of it. */
  clear: (): void => given.clear(),
}

export type { StoreKind }
