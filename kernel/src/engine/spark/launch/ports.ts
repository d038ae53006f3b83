// Free ports of this machine, on loopback, and whether something listens.

import { randomInt } from "node:crypto"
import { connect, createServer, type Server } from "node:net"

/** Where Linux takes no port from by itself, for connections and for servers that ask for any. */
const [lowest, beyond] = [10_000, 32_768]

/** Ports that are free now; nothing holds them, so they should be taken soon. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, () => listening()))
  const ports = servers.map(server => (server.address() as { port: number }).port)
  await Promise.all(servers.map(server => new Promise(resolve => server.close(resolve))))
  return ports
}

async function listening(): Promise<Server> {
  for (let tries = 0; tries < 20; tries++) {
    const server = await listenOn(randomInt(lowest, beyond)).catch(() => undefined)
    if (server !== undefined) return server
  }
  return listenOn(0)
}

function listenOn(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject)
    server.listen(port, "127.0.0.1", () => resolve(server))
  })
}

/** True when something accepts a connection there. */
export function isListening(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, "127.0.0.1")
    const done = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.once("connect", () => done(true)).once("error", () => done(false))
  })
}
