// Starts processes as a launcher does, by the variables that it leaves in their environment.
import { spawn } from "node:child_process"
import { freePort } from "../../services/service.mjs"

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** Lines of JSON that it printed. */
  readonly told: readonly Record<string, unknown>[]
  readonly stdout: string
  readonly stderr: string
}

export async function launchEnvironment(): Promise<Record<string, string>> {
  return {
    SHARDLAB_COORDINATOR: `127.0.0.1:${await freePort()}`,
    SHARDLAB_TOKEN: "a secret of this test only",
  }
}

/** As torchrun says it. */
export function asRank(rank: number, size: number): Record<string, string> {
  return {
    RANK: `${rank}`,
    WORLD_SIZE: `${size}`,
    LOCAL_RANK: `${rank}`,
    LOCAL_WORLD_SIZE: `${size}`,
    MASTER_ADDR: "127.0.0.1",
    MASTER_PORT: "1",
  }
}

export function ended(program: readonly string[], env: Record<string, string>): Promise<Ended> {
  const child = spawn(process.execPath, program, { env: { ...process.env, ...env } })
  let [stdout, stderr] = ["", ""]
  child.stdout.on("data", piece => (stdout += piece))
  child.stderr.on("data", piece => (stderr += piece))
  return new Promise(done => {
    child.once("close", (code, signal) => {
      const lines = stdout.split("\n").filter(line => line.startsWith("{"))
      done({ code, signal, stdout, stderr, told: lines.map(line => JSON.parse(line)) })
    })
  })
}
