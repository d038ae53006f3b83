// One row of the catalog: everything that is known of a function. A row is data: the compiler's types (gen/), the
// documentation, the completions, each engine's lowering and the conformance tests all come from it.

import { parseSignature, type Signature } from "./signature.js"

/**
 * How an engine computes the function: a template in which `$1` is the first argument, `$*` all of them, `$2*` those from
 * the second on, `$!2` the second as a constant in the text and `$type` the result's type; a name alone stands for
 * `name($*)`. DuckDB's is SQL text, with `$over` where a window goes. Spark's is nested calls of its functions
 * (`add_months($1, cast($2, int))`). `@name` is a row of the engine's own table of special cases, and null means that the
 * engine has none: using it fails when the plan is made ready to run, and the message names the engines that have it.
 */
export type Template = string | null

export interface FunctionRow {
  readonly signature: Signature
  /** The signature as written, for documentation. */
  readonly text: string
  readonly doc: string
  /** TypeScript and what it gives; run on every engine. Aggregations and rankings run over `sampleRows`. */
  readonly example: readonly [code: string, value: unknown]
  /** `propagate`: NULL in, NULL out. `never`: not NULL. `own`: as the documentation says. */
  readonly nulls: "propagate" | "never" | "own"
  /** Absent: the function's own name in snake_case. */
  readonly duckdb?: Template
  readonly spark?: Template
}

export interface RowOptions {
  readonly nulls?: FunctionRow["nulls"]
  readonly duckdb?: Template
  readonly spark?: Template
}

export function fn(
  text: string,
  doc: string,
  example: readonly [code: string, value: unknown],
  options: RowOptions = {},
): FunctionRow {
  return { signature: parseSignature(text), text, doc, example, nulls: "propagate", ...options }
}

/** `dateAdd` to `date_add`: PySpark's names in camelCase are ours. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
}

/** The template of a row: what it says, or the function's own name. */
export function templateOf(name: string, given: Template | undefined): Template {
  return given === undefined ? snakeCase(name) : given
}

/** True for `upper` and `+`, false for `upper($1)` and `($1 + $2)`. */
export function isBareName(template: string): boolean {
  return /^(\w+|[^\w\s($@]+)$/.test(template)
}
