// A Sail server on this machine's loopback, from the pip package `pysail`: one process, no Java.

import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { freePorts, isListening } from "./ports.js"
import { findPython } from "./python.js"
import { Servers } from "./Servers.js"
import type { LocalServers } from "./standalone.js"
import { storeEnvironment } from "./storeEnvironment.js"

export interface SailOptions {
  /** A Python that has pysail; default: one near the notebook. */
  readonly python?: string
  readonly say?: (line: string) => void
}

/** @throws CLUSTER_START */
export async function startSail({ python, say = () => {} }: SailOptions = {}): Promise<LocalServers> {
  const started = Date.now()
  const home = await findPython("sail", python)
  const [port] = (await freePorts(1)) as [number]
  const servers = new Servers()
  const args = ["spark", "server", "--ip", "127.0.0.1", "--port", String(port)]
  const checkpoints = pathToFileURL(join(servers.folder, "checkpoints")).href
  const env = { ...storeEnvironment(), SAIL_EXECUTION__CHECKPOINT__PATH: checkpoints }
  servers.start({ name: "sail", command: join(home.python, "../sail"), args, env })
  try {
    await servers.wait("sail", "Sail", async () => ((await isListening(port)) ? true : undefined), 60)
  } catch (error) {
    await servers.close()
    throw error
  }
  say(`sail: Sail ${home.version} on 127.0.0.1:${port} (${((Date.now() - started) / 1000).toFixed(1)} s)`)
  return { address: `sc://127.0.0.1:${port}`, servers }
}
