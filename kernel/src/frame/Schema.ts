// The ordered columns of a plan node. Immutable. Knows how to say that a column is not there.

import { didYouMean, fail } from "../errors.js"
import { type DataType, type Field, typeName, typeText } from "./types.js"

export class Schema {
  readonly fields: readonly Field[]
  readonly #types: ReadonlyMap<string, DataType>

  constructor(fields: readonly Field[]) {
    this.fields = fields
    this.#types = new Map(fields.map(field => [field.name, field.type]))
  }

  get names(): string[] {
    return this.fields.map(field => field.name)
  }

  has(name: string): boolean {
    return this.#types.has(name)
  }

  /** The column's type, or an error that names the operation, the nearest column and all columns. */
  type(name: string, operation: string): DataType {
    const type = this.#types.get(name)
    if (type !== undefined) return type
    const nearest = didYouMean(name, this.#types.keys())
    throw fail("UNKNOWN_COLUMN", { operation, name, nearest, columns: this.names.join(", ") || "none" })
  }

  /** `{ date: Timestamp, delay: Int64 }` */
  toString(): string {
    return `{ ${this.fields.map(field => `${field.name}: ${typeName(field.type)}`).join(", ")} }`
  }

  /** The schema as TypeScript text, with names quoted where they need it. */
  typeText(): string {
    const columns = this.fields.map(({ name, type }) => `${propertyName(name)}: ${typeText(type)}`)
    return columns.length === 0 ? "{}" : `{ ${columns.join("; ")} }`
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

function propertyName(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name)
}
