// A Spark Connect address, `sc://host:port/;token=...;use_ssl=true`, as data. Not a connection: transport.ts makes one.

import { didYouMean, fail } from "../../errors.js"

export interface ServerAddress {
  readonly host: string
  readonly port: number
  readonly tls: boolean
  /** Sent as a bearer token. Never in a message, a plan or a file. */
  readonly token?: string
  readonly userId?: string
  /** To go on in a session that exists. */
  readonly sessionId?: string
  readonly userAgent?: string
  readonly maxMessageBytes: number
  /** Parameters that are not ours: they go along as gRPC metadata, as every Spark client does it. */
  readonly headers: Readonly<Record<string, string>>
}

const defaultPort = 15002
const defaultMessageBytes = 128 * 1024 * 1024
const known = ["token", "use_ssl", "user_id", "user_agent", "session_id", "grpc_max_message_size"]
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** @throws BAD_VALUE naming the part that is wrong. A token travels over TLS only, except to this machine itself. */
export function parseAddress(uri: string): ServerAddress {
  const { host, port, rest } = authority(uri)
  const parameters = parametersOf(rest)
  const { token, user_id: userId, user_agent: userAgent, session_id: sessionId } = parameters
  if (sessionId !== undefined && !uuid.test(sessionId)) {
    throw bad("session_id", sessionId, "It must be a UUID, such as 00112233-4455-6677-8899-aabbccddeeff.")
  }
  return {
    host,
    port,
    tls: tlsOf(parameters, host),
    ...(token !== undefined && { token }),
    ...(userId !== undefined && { userId }),
    ...(userAgent !== undefined && { userAgent }),
    ...(sessionId !== undefined && { sessionId }),
    maxMessageBytes: messageBytes(parameters.grpc_max_message_size),
    headers: Object.fromEntries(Object.entries(parameters).filter(([name]) => !known.includes(name))),
  }
}

/** How an address is named in messages: no parameter, so no secret. */
export function addressText({ host, port }: ServerAddress): string {
  return `sc://${host.includes(":") ? `[${host}]` : host}:${port}`
}

export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host)
}

function authority(uri: string): { host: string; port: number; rest: string } {
  const match = /^sc:\/\/(\[[^\]]+\]|[^:/;[\]@]+)(?::([^/;]*))?(\/?)(.*)$/s.exec(uri)
  if (match === null) throw bad("address", shown(uri), "Write it as sc://host:15002.")
  const [, host, portText, slash, rest] = match
  if (rest !== "" && (slash === "" || !rest!.startsWith(";"))) {
    throw bad("address", shown(uri), "Parameters follow `/;`: sc://host:15002/;use_ssl=true.")
  }
  const port = portText === undefined ? defaultPort : Number(portText)
  if (!Number.isInteger(port) || port < 1 || port > 65535 || portText === "") {
    throw bad("port", `\`${portText}\``, "Give a number from 1 to 65535.")
  }
  return { host: host!.replace(/^\[|\]$/g, ""), port, rest: rest! }
}

function parametersOf(rest: string): Record<string, string | undefined> & Record<string, string> {
  const found: Record<string, string> = {}
  for (const pair of rest.split(";").filter(part => part !== "")) {
    const at = pair.indexOf("=")
    if (at < 1) throw bad("address", `the part \`${pair}\``, "Parameters are written name=value.")
    const name = decoded(pair.slice(0, at))
    const near = known.includes(name) ? "" : didYouMean(name, known)
    if (near !== "") throw bad(name, "not a parameter of Spark Connect", near.trim())
    found[name] = decoded(pair.slice(at + 1))
  }
  return found
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw bad("address", "not readable", "Write `%` in a value as %25.")
  }
}

function tlsOf(parameters: Readonly<Record<string, string>>, host: string): boolean {
  const { use_ssl: given, token } = parameters
  if (given !== undefined && given !== "true" && given !== "false") {
    throw bad("use_ssl", `\`${given}\``, "Give true or false.")
  }
  if (given === "false" && token !== undefined && !isLoopback(host)) {
    const fix =
      "A token would be readable on the way: leave use_ssl out, or connect through a tunnel to localhost."
    throw bad("use_ssl", "false beside a token", fix)
  }
  return given === undefined ? token !== undefined && !isLoopback(host) : given === "true"
}

function messageBytes(given: string | undefined): number {
  if (given === undefined) return defaultMessageBytes
  const bytes = Number(given)
  if (!Number.isSafeInteger(bytes) || bytes <= 0) {
    throw bad("grpc_max_message_size", `\`${given}\``, "Give a number of bytes.")
  }
  return bytes
}

/** Without parameters: they may hold a token. */
function shown(uri: string): string {
  return `\`${uri.replace(/;.*$/s, ";...")}\``
}

function bad(name: string, value: string, fix: string): Error {
  return fail("BAD_VALUE", { where: "connect", name, value, fix })
}
