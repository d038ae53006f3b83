// What was run in this session, for `history_request`: in memory, one session, gone with the kernel.

const session = 1

interface Entry {
  readonly line: number
  readonly input: string
  output: string | null
}

/** Line as Jupyter sends it: session, line number, and input or [input, output]. */
export type HistoryLine = readonly [number, number, string | readonly [string, string | null]]

export class History {
  readonly #entries: Entry[] = []

  /** Notes a cell; the returned function adds its result's text. */
  add(line: number, input: string): (output: string) => void {
    const entry: Entry = { line, input, output: null }
    this.#entries.push(entry)
    return output => {
      entry.output = output
    }
  }

  /** Answers a `history_request`'s content. An unknown session or access type gives nothing. */
  answer(request: Record<string, unknown>): HistoryLine[] {
    const found = this.#select(request)
    return found.map(({ line, input, output }) => [
      session,
      line,
      request.output === true ? [input, output] : input,
    ])
  }

  #select(request: Record<string, unknown>): Entry[] {
    const count = typeof request.n === "number" ? request.n : undefined
    switch (request.hist_access_type) {
      case "tail":
        return last(this.#entries, count)
      case "range":
        return this.#range(request)
      case "search":
        return last(this.#search(String(request.pattern ?? "*"), request.unique === true), count)
      default:
        return []
    }
  }

  #range(request: Record<string, unknown>): Entry[] {
    // 0 is the current session, as in IPython.
    const wanted = request.session ?? 0
    if (wanted !== 0 && wanted !== session) return []
    const start = typeof request.start === "number" ? request.start : 1
    const stop = typeof request.stop === "number" ? request.stop : Number.POSITIVE_INFINITY
    return this.#entries.filter(({ line }) => line >= start && line < stop)
  }

  #search(pattern: string, unique: boolean): Entry[] {
    const matcher = glob(pattern)
    const found = this.#entries.filter(({ input }) => matcher.test(input))
    if (!unique) return found
    const latest = new Map(found.map(entry => [entry.input, entry]))
    return [...latest.values()].sort((a, b) => a.line - b.line)
  }
}

function last<T>(items: readonly T[], count: number | undefined): T[] {
  if (count === undefined) return [...items]
  return count <= 0 ? [] : items.slice(-count)
}

/** `*` and `?` as in a shell, over the whole text. */
function glob(pattern: string): RegExp {
  const body = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".")
  return new RegExp(`^${body}$`, "s")
}
