// Keys for S3 and services that speak it: from `stores.s3`, else the environment, else profile files, else none. Not the
// SDK's whole chain: no instance metadata, no SSO sessions (a profile's `credential_process` covers those).

import { execFileSync } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { homedir } from "node:os"
import { join } from "node:path"
import { didYouMean, fail } from "../../errors.js"
import { secret } from "../redact.js"
import { type S3Options, settingsFor } from "../settings.js"

export interface S3Access {
  /** Absent: requests go unsigned, as public buckets want. */
  readonly keyId?: string
  readonly secret?: string
  readonly sessionToken?: string
  readonly region: string
  readonly endpoint?: string
  readonly urlStyle: "path" | "vhost"
  /** Where they came from, for messages: never the values. */
  readonly from: string
}

type Environment = Readonly<Record<string, string | undefined>>

export function s3Access(uri: string, env: Environment = process.env): S3Access {
  const options = settingsFor("s3", uri)
  const profile = readProfile(options, env)
  const keys = keysOf(options, profile, env)
  const endpoint =
    options.endpoint ?? env.AWS_ENDPOINT_URL_S3 ?? env.AWS_ENDPOINT_URL ?? profile?.values.endpoint_url
  const region =
    options.region ?? env.AWS_REGION ?? env.AWS_DEFAULT_REGION ?? profile?.values.region ?? "us-east-1"
  const urlStyle = options.urlStyle ?? (endpoint === undefined ? "vhost" : "path")
  return { ...keys, region, urlStyle, ...(endpoint === undefined ? {} : { endpoint }) }
}

type Keys = Pick<S3Access, "keyId" | "secret" | "sessionToken" | "from">

function keysOf(options: S3Options, profile: Profile | undefined, env: Environment): Keys {
  if (options.keyId !== undefined)
    return keys(options.keyId, options.secret, options.sessionToken, "stores.s3")
  if (options.profile === undefined && env.AWS_ACCESS_KEY_ID) {
    return keys(env.AWS_ACCESS_KEY_ID, env.AWS_SECRET_ACCESS_KEY, env.AWS_SESSION_TOKEN, "AWS_ACCESS_KEY_ID")
  }
  if (profile !== undefined) {
    const from = `profile ${profile.name}`
    const { aws_access_key_id, aws_secret_access_key, aws_session_token, credential_process } = profile.values
    if (aws_access_key_id) return keys(aws_access_key_id, aws_secret_access_key, aws_session_token, from)
    if (credential_process) return processKeys(credential_process, from)
  }
  return { from: "no credentials" }
}

function keys(keyId: string, value: string | undefined, token: string | undefined, from: string): Keys {
  if (!value) {
    const fix = "Give the secret key that belongs to the key id."
    throw fail("BAD_VALUE", { where: from, name: "secret", value: "missing", fix })
  }
  secret(value)
  secret(token)
  return { keyId, secret: value, from, ...(token ? { sessionToken: token } : {}) }
}

interface ProcessKeys {
  readonly AccessKeyId: string
  readonly SecretAccessKey: string
  readonly SessionToken?: string
}

const asked = new Map<string, { readonly keys: Keys; readonly at: number }>()

/** The program is asked again after five minutes: its keys may run out. */
function processKeys(command: string, from: string): Keys {
  const known = asked.get(command)
  if (known !== undefined && Date.now() - known.at < 300_000) return known.keys
  const text = execFileSync("sh", ["-c", command], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] })
  const { AccessKeyId, SecretAccessKey, SessionToken } = JSON.parse(text) as ProcessKeys
  const made = keys(AccessKeyId, SecretAccessKey, SessionToken, from)
  asked.set(command, { keys: made, at: Date.now() })
  return made
}

interface Profile {
  readonly name: string
  readonly values: Readonly<Record<string, string>>
}

/** The named profile must exist; the default one may be missing. */
function readProfile(options: S3Options, env: Environment): Profile | undefined {
  const named = options.profile ?? (env.AWS_PROFILE || undefined)
  const name = named ?? "default"
  const home = join(env.HOME ?? homedir(), ".aws")
  const files = [
    env.AWS_CONFIG_FILE ?? join(home, "config"),
    env.AWS_SHARED_CREDENTIALS_FILE ?? join(home, "credentials"),
  ]
  const sections = files.flatMap(file => (existsSync(file) ? [...parseIni(readFileSync(file, "utf8"))] : []))
  const own = sections.filter(([section]) => section === name).map(([, values]) => values)
  if (own.length > 0) return { name, values: Object.assign({}, ...own) as Record<string, string> }
  if (named === undefined) return undefined
  const names = [...new Set(sections.map(([section]) => section))]
  const fix = `Profiles: ${names.join(", ") || "none"} (looked in ${files.join(" and ")}).${didYouMean(name, names)}`
  throw fail("BAD_VALUE", {
    where: "stores.s3",
    name: "profile",
    value: `\`${name}\`, which is missing`,
    fix,
  })
}

/** Section (without the word `profile`) to its keys. */
function parseIni(text: string): Map<string, Record<string, string>> {
  const sections = new Map<string, Record<string, string>>()
  let current: Record<string, string> | undefined
  for (const line of text.split(/\r?\n/)) {
    const section = /^\s*\[\s*(?:profile\s+)?([^\]]+?)\s*\]/.exec(line)?.[1]
    if (section !== undefined) {
      current = sections.get(section) ?? {}
      sections.set(section, current)
    }
    const pair = /^\s*([\w.]+)\s*=\s*(.*?)\s*$/.exec(line)
    if (pair !== null && current !== undefined && !/^\s*[#;]/.test(line)) current[pair[1]!] = pair[2]!
  }
  return sections
}
