// `shardlab launch -n 4 IN OUT -p name value`: the notebook in several processes under mpirun, whose trainings are one. When a
// process is killed, the ones that remain start over and go on from the last checkpoint (`train(..., { checkpoint })`). Not a
// scheduler: all processes are on this host, and nothing listens beyond it, unless mpirun's own environment (OMPI_MCA_...)
// names others.

import { spawn } from "node:child_process"
import { randomBytes } from "node:crypto"
import { type AddressInfo, createServer } from "node:net"
import { fileURLToPath } from "node:url"
import { fail } from "../errors.js"

/** What `shardlab run` ends with when its runner was killed, among others. */
export const diedCode = 3

interface Arguments {
  readonly processes: number
  readonly least: number
  /** For `shardlab run`. */
  readonly rest: readonly string[]
}

export async function main(argv: readonly string[]): Promise<number> {
  const { processes, least, rest } = readArguments(argv)
  for (let count = processes; ; count--) {
    const code = await runTogether(count, rest, count < processes)
    if (!isLoss(code)) return code
    if (count <= least) {
      process.stdout.write(`A process was killed, and ${count} is the least (--min).\n`)
      return code
    }
    process.stdout.write(
      `A process was killed: ${count - 1} of ${processes} go on from the last checkpoint.\n`,
    )
  }
}

/** A process that was killed, as opposed to a cell that failed (1), a bad call (2) or a stop by the user (130). */
function isLoss(code: number): boolean {
  return code === diedCode || (code > 128 && code !== 130 && code !== 143)
}

/** The exit code of the first process that failed, as mpirun passes it on. */
async function runTogether(count: number, rest: readonly string[], again: boolean): Promise<number> {
  const program = [process.execPath, fileURLToPath(new URL("../main.js", import.meta.url)), "run", ...rest]
  const root = process.getuid?.() === 0 ? ["--allow-run-as-root"] : []
  const meeting = await meetingPlace()
  const exported = Object.keys(meeting).flatMap(name => ["-x", name])
  const args = ["-quiet", "-n", String(count), "--oversubscribe", ...exported, ...root, ...program]
  const env = { ...thisHostOnly(), ...process.env, ...meeting, ...(again && { SHARDLAB_RESUME: "1" }) }
  return new Promise((done, failed) => {
    const child = spawn("mpirun", args, { stdio: "inherit", env })
    const pass = (signal: NodeJS.Signals) => child.kill(signal)
    process.on("SIGINT", pass).on("SIGTERM", pass)
    child.once("error", error => failed(fail("MPI_MISSING", { names: "mpirun" }, error)))
    child.once("close", code => {
      process.off("SIGINT", pass).off("SIGTERM", pass)
      done(code ?? 130)
    })
  })
}

function thisHostOnly(): Record<string, string> {
  if (Object.keys(process.env).some(name => name.startsWith("OMPI_MCA_"))) return {}
  return { OMPI_MCA_oob_tcp_if_include: "lo", OMPI_MCA_btl_tcp_if_include: "lo" }
}

/** Where processes meet that share the devices of GPUs, and their secret; new ones for each start, and never in arguments. */
async function meetingPlace(): Promise<Record<string, string>> {
  const { SHARDLAB_COORDINATOR: given } = process.env
  const address = given ?? `127.0.0.1:${await freePort()}`
  return { SHARDLAB_COORDINATOR: address, SHARDLAB_TOKEN: randomBytes(32).toString("hex") }
}

function freePort(): Promise<number> {
  return new Promise((found, failed) => {
    const server = createServer().once("error", failed)
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo
      server.close(() => found(port))
    })
  })
}

function readArguments(argv: readonly string[]): Arguments {
  const rest: string[] = []
  const counts: Record<string, number> = { "-n": Number.NaN, "--min": 1 }
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at]!
    if (word in counts) counts[word] = Number(argv[++at])
    else rest.push(word)
  }
  const [processes, least] = [counts["-n"]!, counts["--min"]!]
  const isCount = (value: number) => Number.isSafeInteger(value) && value > 0
  if (!isCount(processes) || !isCount(least) || least > processes)
    throw fail("USAGE", {
      problem: "`shardlab launch` wants -n, the number of processes, and --min no larger: -n 4 --min 2.",
    })
  return { processes, least, rest }
}
