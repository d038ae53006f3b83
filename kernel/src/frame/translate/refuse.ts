// Why a function is not translated: thrown while it is read, and told to the user. Not an error of the user's.

export class Untranslatable extends Error {}

/** `reason` goes on the sentence "runs in TypeScript because ...". */
export function refuse(reason: string): Untranslatable {
  return new Untranslatable(reason)
}
