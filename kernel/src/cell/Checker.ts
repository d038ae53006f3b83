// The seam between a session and the type checker: cell text goes in, JavaScript that the runner can evaluate and
// diagnostics come out. Not a TypeScript API: everything here is plain data, because the checker is a process of its own
// (its heap grows over hundreds of cells, and a slow check must delay neither control nor interrupt). Whoever starts a
// checker closes it. `cell/inProcessChecker.ts` is the double for unit tests: the same code without the process.

export interface Checker {
  /** Expands magics, type-checks against the cells before, and emits. Never throws for a user's mistake. */
  check(code: string, cell: { id: string; n: number }): Promise<CheckedCell>
  /** Tells how the cell ended. After `ok` its declarations are there for later cells, with the live types added. */
  commit(id: string, outcome: { ok: boolean; live: readonly LiveType[] }): Promise<void>
  complete(code: string, offset: number): Promise<Completions>
  inspect(code: string, offset: number, detail: 0 | 1): Promise<Inspection>
  isComplete(code: string): Promise<Completeness>
  close(): Promise<void>
}

export interface CheckedCell {
  /**
   * A script for `Runtime.evaluate` with `replMode` and `awaitPromise`: no static import or export is left, `import x
   * from "m"` has become `__shardlab_import("m")`, and the completion value is the cell's value. Empty when the cell
   * must not run.
   */
  readonly js: string
  /** Source map v3 (JSON) from `js` to the cell as the user wrote it. */
  readonly map: string
  /** Errors stop the cell; warnings (`%typecheck warn`) are printed and it runs. */
  readonly diagnostics: readonly Diagnostic[]
  /** Top-level names that the cell declares; the runner reports live types for these. */
  readonly names: readonly string[]
  /** Texts and MIME bundles that a magic answers by itself, such as `%magics` and `%name?`. */
  readonly displays: readonly Record<string, unknown>[]
  /** True when the last statement is an expression whose value should be shown (no trailing semicolon rule: always). */
  readonly hasValue: boolean
}

export interface Diagnostic {
  readonly severity: "error" | "warning"
  /** `TS2551` or one of our codes. */
  readonly code: string
  readonly message: string
  /** From 1, in the cell as the user wrote it. */
  readonly line: number
  readonly column: number
  /** Message with the code frame, ready for a traceback (ANSI colours allowed). */
  readonly frame: string
}

/** The exact type of a top-level value, as TypeScript text; see `typeSymbol` in display.ts. */
export interface LiveType {
  readonly name: string
  readonly type: string
}

/** Offsets count UTF-16 units here; the wire converts to Jupyter's code points. */
export interface Completions {
  readonly start: number
  readonly end: number
  readonly items: readonly {
    readonly name: string
    readonly kind: string
    readonly detail?: string
  }[]
}

export interface Inspection {
  readonly found: boolean
  /** `text/plain` and `text/markdown`. */
  readonly bundle: Record<string, string>
}

export type Completeness =
  | { readonly status: "complete" | "invalid" | "unknown" }
  | { readonly status: "incomplete"; readonly indent: string }
