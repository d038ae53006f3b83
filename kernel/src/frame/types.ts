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
/** A wall clock in microseconds, without a zone. JavaScript value: `Date` that shows it in UTC. */
export interface Timestamp {
  readonly kind: "timestamp"
}
/** An instant in microseconds since the epoch; its parts (`hour`) are taken in the session's zone, UTC. JavaScript value: `Date`. */
export interface TimestampTz {
  readonly kind: "timestamptz"
}
export interface Binary {
  readonly kind: "binary"
}
export interface List<T = DataType> {
  readonly kind: "list"
  readonly item: T
}
/** JavaScript value: `Map`. */
export interface MapOf<K = DataType, V = DataType> {
  readonly kind: "map"
  readonly key: K
  readonly value: V
}
/** JavaScript value: an object. `F` is for the compiler; at run time `fields` says the same in order. */
export interface Struct<F = SchemaShape> {
  readonly kind: "struct"
  readonly fields: readonly Field[]
  readonly shape?: F
}
/** A column that holds NULLs as far as the plan can tell: the outer side of a join, a `when` without `otherwise`. */
export type Nullable<T> = T & { readonly nullable: true }
/** The type of a column whose schema the compiler does not know yet (the cell that reads it has not run). */
export interface Unknown {
  readonly kind: "unknown"
}

export type IntegerType = Int8 | Int16 | Int32 | Int64 | UInt8 | UInt16 | UInt32 | UInt64
export type NumericType = IntegerType | Float32 | Float64 | Decimal
export type TemporalType = Date | Timestamp | TimestampTz
export type DataType = Boolean | NumericType | Utf8 | TemporalType | Binary | List | MapOf | Struct | Unknown
export type TypeKind = DataType["kind"]

export interface Field {
  readonly name: string
  readonly type: DataType
  /** True: holds or may hold NULL. False: holds none. Absent: the source does not say. */
  readonly nullable?: boolean
}

/** Column name to type, as the parameter of `DataFrame`. */
export type SchemaShape = { readonly [column: string]: DataType }
/** The schema of a frame that was read in the same cell: every column exists, loosely typed, until the cell ran. */
export type AnySchema = { readonly [column: string]: Unknown }

/** The kinds without parameters, so that `cast("int64")` needs no object. */
export type SimpleKind = Exclude<TypeKind, "decimal" | "list" | "map" | "struct" | "unknown">
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
  "timestamptz",
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
export const isTemporal = (type: DataType): boolean =>
  type.kind === "date" || type.kind === "timestamp" || type.kind === "timestamptz"

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
  timestamptz: "TimestampTz",
  binary: "Binary",
  list: "List",
  map: "MapOf",
  struct: "Struct",
  unknown: "Unknown",
}

/** `Int64`, `Decimal(10,2)`, `List<Utf8>`: for tables and messages. */
export function typeName(type: DataType): string {
  if (type.kind === "decimal") return `Decimal(${type.precision},${type.scale})`
  if (type.kind === "list") return `List<${typeName(type.item)}>`
  if (type.kind === "map") return `Map<${typeName(type.key)}, ${typeName(type.value)}>`
  if (type.kind === "struct")
    return `Struct<${type.fields.map(f => `${f.name}: ${typeName(f.type)}`).join(", ")}>`
  return displayNames[type.kind]
}

/** The TypeScript text of a type, usable in any file: `import("shardlab").Int64`. */
export function typeText(type: DataType): string {
  const name = `import("shardlab").${displayNames[type.kind]}`
  if (type.kind === "list") return `${name}<${typeText(type.item)}>`
  if (type.kind === "map") return `${name}<${typeText(type.key)}, ${typeText(type.value)}>`
  if (type.kind === "struct") return `${name}<${fieldsText(type.fields)}>`
  return name
}

/** `{ origin: import("shardlab").Utf8; ... }`, with names quoted where they need it. */
export function fieldsText(fields: readonly Field[]): string {
  const columns = fields.map(({ name, type, nullable }) => {
    const text = typeText(type)
    return `${propertyName(name)}: ${nullable ? `import("shardlab").Nullable<${text}>` : text}`
  })
  return columns.length === 0 ? "{}" : `{ ${columns.join("; ")} }`
}

function propertyName(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name)
}

// biome-ignore lint/suspicious/noExplicitAny: a value of a column that the compiler does not know yet has to be usable
type Loose = any

interface ValueOfKind<Big, Exact> {
  boolean: boolean
  int8: number
  int16: number
  int32: number
  int64: Big
  uint8: number
  uint16: number
  uint32: number
  uint64: Big
  float32: number
  float64: number
  decimal: Exact
  utf8: string
  date: globalThis.Date
  timestamp: globalThis.Date
  timestamptz: globalThis.Date
  binary: Uint8Array
  list: readonly unknown[]
  map: ReadonlyMap<unknown, unknown>
  struct: Record<string, unknown>
  unknown: Loose
}

/**
 * The JavaScript value that `collect` gives for a column: decimals as exact text ("1.50"), 64-bit integers as bigint,
 * unless asked otherwise. `null` is part of it only where the plan knows of NULLs.
 */
export type ValueOf<T extends DataType, Big = bigint, Exact = string> =
  | (T extends { readonly nullable: true } ? null : never)
  | (T extends List<infer E extends DataType>
      ? readonly ValueOf<E, Big, Exact>[]
      : T extends MapOf<infer K extends DataType, infer V extends DataType>
        ? ReadonlyMap<ValueOf<K, Big, Exact>, ValueOf<V, Big, Exact>>
        : T extends Struct<infer F extends SchemaShape>
          ? RowOf<F, Big, Exact>
          : ValueOfKind<Big, Exact>[T["kind"]])

/** One collected row. */
export type RowOf<S extends SchemaShape, Big = bigint, Exact = string> = {
  -readonly [K in keyof S]: ValueOf<S[K], Big, Exact>
}
