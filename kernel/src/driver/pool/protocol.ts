// What the pool and its worker processes say to each other over Node's IPC channel. Plain data that structured clone
// carries; no behaviour.

/** A function with all that it uses, ready to be made again in another process. */
export interface Bundle {
  readonly id: number
  /** The function's JavaScript. */
  readonly source: string
  /** What it mentions by name, in the order in which it must be made. */
  readonly parts: readonly Part[]
}

export type Part =
  | { readonly kind: "code"; readonly name: string; readonly source: string }
  | { readonly kind: "import"; readonly name: string; readonly specifier: string; readonly exported?: string }
  | { readonly kind: "data"; readonly name: string; readonly value: unknown }
  /** A value that knows how to travel: the default export-less module has `unpack(data)`. */
  | { readonly kind: "portable"; readonly name: string; readonly module: string; readonly data: unknown }

export type ToWorker =
  | { readonly type: "load"; readonly bundle: Bundle }
  | { readonly type: "forget"; readonly bundle: number }
  | { readonly type: "run"; readonly bundle: number; readonly index: number; readonly item: unknown }

export type FromWorker =
  | { readonly type: "ready"; readonly globals: readonly string[] }
  | { readonly type: "print"; readonly stream: "stdout" | "stderr"; readonly text: string }
  | { readonly type: "done"; readonly index: number; readonly value: unknown; readonly ms: number }
  | { readonly type: "failed"; readonly index: number; readonly error: WorkerError; readonly ms: number }

export interface WorkerError {
  readonly name: string
  readonly message: string
  readonly stack: string
  /** True when the function could not even be made: its parts failed, not the item. */
  readonly loading?: boolean
}

/** What a worker is started with, as JSON in its argument. */
export interface WorkerSetup {
  /** The notebook's folder: imports and relative paths start there. */
  readonly baseDir: string
  /** Specifier to file, whatever the folder has. */
  readonly overrides: Readonly<Record<string, string>>
}
