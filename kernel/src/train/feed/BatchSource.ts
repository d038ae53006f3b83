// Where training rows come from: anything that streams columns in batches. A DataFrame is one, without `train` knowing
// frames; an array of columns wrapped in `fromColumns` is the double for tests.

export interface SourceBatch {
  readonly rows: number
  readonly columns: Readonly<Record<string, ArrayLike<unknown>>>
  /** 1 where there is a value, 0 where none; columns without gaps have no entry. */
  readonly valid?: Readonly<Record<string, Uint8Array>>
}

export interface BatchSource {
  /** All rows in order, `rows` at a time; each call starts over. */
  batches(rows?: number): AsyncIterable<SourceBatch>
  /**
   * The same rows in parts that can be read in any order; all of `batches`, in its order, when they are read one after the
   * other. Absent, or one part, for a source that can only be read from its first row on.
   */
  parts?(): Promise<readonly BatchSource[]>
}

export function isBatchSource(value: unknown): value is BatchSource {
  return typeof value === "object" && value !== null && typeof (value as BatchSource).batches === "function"
}

/** Columns in memory as a source. */
export function fromColumns(columns: Readonly<Record<string, ArrayLike<unknown>>>): BatchSource {
  const length = Object.values(columns)[0]?.length ?? 0
  return {
    async *batches(rows = 65_536) {
      for (let from = 0; from < length; from += rows) {
        const to = Math.min(from + rows, length)
        const part = Object.entries(columns).map(([name, column]) => [
          name,
          Array.prototype.slice.call(column, from, to),
        ])
        yield { rows: to - from, columns: Object.fromEntries(part) }
      }
    },
  }
}
