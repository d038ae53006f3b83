// Both sides of a connection show that they know the token without sending it: each answers the other's random number.

import { createHmac, randomBytes, timingSafeEqual } from "node:crypto"

/** Of the messages, not of shardlab. */
export const protocol = 1

export function newNonce(): string {
  return randomBytes(16).toString("hex")
}

/** `words` say who proves what, so that one side's proof is none of the other's. */
export function proofOf(token: string, ...words: readonly (string | number)[]): string {
  return createHmac("sha256", token).update(JSON.stringify(words)).digest("hex")
}

export function isProof(given: unknown, expected: string): boolean {
  const bytes = Buffer.from(String(given))
  return bytes.length === expected.length && timingSafeEqual(bytes, Buffer.from(expected))
}
