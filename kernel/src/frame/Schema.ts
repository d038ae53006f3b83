// The ordered columns of a plan node. Immutable. Knows how to say that a column is not there.

import { didYouMean, fail } from "../errors.js"
import { type DataType, type Field, fieldsText, typeName } from "./types.js"

export class Schema {
  readonly fields: readonly Field[]
  readonly #fields: ReadonlyMap<string, Field>

  constructor(fields: readonly Field[]) {
    this.fields = fields
    this.#fields = new Map(fields.map(field => [field.name, field]))
  }

  get names(): string[] {
    return this.fields.map(field => field.name)
  }

  /** The same columns, each changed. */
  map(change: (field: Field, index: number) => Field): Schema {
    return new Schema(this.fields.map(change))
  }

  has(name: string): boolean {
    return this.#fields.has(name)
  }

  /** The column's type, or an error that names the operation, the nearest column and all columns. */
  type(name: string, operation: string): DataType {
    return this.field(name, operation).type
  }

  /** The column, or the same error. */
  field(name: string, operation: string): Field {
    const field = this.#fields.get(name)
    if (field !== undefined) return field
    const nearest = didYouMean(name, this.#fields.keys())
    throw fail("UNKNOWN_COLUMN", { operation, name, nearest, columns: this.names.join(", ") || "none" })
  }

  /** `{ date: Timestamp, delay: Int64 }` */
  toString(): string {
    return `{ ${this.fields.map(field => `${field.name}: ${typeName(field.type)}`).join(", ")} }`
  }

  /** The schema as TypeScript text, with names quoted where they need it. */
  typeText(): string {
    return fieldsText(this.fields)
  }

  toJSON(): readonly Field[] {
    return this.fields
  }
}

/** Fails when two columns share a name, because then neither can be named. */
export function uniqueSchema(fields: readonly Field[], operation: string): Schema {
  const seen = new Set<string>()
  for (const { name } of fields) {
    if (seen.has(name)) throw fail("DUPLICATE_COLUMN", { operation, name })
    seen.add(name)
  }
  return new Schema(fields)
}
