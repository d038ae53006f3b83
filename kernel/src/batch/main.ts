// `shardlab run IN OUT -p name value`: a notebook from the command line, without Jupyter and without Python. Exit codes: 0
// every cell ran, 1 a cell failed (named, with its traceback), 2 the run could not begin, 130 stopped by the user. Started
// with others (mpirun), every process runs all cells; the first one writes the file and tells, and 3 says that a runner died.

import { launchOf } from "../device/world/launch.js"
import { fail } from "../errors.js"
import { startSession } from "../runner/session.js"
import { diedCode } from "./launch.js"
import { readNotebook, writeNotebook } from "./notebook.js"
import { injectParameters } from "./parameters.js"
import { headOf, type RunOutcome, runNotebook } from "./runNotebook.js"

/** Processes that trained together part together: the first one to end waits for the others. */
const partingMs = 600_000

interface Arguments {
  readonly input: string
  readonly output: string
  readonly parameters: ReadonlyMap<string, string>
}

/** Runs the command; resolves with the exit code. Throws a ShardlabError for what is wrong before the first cell. */
export async function main(argv: readonly string[]): Promise<number> {
  const { input, output, parameters } = readArguments(argv)
  const notebook = readNotebook(input)
  injectParameters(notebook, parameters)
  const launch = launchOf()
  const follows = (launch?.rank ?? 0) > 0
  if (!follows) writeNotebook(output, notebook)
  const stop = new AbortController()
  const session = await startSession({ cwd: process.cwd() })
  const onSignal = () => {
    stop.abort()
    void session.interrupt()
  }
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal)
  const start = Date.now()
  let graceMs: number | undefined
  try {
    const outcome = await runNotebook(session, notebook, {
      output: follows ? undefined : output,
      progress: follows ? () => {} : progress,
      signal: stop.signal,
    })
    if (outcome.status === "ok") graceMs = partingMs
    if (follows && outcome.status === "ok") return 0
    const code = report(outcome, output, (Date.now() - start) / 1000)
    const died = outcome.status === "failed" && outcome.error.status === "died"
    return died && launch !== undefined ? diedCode : code
  } finally {
    process.off("SIGINT", onSignal).off("SIGTERM", onSignal)
    await session.close(graceMs)
  }
}

function readArguments(argv: readonly string[]): Arguments {
  const files: string[] = []
  const parameters = new Map<string, string>()
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at]!
    if (word === "-p" || word === "--parameter") {
      const [name, value] = [argv[at + 1], argv[at + 2]]
      if (name === undefined || value === undefined)
        throw usage("-p wants a name and a value: -p sample 200000.")
      parameters.set(name, value)
      at += 2
    } else if (word.startsWith("-"))
      throw usage(`\`shardlab run\` has no option \`${word}\`; it knows -p NAME VALUE.`)
    else files.push(word)
  }
  const [input, output, ...rest] = files
  if (input === undefined || output === undefined || rest.length > 0) {
    throw usage("`shardlab run` wants two files: the notebook and where to write it.")
  }
  return { input, output, parameters }
}

function usage(problem: string): Error {
  return fail("USAGE", { problem })
}

function progress(done: number, total: number, head: string): void {
  const width = 24
  const filled = total === 0 ? width : Math.round((done / total) * width)
  const bar = "#".repeat(filled).padEnd(width, "-")
  process.stdout.write(`[${bar}] ${done}/${total} ${head}\n`)
}

function report(outcome: RunOutcome, output: string, seconds: number): number {
  const took = `${seconds.toFixed(1)} s`
  switch (outcome.status) {
    case "ok":
      process.stdout.write(`${outcome.cells} cells ran in ${took}; written to ${output}\n`)
      return 0
    case "failed":
      process.stdout.write(`${outcome.error.traceback.join("\n")}\n`)
      process.stdout.write(`Cell ${outcome.n} failed after ${took}: ${headOf(outcome.cell)}\n`)
      process.stdout.write(
        `${outcome.error.ename}: ${outcome.error.evalue}\nEverything up to it is in ${output}\n`,
      )
      return 1
    case "stopped":
      process.stdout.write(
        `Stopped in cell ${outcome.n} after ${took}; everything up to it is in ${output}\n`,
      )
      return 130
    default:
      return outcome satisfies never
  }
}
