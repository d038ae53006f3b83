// The column types: what a schema says, as data at run time and as types at compile time (the same objects: `Int64` is
// the type of `{ kind: "int64" }`). Not values and not an engine's types: an engine maps its own onto these.

export interface Boolean {
  readonly kind: "boolean"
}
export interface Int8 {
  readonly kind: "int8"
}
export interface Int16 {
  readonly kind: "int16"
}
export interface Int32 {
  readonly kind: "int32"
}
export interface Int64 {
  readonly kind: "int64"
}
export interface UInt8 {
  readonly kind: "uint8"
}
export interface UInt16 {
  readonly kind: "uint16"
}
export interface UInt32 {
  readonly kind: "uint32"
}
export interface UInt64 {
  readonly kind: "uint64"
}
export interface Float32 {
  readonly kind: "float32"
}
export interface Float64 {
  readonly kind: "float64"
}
export interface Decimal {
  readonly kind: "decimal"
  readonly precision: number
  readonly scale: number
}
export interface Utf8 {
  readonly kind: "utf8"
}
/** A day without a time. JavaScript value: `Date` at midnight UTC. */
export interface Date {
  readonly kind: "date"
}
/** Microseconds since the epoch, without a zone. JavaScript value: `Date`. */
export interface Timestamp {
  readonly kind: "timestamp"
}
export interface Binary {
  readonly kind: "binary"
}
export interface List<T extends DataType = DataType> {
  readonly kind: "list"
  readonly item: T
}
export interface Struct {
  readonly kind: "struct"
  readonly fields: readonly Field[]
}
/** The type of a column whose schema the compiler does not know yet (the cell that reads it has not run). */
export interface Unknown {
  readonly kind: "unknown"
}

export type IntegerType = Int8 | Int16 | Int32 | Int64 | UInt8 | UInt16 | UInt32 | UInt64
export type NumericType = IntegerType | Float32 | Float64 | Decimal
export type TemporalType = Date | Timestamp
export type DataType = Boolean | NumericType | Utf8 | TemporalType | Binary | List | Struct | Unknown
export type TypeKind = DataType["kind"]

export interface Field {
  readonly name: string
  readonly type: DataType
}

/** Column name to type, as the parameter of `DataFrame`. */
export type SchemaShape = { readonly [column: string]: DataType }
/** The schema of a frame that was read in the same cell: every column exists, loosely typed, until the cell ran. */
export type AnySchema = { readonly [column: string]: Unknown }

/** The kinds without parameters, so that `cast("int64")` needs no object. */
export type SimpleKind = Exclude<TypeKind, "decimal" | "list" | "struct" | "unknown">
export type TypeOfKind<K extends SimpleKind> = Extract<DataType, { readonly kind: K }>

export const simpleKinds: readonly SimpleKind[] = [
  "boolean",
  "int8",
  "int16",
  "int32",
  "int64",
  "uint8",
  "uint16",
  "uint32",
  "uint64",
  "float32",
  "float64",
  "utf8",
  "date",
  "timestamp",
  "binary",
]

export const integerKinds: ReadonlySet<TypeKind> = new Set<TypeKind>([
  "int8",
  "int16",
  "int32",
  "int64",
  "uint8",
  "uint16",
  "uint32",
  "uint64",
])

export function typeOf<K extends SimpleKind>(kind: K): TypeOfKind<K> {
  return { kind } as TypeOfKind<K>
}

export const isInteger = (type: DataType): boolean => integerKinds.has(type.kind)
export const isNumeric = (type: DataType): boolean =>
  isInteger(type) || type.kind === "float32" || type.kind === "float64" || type.kind === "decimal"
export const isTemporal = (type: DataType): boolean => type.kind === "date" || type.kind === "timestamp"

export function sameType(a: DataType, b: DataType): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

const displayNames: Record<TypeKind, string> = {
  boolean: "Boolean",
  int8: "Int8",
  int16: "Int16",
  int32: "Int32",
  int64: "Int64",
  uint8: "UInt8",
  uint16: "UInt16",
  uint32: "UInt32",
  uint64: "UInt64",
  float32: "Float32",
  float64: "Float64",
  decimal: "Decimal",
  utf8: "Utf8",
  date: "Date",
  timestamp: "Timestamp",
  binary: "Binary",
  list: "List",
  struct: "Struct",
  unknown: "Unknown",
}

/** `Int64`, `Decimal(10,2)`, `List<Utf8>`: for tables and messages. */
export function typeName(type: DataType): string {
  if (type.kind === "decimal") return `Decimal(${type.precision},${type.scale})`
  if (type.kind === "list") return `List<${typeName(type.item)}>`
  if (type.kind === "struct")
    return `Struct<${type.fields.map(f => `${f.name}: ${typeName(f.type)}`).join(", ")}>`
  return displayNames[type.kind]
}

/** The TypeScript text of a type, usable in any file: `import("shardlab").Int64`. */
export function typeText(type: DataType): string {
  const name = `import("shardlab").${displayNames[type.kind]}`
  return type.kind === "list" ? `${name}<${typeText(type.item)}>` : name
}

// biome-ignore lint/suspicious/noExplicitAny: a value of a column that the compiler does not know yet has to be usable
type Loose = any

interface ValueOfKind {
  boolean: boolean
  int8: number
  int16: number
  int32: number
  int64: bigint
  uint8: number
  uint16: number
  uint32: number
  uint64: bigint
  float32: number
  float64: number
  decimal: number
  utf8: string
  date: globalThis.Date
  timestamp: globalThis.Date
  binary: Uint8Array
  list: readonly unknown[]
  struct: Record<string, unknown>
  unknown: Loose
}

/** The JavaScript value that `collect` gives for a column. SQL NULL is `null` whatever the type says. */
export type ValueOf<T extends DataType> = ValueOfKind[T["kind"]]

/** One collected row. */
export type RowOf<S extends SchemaShape, Big = bigint> = {
  -readonly [K in keyof S]: S[K]["kind"] extends "int64" | "uint64" ? Big : ValueOf<S[K]>
}
