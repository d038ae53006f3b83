// The connection file that a Jupyter client writes for the kernel it starts: where to bind and how to sign.
// Not the sockets (sockets.ts).

import { readFileSync } from "node:fs"

export interface Connection {
  readonly ip: string
  readonly transport: string
  readonly shellPort: number
  readonly controlPort: number
  readonly iopubPort: number
  readonly stdinPort: number
  readonly heartbeatPort: number
  /** HMAC-SHA256 key; empty means that messages are not signed. */
  readonly key: string
}

/** Reads a connection file. Throws an `Error` that names what is missing or unsupported. */
export function readConnection(path: string): Connection {
  const raw = JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>
  const scheme = raw.signature_scheme ?? "hmac-sha256"
  if (scheme !== "hmac-sha256") throw new Error(`${path}: signature_scheme is ${scheme}, not hmac-sha256`)
  const port = (name: string): number => {
    const value = raw[name]
    if (typeof value !== "number") throw new Error(`${path}: \`${name}\` is not a port number`)
    return value
  }
  return {
    ip: String(raw.ip ?? "127.0.0.1"),
    transport: String(raw.transport ?? "tcp"),
    shellPort: port("shell_port"),
    controlPort: port("control_port"),
    iopubPort: port("iopub_port"),
    stdinPort: port("stdin_port"),
    heartbeatPort: port("hb_port"),
    key: String(raw.key ?? ""),
  }
}

/** The address of one of the connection's ports, as ZeroMQ writes it (`ipc` addresses join with a dash). */
export function address(connection: Connection, port: number): string {
  const separator = connection.transport === "ipc" ? "-" : ":"
  return `${connection.transport}://${connection.ip}${separator}${port}`
}
