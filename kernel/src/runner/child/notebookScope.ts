// What the names of the notebook mean, for library code that has to take them along to another process. The runner fills
// it in; elsewhere (a script, a pool worker) there is no notebook and every answer is "not known".

import type { Scope } from "../../driver/pool/Scope.js"

let current: Scope | undefined

export const notebookScope: Scope = {
  lookup: name => current?.lookup(name),
  importOf: value => current?.importOf(value),
}

/** Only the runner calls it. */
export function provideScope(scope: Scope): void {
  current = scope
}
