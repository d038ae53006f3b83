// The seam of a magic: a name, its arguments and options as data, and the TypeScript that it stands for. A magic holds no
// behaviour of its own: whatever it does is a public call that `%name?` shows. Adding one is a file here, a line in
// registry.ts, a test.

export interface Magic {
  /** Without the percent signs. */
  readonly name: string
  /** `%name ...` on one line, or `%%name ...` with the rest of the cell as its body. */
  readonly kind: "line" | "cell"
  readonly doc: string
  /** Positional arguments, in order. */
  readonly args: readonly MagicParameter[]
  /** Written `--name value`; a flag has no value. */
  readonly options: readonly MagicParameter[]
  /** A call that `%name?` shows with its TypeScript. */
  readonly example: string
  expand(call: MagicCall): MagicExpansion
}

export interface MagicParameter {
  readonly name: string
  /** `expression`: any TypeScript, such as a variable's name. An array: one of these words. */
  readonly type: "expression" | "name" | "string" | "number" | "flag" | readonly string[]
  readonly doc: string
  readonly required?: boolean
}

export interface MagicCall {
  /** The values as TypeScript text: `5`, `"bf16"`, `train`, `true`. Absent when not given. */
  readonly args: Readonly<Record<string, string | undefined>>
  /** Options in the order given, by name as TypeScript text. */
  readonly options: Readonly<Record<string, string>>
  /** Lines below a cell magic. */
  readonly body: string
}

/** A stretch of the body that is kept as it is, so that errors and completion in it have their place. */
export interface BodySlice {
  readonly start: number
  readonly end: number
}

export interface MagicExpansion {
  /** TypeScript, in pieces. */
  readonly code: readonly (string | BodySlice)[]
  /** What the magic shows by itself, as a MIME bundle. */
  readonly display?: Record<string, unknown>
  /** For `%typecheck`: what to do with type errors from this cell on. */
  readonly typecheck?: "on" | "warn" | "off"
}
