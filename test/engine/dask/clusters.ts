// A real scheduler with worker processes for the tests of this folder, from an environment that the first test makes.
import { readdirSync, readFileSync, readlinkSync } from "node:fs"
import { ensureCluster } from "../../../extension/setup/cluster.mjs"
import {
  connectDask,
  type DaskCluster,
  type DaskOptions,
} from "../../../kernel/src/engine/dask/connectDask.js"

/** Installing, and three Python processes. */
export const startMs = 300_000

export async function startDask(options: DaskOptions = {}): Promise<DaskCluster> {
  return connectDask("dask", { workers: 2, python: await daskPython(), ...options })
}

export async function daskPython(): Promise<string> {
  return (await ensureCluster("dask")) as string
}

/** The processes that run tasks below the process of a cluster. */
export function workerPids(parent: number): number[] {
  const all = readdirSync("/proc").filter(name => /^\d+$/.test(name))
  return all.map(Number).filter(pid => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
      const ppid = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1])
      return ppid === parent && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("spawn_main")
    } catch {
      return false // it has just ended
    }
  })
}

export function alive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
    return !/^\d+ \(.*\) Z/.test(stat)
  } catch {
    return false
  }
}

/** The one of these processes that listens at a port of 127.0.0.1. */
export function listenerAt(port: number, pids: readonly number[]): number | undefined {
  const place = `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")}`
  const sockets = readFileSync("/proc/net/tcp", "utf8").split("\n")
  const [, , , , , , , , , inode] =
    sockets
      .map(line => line.trim().split(/\s+/))
      .find(([, local, , state]) => local === place && state === "0A") ?? []
  const holds = (pid: number) =>
    readdirSync(`/proc/${pid}/fd`).some(fd => linkOf(`/proc/${pid}/fd/${fd}`) === `socket:[${inode}]`)
  return pids.find(holds)
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return "" // closed meanwhile
  }
}
