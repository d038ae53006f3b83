// Makes gen/methods.ts (what the compiler and completion know of each function) and gen/FUNCTIONS.md from the catalog.
// `node kernel/lib/frame/functions/generate.js` writes them; a test says when they are stale. Not part of the package's API.

import { writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { allFunctions, families } from "./catalog.js"
import type { FunctionRow } from "./FunctionRow.js"
import { templateOf } from "./FunctionRow.js"
import type { Parameter, Signature, TypeSpec } from "./signature.js"

const typeNames: Record<string, string> = {
  boolean: "BooleanType",
  int8: "Int8",
  int16: "Int16",
  int32: "Int32",
  int64: "Int64",
  float32: "Float32",
  float64: "Float64",
  utf8: "Utf8",
  date: "DateType",
  timestamp: "Timestamp",
  timestamptz: "TimestampTz",
  binary: "Binary",
}
const classNames = { any: "DataType", number: "Numeric", integer: "Integer", temporal: "Temporal" } as const

/** The interface a function is a method of, by its first parameter; `E`, `K`, `V` are its type parameters besides T. */
const interfaces = {
  ExprMethods: "T",
  NumericMethods: "T",
  IntegerMethods: "T",
  BooleanMethods: "T",
  TextMethods: "T",
  TimeMethods: "T",
  BinaryMethods: "T",
  ListMethods: "T, E",
  MapMethods: "T, K, V",
} as const
type InterfaceName = keyof typeof interfaces

function interfaceOf({ parameters: [first] }: Signature): InterfaceName | undefined {
  if (first === undefined || first.optional) return first === undefined ? undefined : "ExprMethods"
  const { type } = first
  if (type.is === "list") return "ListMethods"
  if (type.is === "map") return "MapMethods"
  if (type.is === "variable" || type.is === "class") {
    const name = type.is === "variable" ? type.of : type.name
    const found = {
      any: "ExprMethods",
      number: "NumericMethods",
      integer: "IntegerMethods",
      temporal: "TimeMethods",
    }
    return found[name] as InterfaceName
  }
  if (type.is !== "type") return undefined
  const byKind: Record<string, InterfaceName> = {
    utf8: "TextMethods",
    boolean: "BooleanMethods",
    binary: "BinaryMethods",
    date: "TimeMethods",
    timestamp: "TimeMethods",
    timestamptz: "TimeMethods",
    float64: "NumericMethods",
    int64: "IntegerMethods",
  }
  return byKind[type.type.kind]
}

/** Writes one function's type: what its variables are called, and which type parameters it needs of its own. */
class TypeWriter {
  readonly #own = new Map<string, string>()
  readonly #names: Map<string, string>

  /** `receiver`: the variables that the interface binds. */
  constructor(
    private readonly signature: Signature,
    receiver: ReadonlyMap<string, string>,
  ) {
    this.#names = new Map(receiver)
  }

  get generics(): string {
    return this.#own.size === 0 ? "" : `<${[...this.#own.values()].join(", ")}>`
  }

  declare(name: string, constraint: string, type: string): void {
    this.#own.set(name, constraint)
    this.#names.set(name, type)
  }

  parameter(parameter: Parameter): string {
    const { name, type, rest, optional } = parameter
    const text = this.#argument(type, name)
    return rest ? `...${name}: readonly (${text})[]` : `${name}${optional ? "?" : ""}: ${text}`
  }

  result(): string {
    const { result, nullable } = this.signature
    const type = this.type(result)
    return nullable ? `Nullable<${type}>` : type
  }

  type(spec: TypeSpec): string {
    switch (spec.is) {
      case "type":
        return typeNames[spec.type.kind]!
      case "class":
        return classNames[spec.name]
      case "variable":
        return this.#names.get(spec.name) ?? "DataType"
      case "list":
        return `List<${this.type(spec.item)}>`
      case "map":
        return `MapOf<${this.type(spec.key)}, ${this.type(spec.value)}>`
      case "rule":
        return this.#rule(spec.name)
      default:
        return "DataType"
    }
  }

  #rule(name: string): string {
    if (name === "entries")
      return `List<Struct<{ readonly key: ${this.#names.get("K")}; readonly value: ${this.#names.get("V")} }>>`
    const t = this.#names.get("N") ?? this.#names.get("D") ?? "Unknown"
    const arithmetic = `${this.#own.has("N") ? "ArithmeticOf" : "Arithmetic"}<${t}, O>`
    const rules: Record<string, string> = {
      add: arithmetic,
      multiply: arithmetic,
      remainder: arithmetic,
      sum: `SumOf<${t}>`,
      whole: `Whole<${t}>`,
      instant: `Instant<${t}>`,
    }
    return rules[name]!
  }

  #argument(spec: TypeSpec, name: string): string {
    switch (spec.is) {
      case "variable": {
        if (this.signature.result.is === "rule" && spec.of === "number") {
          this.#own.set("O", "const O extends NumberOperand")
          return "O"
        }
        if (!this.#names.has(spec.name)) {
          this.declare(spec.name, `${spec.name} extends Argument`, `TypeOf<${spec.name}>`)
          return spec.name
        }
        const known = this.#names.get(spec.name)!
        return this.#own.get(spec.name)?.endsWith("Argument")
          ? `${spec.name} | Argument`
          : `Operand<${known}>`
      }
      case "class":
        return {
          any: "Argument",
          number: "NumberOperand",
          integer: "IntegerOperand",
          temporal: "Operand<Timestamp>",
        }[spec.name]
      case "lambda": {
        const params = spec.params.map((param, i) => `${"xyz"[i]}: Column<${this.type(param)}>`)
        if (spec.result.is === "variable" && !this.#names.has(spec.result.name)) {
          this.declare(
            spec.result.name,
            `${spec.result.name} extends Argument`,
            `TypeOf<${spec.result.name}>`,
          )
        }
        const returns =
          spec.result.is === "variable"
            ? this.#own.has(spec.result.name)
              ? spec.result.name
              : `Operand<${this.type(spec.result)}>`
            : `Expr<${this.type(spec.result)} | Unknown> | boolean`
        return `(${params.join(", ")}) => ${returns}`
      }
      case "type":
        return this.#operand(typeNames[spec.type.kind]!)
      case "list":
      case "map":
        return this.#container(spec, name)
      default:
        return "Argument"
    }
  }

  #operand(type: string): string {
    if (type === "Float64") return "NumberOperand"
    return type.startsWith("Int") ? "IntegerOperand" : `Operand<${type}>`
  }

  /** A list or map that is no receiver brings its own variables. */
  #container(spec: TypeSpec, _name: string): string {
    for (const variable of variablesOf(spec)) {
      if (!this.#names.has(variable)) this.declare(variable, `${variable} extends DataType`, variable)
    }
    return `Expr<${this.type(spec)} | Unknown>`
  }
}

