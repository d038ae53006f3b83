// A bounded table of numbers over time: one column an array, the oldest rows fall out. Not a chart, and it knows nothing
// of what its columns mean. Rows arrive in order of time; one that comes late is put where it belongs.

/** Columns of `number`, sorted by the first, `t`. `at(i)` counts from the oldest row kept. */
export class Series<Name extends string> {
  readonly #capacity: number
  readonly #t: number[] = []
  readonly #columns: Record<Name, number[]>

  constructor(names: readonly Name[], capacity: number) {
    this.#capacity = capacity
    this.#columns = Object.fromEntries(names.map(name => [name, []])) as unknown as Record<Name, number[]>
  }

  get length(): number {
    return this.#t.length
  }

  push(t: number, row: Record<Name, number>): void {
    let at = this.#t.length
    while (at > 0 && this.#t[at - 1]! > t) at--
    this.#t.splice(at, 0, t)
    for (const name in this.#columns) this.#columns[name].splice(at, 0, row[name])
    if (this.#t.length > this.#capacity + (this.#capacity >> 3)) this.#trim()
  }

  t(i: number): number {
    return this.#t[i] ?? Number.NaN
  }

  value(name: Name, i: number): number {
    return this.#columns[name][i] ?? Number.NaN
  }

  /** Index of the last row at or before `t`, -1 when there is none. */
  indexAt(t: number): number {
    let [low, high] = [0, this.#t.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#t[middle]! <= t) low = middle + 1
      else high = middle
    }
    return low - 1
  }

  /** The value that holds at `t`, NaN before the first row. */
  valueAt(name: Name, t: number): number {
    return this.value(name, this.indexAt(t))
  }

  last(name: Name): number {
    return this.value(name, this.length - 1)
  }

  /** Row indices that a drawing of [from, to] needs: those inside and one neighbour on each side. */
  range(from: number, to: number): [number, number] {
    return [Math.max(0, this.indexAt(from)), Math.min(this.length - 1, this.indexAt(to) + 1)]
  }

  #trim(): void {
    const extra = this.#t.length - this.#capacity
    this.#t.splice(0, extra)
    for (const name in this.#columns) this.#columns[name].splice(0, extra)
  }
}
