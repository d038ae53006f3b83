// What the pool may ask about the place where a mapped function was written: the values of a notebook's names, and which
// module a value came from. The runner knows both; without it (a script, a test) everything has to be passed in `share`.

export interface Scope {
  /** The value of a name that cells declared; undefined when there is none. `from` is the function that mentions it. */
  lookup(name: string, from?: object): { readonly value: unknown } | undefined
  /** The import that gives this very value again in another process. */
  importOf(value: unknown): { readonly specifier: string; readonly exported?: string } | undefined
}

export const emptyScope: Scope = { lookup: () => undefined, importOf: () => undefined }

/** A kind of value that structured clone cannot carry, and how it travels instead. */
export interface Portable {
  matches(value: unknown): boolean
  /** Plain data. */
  pack(value: never): unknown | Promise<unknown>
  /** URL of a module whose `unpack(data)` makes the value again, in the worker. */
  readonly module: string
}
