// A user's TypeScript function as part of a plan: the live function where the plan was made, its code as text everywhere
// else. How a function becomes text (with all that it mentions) is the packer's matter, which the composing layer
// provides; here nothing is parsed or bundled. The text is made when someone asks for it: the engine of this process
// runs the live function and needs none.

import { fail } from "../errors.js"

export type LiveFunction = (...args: never[]) => unknown

/** A function that can run in another process. Plain data. */
export interface FunctionCode {
  readonly name: string
  /** Body of a function of `require` that returns the user's function; complete in itself. */
  readonly script: string
  /** Where the script holds whose text, for stacks. */
  readonly places: readonly FunctionPlace[]
  /** From the script to what was bundled into it (source map v3 as JSON); absent when nothing was. */
  readonly map?: string
}

/** The text of a function begins at `line` (from 1) of the script, or of the first source of its `map`. */
export interface FunctionPlace {
  readonly name: string
  readonly line: number
  readonly lines: number
}

/** `where` is what the user called, for messages: `mapBatches`. */
export type FunctionPacker = (fn: LiveFunction, where: string) => FunctionCode

let packer: FunctionPacker | undefined

/** Only the composing layer calls it. */
export function provideFunctionPacker(pack: FunctionPacker): void {
  packer = pack
}

export class UserFunction {
  readonly name: string
  #code: FunctionCode | undefined

  private constructor(
    /** The function itself, when the plan was made in this process. */
    readonly live: LiveFunction | undefined,
    code: FunctionCode | undefined,
    private readonly where: string,
  ) {
    this.name = live?.name || code?.name || "a function"
    this.#code = code
  }

  /** Of the user's argument; or of the code that JSON gave back. */
  static of(fn: unknown, where: string): UserFunction {
    if (fn instanceof UserFunction) return fn
    if (typeof fn === "function") return new UserFunction(fn as LiveFunction, undefined, where)
    if (isCode(fn)) return new UserFunction(undefined, fn, where)
    const value = fn === null ? "null" : `a ${typeof fn}`
    const fix = `Give a function: ${where}(batch => ..., { name: "float64" }).`
    throw fail("BAD_VALUE", { where, name: "fn", value, fix })
  }

  /** Its text with all that it mentions, as of the first time this is asked. Fails for what cannot travel. */
  get code(): FunctionCode {
    if (this.#code !== undefined) return this.#code
    if (packer === undefined) throw fail("FUNCTION_NO_PACKER", { where: this.where })
    this.#code = packer(this.live!, this.where)
    return this.#code
  }

  toJSON(): FunctionCode {
    return this.code
  }
}

function isCode(value: unknown): value is FunctionCode {
  return typeof value === "object" && value !== null && typeof (value as FunctionCode).script === "string"
}
