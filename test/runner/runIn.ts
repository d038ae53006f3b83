// Runs cells in a session one after the other and collects what each one shows.
import type { DisplayOptions, ExecuteOutcome, KernelSession } from "../../kernel/lib/runner/KernelSession.js"

export interface CellRun {
  readonly id: string
  readonly outcome: ExecuteOutcome
  readonly text: string
  readonly result: unknown
  readonly displays: readonly { bundle: Record<string, unknown>; options: DisplayOptions }[]
}

export function runIn(session: KernelSession): (code: string) => Promise<CellRun> {
  let n = 0
  return async code => {
    const id = `cell-${++n}`
    let text = ""
    let result: unknown
    const displays: { bundle: Record<string, unknown>; options: DisplayOptions }[] = []
    const outcome = await session.execute(
      code,
      { id, n, silent: false },
      {
        stream: (_, more) => {
          text += more
        },
        display: (bundle, options) => void displays.push({ bundle, options }),
        result: bundle => {
          result = bundle["text/plain"]
        },
        clear() {},
        comm() {},
        input: () => new Promise(() => {}),
      },
    )
    return { id, outcome, text, result, displays }
  }
}
