// Why a runner process ended, in words for the cell that it took along.

import type { CellError } from "./KernelSession.js"

export interface Death {
  readonly ename: string
  /** One sentence. */
  readonly cause: string
  /** What the user can do. */
  readonly hint: string
}

/** `stderr` is the end of what the process wrote to file descriptor 2, where V8 and native code say their last words. */
export function explainDeath(code: number | null, signal: NodeJS.Signals | null, stderr: string): Death {
  if (/heap out of memory|Reached heap limit|Allocation failed|std::bad_alloc/.test(stderr)) {
    return {
      ename: "OutOfMemory",
      cause: "The runner ran out of memory.",
      hint: "Keep less in variables, or start Jupyter with SHARDLAB_HEAP_MB set to a larger JavaScript heap.",
    }
  }
  if (signal === "SIGKILL") {
    return {
      ename: "RunnerKilled",
      cause: "The runner was killed (SIGKILL), as the system does when memory runs out.",
      hint: "Check the machine's or container's memory limit.",
    }
  }
  if (signal !== null) {
    const words = lastWords(stderr)
    return {
      ename: "RunnerCrashed",
      cause: `The runner ended by signal ${signal}${words === undefined ? "" : `: ${words}`}.`,
      hint: "A native library probably crashed; the kernel's log has its output.",
    }
  }
  return {
    ename: "RunnerExited",
    cause: `The runner ended with exit code ${code}: something called process.exit(${code}).`,
    hint: "Throw an error to stop a cell.",
  }
}

export function deathError({ ename, cause, hint }: Death): CellError {
  const evalue = `${cause} All variables are gone; the next cell starts in a fresh runner.`
  return { status: "died", ename, evalue, traceback: [`\u001b[31m${ename}\u001b[39m: ${evalue}`, hint] }
}

/** The line in which native code says why it gives up, if it does. */
function lastWords(stderr: string): string | undefined {
  const telling = /FATAL|terminate called|assert|panicked|segmentation|error:/i
  return stderr
    .split("\n")
    .find(line => telling.test(line))
    ?.trim()
}
