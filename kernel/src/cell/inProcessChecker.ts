// The checker in this process: the double for tests, and for whoever wants no second process.

import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { CellChecker, failedCheck } from "./CellChecker.js"
import type { CheckerPaths } from "./CellHost.js"
import type { Checker } from "./Checker.js"

/** Where this installation has its files; `cwd` is the notebook's folder. */
export function checkerPaths(cwd: string): CheckerPaths {
  const here = dirname(fileURLToPath(import.meta.url))
  const typescript = createRequire(import.meta.url).resolve("typescript")
  return { cwd, kernel: join(here, "../.."), typescriptLib: dirname(typescript) }
}

export function inProcessChecker({ cwd }: { cwd: string }): Checker {
  const checker = new CellChecker(checkerPaths(cwd))
  return {
    async check(code, cell) {
      try {
        return checker.check(code, cell)
      } catch (error) {
        return failedCheck(code, error)
      }
    },
    async commit(id, outcome) {
      checker.commit(id, outcome)
    },
    complete: async (code, offset) => checker.complete(code, offset),
    inspect: async (code, offset, detail) => checker.inspect(code, offset, detail),
    isComplete: async code => checker.isComplete(code),
    async close() {},
  }
}
