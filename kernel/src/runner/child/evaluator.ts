// Evaluates a script the way a REPL does: top-level await, `const` that a later script may declare again, the last
// expression's value. Uses this process's own inspector session: the only way in which Node offers this that also lets
// another thread terminate a loop. Not the meaning of a cell (cellRunner.ts).

import { type Runtime, Session } from "node:inspector"

export type Evaluated =
  | { readonly kind: "value"; readonly value: unknown }
  | { readonly kind: "thrown"; readonly error: unknown }
  | { readonly kind: "terminated" }

const group = "cell"
const slotKey = Symbol.for("shardlab.evaluator.slot")

export class Evaluator {
  readonly #session = new Session()
  readonly #slot: { value?: unknown } = {}
  #slotId: string | undefined

  constructor() {
    this.#session.connect()
    Object.defineProperty(globalThis, slotKey, { value: this.#slot })
  }

  /** Does not settle when a termination hits after the script's first await: the caller has to settle the cell itself. */
  evaluate(script: string): Promise<Evaluated> {
    const parameters = { expression: script, replMode: true, awaitPromise: true, objectGroup: group }
    return new Promise(resolve => {
      this.#session.post("Runtime.evaluate", parameters, (error, reply) => {
        resolve(error !== null ? { kind: "terminated" } : this.#unwrap(reply as Runtime.EvaluateReturnType))
        this.#session.post("Runtime.releaseObjectGroup", { objectGroup: group })
      })
    })
  }

  /** The value of an expression that does not await; undefined when it throws. Sees the cells' `const` and `let` too. */
  evaluateNow(expression: string): unknown {
    let value: unknown
    this.#session.post("Runtime.evaluate", { expression, objectGroup: group }, (error, reply) => {
      if (error !== null) return
      const evaluated = this.#unwrap(reply as Runtime.EvaluateReturnType)
      if (evaluated.kind === "value") value = evaluated.value
    })
    this.#session.post("Runtime.releaseObjectGroup", { objectGroup: group })
    return value
  }

  /** The value of a top-level name of the cells, or of a global; undefined when there is no such name. */
  lookup(name: string): { readonly value: unknown } | undefined {
    const found = this.evaluateNow(
      `(() => { try { return { value: ${name} } } catch { return undefined } })()`,
    )
    return found as { readonly value: unknown } | undefined
  }

  #unwrap({ result, exceptionDetails }: Runtime.EvaluateReturnType): Evaluated {
    if (exceptionDetails === undefined) return { kind: "value", value: this.#valueOf(result) }
    const { exception } = exceptionDetails
    const error = exception === undefined ? new Error(exceptionDetails.text) : this.#valueOf(exception)
    return { kind: "thrown", error }
  }

  /** The value behind the inspector's handle: it is passed to a function of this process, which keeps it. */
  #valueOf(handle: Runtime.RemoteObject): unknown {
    if (handle.objectId === undefined && handle.unserializableValue === undefined) return handle.value
    const { objectId, unserializableValue } = handle
    const argument = objectId === undefined ? { unserializableValue } : { objectId }
    this.#session.post("Runtime.callFunctionOn", {
      functionDeclaration: "function (value) { this.value = value }",
      objectId: this.#slotHandle(),
      arguments: [argument],
    })
    const { value } = this.#slot
    this.#slot.value = undefined
    return value
  }

  #slotHandle(): string {
    if (this.#slotId === undefined) {
      const expression = 'globalThis[Symbol.for("shardlab.evaluator.slot")]'
      this.#session.post("Runtime.evaluate", { expression }, (_, reply) => {
        this.#slotId = reply.result.objectId
      })
    }
    return this.#slotId!
  }
}
