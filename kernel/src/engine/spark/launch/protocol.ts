// What a kernel and the guardian of its servers say to each other. Plain data.

export type ToGuardian =
  | {
      readonly type: "start"
      readonly name: string
      readonly command: string
      readonly args: readonly string[]
      readonly env: Readonly<Record<string, string | undefined>>
      /** Gets stdout and stderr. */
      readonly log: string
    }
  | { readonly type: "stop" | "kill"; readonly name: string }
  | { readonly type: "end" }

export type FromGuardian =
  | { readonly type: "started"; readonly name: string; readonly pid: number }
  | { readonly type: "ended"; readonly name: string; readonly cause: string }