function variablesOf(spec: TypeSpec): string[] {
  if (spec.is === "variable") return [spec.name]
  if (spec.is === "list") return variablesOf(spec.item)
  return spec.is === "map" ? [...variablesOf(spec.key), ...variablesOf(spec.value)] : []
}

/** What the receiver binds: `N` is T itself, `list<E>` binds E to the interface's E. */
function receiverBindings(spec: TypeSpec): Map<string, string> {
  if (spec.is === "variable") return new Map([[spec.name, "T"]])
  if (spec.is === "list" && spec.item.is === "variable") return new Map([[spec.item.name, "E"]])
  if (spec.is === "list") return new Map([["E", "ItemOf<E>"]])
  return spec.is === "map"
    ? new Map([
        ["K", "K"],
        ["V", "V"],
      ])
    : new Map()
}

function method(name: string, row: FunctionRow): string {
  const [receiver, ...rest] = row.signature.parameters
  const writer = new TypeWriter(row.signature, receiverBindings(receiver!.type))
  const params = rest.map(parameter => writer.parameter(parameter))
  // A rest parameter that is the receiver's own (`T, ...others`) is among `rest` already.
  const result = writer.result()
  const returned = keepsNull(row) ? `Like<T, ${result}>` : result
  return `  ${docLine(row)}\n  ${name}${writer.generics}(${params.join(", ")}): Column<${returned}>`
}

/** The receiver's NULLs stay NULL, and the result's type does not say so by itself. */
function keepsNull({ nulls, signature }: FunctionRow): boolean {
  const carries = signature.result.is === "variable" && signature.parameters[0]?.type.is === "variable"
  return nulls === "propagate" && !signature.nullable && !carries
}

function free(name: string, row: FunctionRow): string {
  const writer = new TypeWriter(row.signature, new Map())
  const [first, ...rest] = row.signature.parameters
  const params: string[] = []
  if (first !== undefined) {
    const { type } = first
    if (isArithmetic(row.signature)) {
      // Either side can be a constant, which takes the type of the other.
      writer.declare("N", "const N extends NumberOperand", "N")
      params.push(`${first.name}: N`)
    } else if (type.is === "variable") {
      const bound = classNames[type.of]
      writer.declare(type.name, `${type.name} extends ${bound}`, type.name)
      const literals = {
        any: "LiteralValue",
        number: "number | bigint",
        integer: "number | bigint",
        temporal: "globalThis.Date",
      }
      const mark = first.optional && !first.rest ? "?" : ""
      params.push(`${first.name}${mark}: Expr<${type.name}> | ${literals[type.of]}`)
    } else params.push(writer.parameter(first))
  }
  for (const parameter of rest) {
    const { type } = parameter
    const same = type.is === "variable" && first?.type.is === "variable" && type.name === first.type.name
    const rule = row.signature.result.is === "rule" && type.is === "variable" && type.of === "number"
    if (same && !rule) params.push(restOf(parameter, `Operand<${type.name}>`))
    else params.push(writer.parameter(parameter))
  }
  const result = writer.result()
  return `  ${docLine(row)}\n  ${name}${writer.generics}(${params.join(", ")}): Column<${result}>`
}

