// Why processes could not come together or stay so, as data: it crosses threads and sockets, and becomes an error for the
// user where it arrives.

import { errorTable, fail, type ShardlabError } from "../../errors.js"

export interface WorldFailure {
  readonly code: "WORLD_MISSING" | "WORLD_REFUSED" | "WORLD_ADDRESS" | "WORLD_LOST"
  readonly details: Readonly<Record<string, string | number>>
}

export function worldError({ code, details }: WorldFailure): ShardlabError {
  return fail(code, details)
}

/** In one line, for C code that carries it on. */
export function worldText({ code, details }: WorldFailure): string {
  return errorTable[code].message.replace(/\{(\w+)\}/g, (_, name: string) => String(details[name] ?? ""))
}

export const refused = (problem: string, fix: string): WorldFailure => ({
  code: "WORLD_REFUSED",
  details: { problem, fix },
})
