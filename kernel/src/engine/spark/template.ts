// The function catalog's templates for Spark (frame/functions/FunctionRow.ts) to expressions: nested calls, `$1` and `$*`
// for arguments, `$type` for the result's type, constants, `distinct` before a call. A name alone is called with all.

import { fail } from "../../errors.js"
import { isBareName } from "../../frame/functions/FunctionRow.js"
import { call, castTo, nothing, type SparkExpr } from "./expr.js"

export interface Filling {
  readonly args: readonly SparkExpr[]
  /** The SQL name of the result's type. */
  readonly type: () => string
}

const tokens = /\s*(\$type|\$\d?\*|\$!?\d|'(?:[^'])*'|-?\d+(?:\.\d+)?|[(),]|[^\s(),$']+)/gy

export function fillTemplate(template: string, filling: Filling): SparkExpr {
  if (isBareName(template)) return call(template, filling.args)
  return new TemplateReader(template, filling).read()
}

class TemplateReader {
  readonly #tokens: readonly string[]
  #at = 0

  constructor(
    private readonly template: string,
    private readonly filling: Filling,
  ) {
    this.#tokens = [...template.matchAll(tokens)].map(match => match[1]!)
  }

  read(): SparkExpr {
    const [made, ...more] = this.#item()
    if (made === undefined || more.length > 0 || this.#at < this.#tokens.length) throw this.#broken()
    return made
  }

  /** One argument; `$*` gives several. */
  #item(): readonly SparkExpr[] {
    const token = this.#next()
    const several = /^\$(\d?)\*$/.exec(token)
    if (several !== null) return this.filling.args.slice(several[1] ? Number(several[1]) - 1 : 0)
    const one = /^\$!?(\d)$/.exec(token)
    if (one !== null) return [this.filling.args[Number(one[1]) - 1] ?? nothing]
    if (token.startsWith("'")) return [text(token.slice(1, -1))]
    if (/^-?\d/.test(token)) return [number(Number(token))]
    if (token === "true" || token === "false") return [yesNo(token === "true")]
    if (token === "distinct") return [this.#call(this.#next(), true)]
    return [this.#call(token, false)]
  }

  #call(name: string, distinct: boolean): SparkExpr {
    this.#expect("(")
    if (name === "cast" || name === "try_cast") return this.#cast(name === "try_cast")
    const args: SparkExpr[] = []
    while (this.#peek() !== ")") {
      args.push(...this.#item())
      if (this.#peek() === ",") this.#at++
    }
    this.#expect(")")
    return call(name, args, distinct)
  }

  #cast(isTry: boolean): SparkExpr {
    const [value] = this.#item()
    this.#expect(",")
    const token = this.#next()
    const type = token === "$type" ? this.filling.type() : token + this.#typeArguments()
    this.#expect(")")
    return castTo(value!, type, isTry)
  }

  /** `(16, 6)` after `decimal`. */
  #typeArguments(): string {
    if (this.#peek() !== "(") return ""
    const end = this.#tokens.indexOf(")", this.#at)
    const text = this.#tokens.slice(this.#at, end + 1).join("")
    this.#at = end + 1
    return text
  }

  #peek(): string | undefined {
    return this.#tokens[this.#at]
  }
  #next(): string {
    const token = this.#tokens[this.#at++]
    if (token === undefined) throw this.#broken()
    return token
  }
  #expect(token: string): void {
    if (this.#next() !== token) throw this.#broken()
  }
  #broken(): Error {
    const fix = "This is a fault of shardlab's function catalog: please report it."
    return fail("BAD_VALUE", { where: "spark", name: "template", value: `\`${this.template}\``, fix })
  }
}

const constant = (
  literalType: NonNullable<
    Extract<NonNullable<SparkExpr["exprType"]>, { case: "literal" }>["value"]["literalType"]
  >,
): SparkExpr => ({
  exprType: { case: "literal", value: { literalType } },
})
const text = (value: string) => constant({ case: "string", value })
const yesNo = (value: boolean) => constant({ case: "boolean", value })
const number = (value: number) =>
  Number.isInteger(value) ? constant({ case: "integer", value }) : constant({ case: "double", value })
