#!/usr/bin/env node
// The command `shardlab`: reads the command line and hands over. Each command's code is loaded only when it is asked for.

import { didYouMean, fail, ShardlabError } from "./errors.js"

const help = `shardlab: a TypeScript kernel for Jupyter

  shardlab install [--user | --prefix DIR]   make Jupyter find the kernel (default: --user)
  shardlab run IN.ipynb OUT.ipynb [-p NAME VALUE]...
                                             run a notebook without Jupyter
  shardlab launch -n N [--min M] IN.ipynb OUT.ipynb [-p NAME VALUE]...
                                             the same in N processes that train together (needs Open MPI)
  shardlab kernel -f CONNECTION_FILE         serve a Jupyter client (Jupyter calls this)
  shardlab doctor                            what this machine offers
`

type Command = (args: readonly string[]) => Promise<number>

const commands: Record<string, Command> = {
  async kernel(args) {
    const file = wordAfter(args, "-f")
    if (file === undefined) throw fail("USAGE", { problem: "`shardlab kernel` needs -f CONNECTION_FILE." })
    const { startSession } = await import("./runner/session.js")
    // The session first: its processes start while ZeroMQ is being loaded.
    const session = await startSession({ cwd: process.cwd() })
    const { serve } = await import("./runner/jupyter.js")
    await serve(file, session)
    return 0
  },
  async install(args) {
    const { installKernelspec } = await import("./runner/kernelspec.js")
    const folder = installKernelspec({ prefix: wordAfter(args, "--prefix") })
    process.stdout.write(`Installed the kernel "shardlab (TypeScript)" in ${folder}\n`)
    return 0
  },
  async run(args) {
    const { main } = await import("./batch/main.js")
    return main([...args])
  },
  async launch(args) {
    const { main } = await import("./batch/launch.js")
    return main(args)
  },
  async doctor() {
    const { examine } = await import("./runner/doctor.js")
    process.stdout.write(`${(await examine()).join("\n")}\n`)
    return 0
  },
}

async function main([name = "--help", ...args]: readonly string[]): Promise<number> {
  if (["--help", "-h", "help"].includes(name)) {
    process.stdout.write(help)
    return 0
  }
  const command = commands[name]
  if (command !== undefined) return command(args)
  const problem = `There is no command \`${name}\`.${didYouMean(name, Object.keys(commands))}`
  throw fail("USAGE", { problem })
}

/** The word after `option`, if the option is there. */
function wordAfter(args: readonly string[], option: string): string | undefined {
  const at = args.indexOf(option)
  return at < 0 ? undefined : args[at + 1]
}

main(process.argv.slice(2)).then(
  code => process.exit(code),
  error => {
    // The command line has no cell to show an error in: here stderr is the right place.
    process.stderr.write(`shardlab: ${error instanceof ShardlabError ? error.message : error?.stack}\n`)
    process.exit(error instanceof ShardlabError ? 2 : 1)
  },
)
