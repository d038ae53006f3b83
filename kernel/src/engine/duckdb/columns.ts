// DuckDB's chunks to our batches. Numbers are copied as blocks (no value is boxed); text and nested values one by one.
// The packed arrays of the vectors are not in node-api's published types: a vector without one is read value by value.

import type { DuckDBDataChunk, DuckDBVector } from "@duckdb/node-api"
import type { ColumnBatch, ColumnData } from "../../frame/ColumnBatch.js"
import { type TypedArray, typedArrays } from "../../frame/typedArrays.js"
import type { Field } from "../../frame/types.js"
import { fromNative } from "./nestedValues.js"

type Store = TypedArray | unknown[]
interface PackedVector {
  readonly items?: TypedArray
  readonly dataView?: DataView
  readonly validity?: { readonly data: BigUint64Array | null; readonly offset: number }
}

/** Collects chunks into a batch of at most `capacity` rows. */
export class BatchBuilder {
  readonly #columns: readonly ColumnBuilder[]
  #rows = 0

  constructor(
    fields: readonly Field[],
    readonly capacity: number,
  ) {
    this.#columns = fields.map(field => new ColumnBuilder(field, capacity))
  }

  get rows(): number {
    return this.#rows
  }
  get full(): boolean {
    return this.#rows === this.capacity
  }

  /** Takes rows of the chunk from `start` while there is room, and returns how many. */
  take(chunk: DuckDBDataChunk, start: number): number {
    const rows = Math.min(chunk.rowCount - start, this.capacity - this.#rows)
    this.#columns.forEach((column, index) => {
      column.append(chunk.getColumnVector(index), start, rows, this.#rows)
    })
    this.#rows += rows
    return rows
  }

  batch(): ColumnBatch {
    const columns: Record<string, ColumnData> = Object.create(null)
    const valid: Record<string, Uint8Array> = Object.create(null)
    for (const column of this.#columns) {
      columns[column.field.name] = column.data(this.#rows)
      const mask = column.valid(this.#rows)
      if (mask !== undefined) valid[column.field.name] = mask
    }
    return { rows: this.#rows, columns, valid }
  }
}

class ColumnBuilder {
  readonly #store: Store
  #valid: Uint8Array | undefined

  constructor(
    readonly field: Field,
    private readonly capacity: number,
  ) {
    const packed = typedArrays[field.type.kind]
    this.#store = packed === undefined ? [] : new packed(capacity)
  }

  append(vector: DuckDBVector, start: number, rows: number, at: number): void {
    const packed = vector as unknown as PackedVector
    this.#appendValidity(vector, packed, start, rows, at)
    if (Array.isArray(this.#store)) this.#appendValues(this.#store, vector, start, rows, at)
    else this.#appendPacked(this.#store, vector, packed, start, rows, at)
  }

  data(rows: number): ColumnData {
    return Array.isArray(this.#store) || rows === this.capacity ? this.#store : this.#store.subarray(0, rows)
  }

  valid(rows: number): Uint8Array | undefined {
    return this.#valid?.subarray(0, rows)
  }

  #appendPacked(
    store: TypedArray,
    vector: DuckDBVector,
    { items, dataView }: PackedVector,
    start: number,
    rows: number,
    at: number,
  ): void {
    if (items !== undefined && items.constructor === store.constructor) {
      store.set(items.subarray(start, start + rows) as never, at)
    } else if (this.field.type.kind === "boolean" && dataView !== undefined) {
      ;(store as Uint8Array).set(new Uint8Array(dataView.buffer, dataView.byteOffset + start, rows), at)
    } else {
      for (let row = 0; row < rows; row++) {
        const value = vector.getItem(start + row)
        if (value !== null) store[at + row] = packedValue(value) as never
      }
    }
  }

  #appendValues(store: unknown[], vector: DuckDBVector, start: number, rows: number, at: number): void {
    for (let row = 0; row < rows; row++) {
      const value = vector.getItem(start + row)
      store[at + row] = typeof value === "string" ? value : fromNative(value, this.field.type)
    }
  }

  #appendValidity(
    vector: DuckDBVector,
    { validity }: PackedVector,
    start: number,
    rows: number,
    at: number,
  ): void {
    if (validity !== undefined && validity.data === null) return
    const bits = validity?.data
    const bytes = bits ? new Uint8Array(bits.buffer, bits.byteOffset, bits.byteLength) : undefined
    for (let row = 0; row < rows; row++) {
      const bit = (validity?.offset ?? 0) + start + row
      const isValid = bytes
        ? (bytes[bit >> 3]! >> (bit & 7)) & 1
        : vector.getItem(start + row) === null
          ? 0
          : 1
      if (isValid === 1) continue
      this.#valid ??= new Uint8Array(this.capacity).fill(1)
      this.#valid[at + row] = 0
    }
  }
}

/** Dates and timestamps come as small objects when a vector has no packed array. */
function packedValue(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value
  const { days, micros } = value as { days?: number; micros?: bigint }
  return days ?? micros ?? value
}