function isArithmetic({ result }: Signature): boolean {
  return result.is === "rule" && ["add", "multiply", "remainder"].includes(result.name)
}

function restOf({ name, rest, optional }: Parameter, type: string): string {
  return rest ? `...${name}: readonly (${type})[]` : `${name}${optional ? "?" : ""}: ${type}`
}

function docLine({ doc, example: [code, value] }: FunctionRow): string {
  return `/** ${doc} \`${code}\` is ${show(value)}. */`.replaceAll("*/ ", "*\\/ ")
}

function show(value: unknown): string {
  if (value instanceof Date) return value.toISOString().replace(/T00:00:00.000Z$/, "")
  if (value instanceof Map) return `{ ${[...value].map(([k, v]) => `${show(k)} => ${show(v)}`).join(", ")} }`
  if (value instanceof Uint8Array) return `bytes ${[...value].join(" ")}`
  if (typeof value === "bigint") return `${value}n`
  if (Array.isArray(value)) return `[${value.map(show).join(", ")}]`
  if (typeof value === "number") return String(value)
  return JSON.stringify(value)
}

export function methodsSource(): string {
  const members = new Map<InterfaceName, string[]>()
  const frees: string[] = []
  for (const { op, name, row } of allFunctions()) {
    frees.push(free(name, row))
    const owner = interfaceOf(row.signature)
    if (owner === undefined || op === "ranking") continue
    members.set(owner, [...(members.get(owner) ?? []), method(name, row)])
  }
  const blocks = Object.entries(interfaces).map(([name, params]) =>
    block(`export interface ${name}<${params}>`, members.get(name as InterfaceName) ?? []),
  )
  return [header, ...blocks, block("export interface FunctionNamespace", frees)].join("\n\n").concat("\n")
}

function block(head: string, members: readonly string[]): string {
  return members.length === 0 ? `${head} {}` : `${head} {\n${members.join("\n")}\n}`
}

const header = `// Made from frame/functions/ by generate.ts; \`npm run gen:functions\` makes it again. Not edited by hand.

import type {
  Argument,
  Arithmetic,
  Column,
  Expr,
  Instant,
  Integer,
  IntegerOperand,
  ItemOf,
  Like,
  NumberOperand,
  Numeric,
  Operand,
  SumOf,
  Temporal,
  TypeOf,
  Whole,
} from "../Column.js"
import type { ArithmeticOf } from "../constantTypes.js"
import type { LiteralValue } from "../ExprNode.js"
import type {
  Binary,
  Boolean as BooleanType,
  DataType,
  Date as DateType,
  Float64,
  Int32,
  Int64,
  List,
  MapOf,
  Nullable,
  Struct,
  Timestamp,
  TimestampTz,
  Unknown,
  Utf8,
} from "../types.js"`

/** All functions as tables, one a family. */
export function functionsMarkdown(): string {
  const tables = Object.entries(families).map(([family, rows]) => {
    const lines = Object.entries(rows as Record<string, FunctionRow>).map(([name, row]) => {
      const [code, value] = row.example
      const engines = engineNames(name, row)
      return `| \`${name}\` | \`${row.text}\` | ${row.doc} | \`${code}\` → \`${show(value)}\` | ${engines} |`.replace(
        /\|\|/g,
        "\\|\\|",
      )
    })
    return [
      `## ${family}`,
      "",
      "| name | signature | what it does | example | engines |",
      "|---|---|---|---|---|",
      ...lines,
    ].join("\n")
  })
  const total = [...allFunctions()].length
  return [
    "# Functions of expressions",
    "",
    `${total} functions, made from \`kernel/src/frame/functions/\` by \`npm run gen:functions\`. Each is \`fn.name(...)\`, and a method of its first argument: \`f.origin.upper()\`. NULL in gives NULL out unless the text says otherwise.`,
    "",
    tables.join("\n\n"),
    "",
  ].join("\n")
}

function engineNames(name: string, row: FunctionRow): string {
  const engines = [
    templateOf(name, row.duckdb) === null ? undefined : "DuckDB",
    templateOf(name, row.spark) === null ? undefined : "Spark",
  ]
  return engines.filter(engine => engine !== undefined).join(", ")
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const target = (name: string) => fileURLToPath(new URL(`../../../src/frame/gen/${name}`, import.meta.url))
  writeFileSync(target("methods.ts"), methodsSource())
  writeFileSync(target("FUNCTIONS.md"), functionsMarkdown())
}
