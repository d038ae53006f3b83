// A proxy between a client and a server, so that a test can cut the line, or put TLS in front.
import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { connect, createServer, type Server, type Socket } from "node:net"
import { join } from "node:path"
import { createServer as createTlsServer } from "node:tls"

export interface Proxy {
  readonly port: number
  /** Ends every connection and refuses new ones for so long. */
  cut(ms: number): void
  /** Keeps every connection, and lets nothing through for so long. */
  freeze(ms: number): void
  close(): void
}

export async function startProxy(to: number, tls?: { key: string; cert: string }): Promise<Proxy> {
  const open = new Set<Socket>()
  let refusing = false
  const take = (client: Socket) => {
    if (refusing) return client.destroy()
    const server = connect(to, "127.0.0.1")
    for (const [from, other] of [
      [client, server],
      [server, client],
    ] as const) {
      open.add(from)
      from.pipe(other)
      from.on("error", () => other.destroy()).on("close", () => open.delete(from) && other.destroy())
    }
  }
  const server: Server =
    tls === undefined
      ? createServer(take)
      : createTlsServer(
          { key: readFileSync(tls.key), cert: readFileSync(tls.cert), ALPNProtocols: ["h2"] },
          take,
        )
  await new Promise<void>(ready => server.listen(0, "127.0.0.1", ready))
  return {
    port: (server.address() as { port: number }).port,
    cut(ms) {
      refusing = true
      for (const socket of open) socket.destroy()
      setTimeout(() => {
        refusing = false
      }, ms)
    },
    freeze(ms) {
      const held = [...open]
      for (const socket of held) socket.pause()
      setTimeout(() => {
        for (const socket of held) socket.resume()
      }, ms)
    },
    close() {
      for (const socket of open) socket.destroy()
      server.close()
    },
  }
}

/** A certificate for localhost that signs itself. */
export function selfSigned(folder: string): { key: string; cert: string } {
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")]
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
  const options = [
    "req",
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-days",
    "2",
    "-keyout",
    key,
    "-out",
    cert,
  ]
  execFileSync("openssl", [...options, ...subject], { stdio: "ignore" })
  return { key, cert }
}
