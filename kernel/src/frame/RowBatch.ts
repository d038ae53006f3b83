// What a user's function gets: some rows of a frame, as columns (typed arrays) and as row objects, whichever is handier.
// A view: nothing is copied, and a row object is made when it is asked for. Not what a function gives (functionResult.ts).

import type { ColumnBatch, ColumnData } from "./ColumnBatch.js"
import type { Schema } from "./Schema.js"
import type { AnySchema, DataType, RowOf, SchemaShape } from "./types.js"
import { getters } from "./values.js"

/** The array that holds a column of type T. NULL is 0 (or null, in a plain array): see `RowBatch.isNull`. */
export type ColumnArray<T extends DataType> = T["kind"] extends keyof ArrayOfKind
  ? ArrayOfKind[T["kind"]]
  : T["kind"] extends "unknown"
    ? ColumnData
    : readonly unknown[]

interface ArrayOfKind {
  boolean: Uint8Array
  int8: Int8Array
  int16: Int16Array
  int32: Int32Array
  int64: BigInt64Array
  uint8: Uint8Array
  uint16: Uint16Array
  uint32: Uint32Array
  uint64: BigUint64Array
  float32: Float32Array
  float64: Float64Array
  date: Int32Array
  timestamp: BigInt64Array
  timestamptz: BigInt64Array
  utf8: readonly string[]
}

export class RowBatch<S extends SchemaShape = AnySchema> implements Iterable<RowOf<S>> {
  readonly #batch: ColumnBatch
  readonly #schema: Schema
  #cleared = false
  #getters: readonly ((row: number) => unknown)[] | undefined

  constructor(batch: ColumnBatch, schema: Schema) {
    this.#batch = batch
    this.#schema = schema
  }

  /** How many rows. */
  get rows(): number {
    return this.#batch.rows
  }
  get names(): (keyof S & string)[] {
    return this.#schema.names as (keyof S & string)[]
  }
  /** `batch.columns.delay`: dates are days and timestamps microseconds since the epoch, booleans 0 and 1, NULL is 0. */
  get columns(): { readonly [K in keyof S]: ColumnArray<S[K]> } {
    if (!this.#cleared) clearNulls(this.#batch)
    this.#cleared = true
    return this.#batch.columns as { readonly [K in keyof S]: ColumnArray<S[K]> }
  }

  /** Always false for a column without NULLs. Fails for a name that is none. */
  isNull(name: keyof S & string, row: number): boolean {
    this.#schema.type(name, "isNull")
    return this.#batch.valid[name]?.[row] === 0
  }

  /** One column as `collect` would give it, NULL as null. */
  values<K extends keyof S & string>(name: K): RowOf<S>[K][] {
    this.#schema.type(name, "values")
    const read = this.#readers()[this.#schema.names.indexOf(name)]!
    return Array.from({ length: this.rows }, (_, row) => read(row) as RowOf<S>[K])
  }

  /** The row as an object, as `collect` gives it: dates as Date, 64-bit integers as bigint, NULL as null. */
  row(index: number): RowOf<S> {
    const readers = this.#readers()
    const object: Record<string, unknown> = {}
    const { fields } = this.#schema
    for (let c = 0; c < fields.length; c++) setOwn(object, fields[c]!.name, readers[c]!(index))
    return object as RowOf<S>
  }

  *[Symbol.iterator](): Generator<RowOf<S>> {
    for (let index = 0; index < this.rows; index++) yield this.row(index)
  }

  map<R>(fn: (row: RowOf<S>, index: number) => R): R[] {
    return Array.from({ length: this.rows }, (_, index) => fn(this.row(index), index))
  }

  filter(fn: (row: RowOf<S>, index: number) => unknown): RowOf<S>[] {
    return [...this].filter((row, index) => fn(row, index))
  }

  toArray(): RowOf<S>[] {
    return [...this]
  }

  #readers(): readonly ((row: number) => unknown)[] {
    this.#getters ??= getters(this.#batch, this.#schema)
    return this.#getters
  }
}

/** What an engine left in the places of NULLs has no meaning, and would be read as a value. */
function clearNulls({ columns, valid, rows }: ColumnBatch): void {
  for (const [name, mask] of Object.entries(valid)) {
    const data = columns[name] as unknown[]
    const nothing = !ArrayBuffer.isView(data) ? null : typeof data[0] === "bigint" ? 0n : 0
    for (let row = 0; row < rows; row++) if (mask[row] === 0) data[row] = nothing
  }
}

function setOwn(object: Record<string, unknown>, name: string, value: unknown): void {
  if (name !== "__proto__") object[name] = value
  else Object.defineProperty(object, name, { value, enumerable: true, writable: true, configurable: true })
}
