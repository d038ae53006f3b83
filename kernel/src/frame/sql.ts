// `sql`: an engine's own SQL with frames by name and values as parameters, so nothing a value holds becomes SQL. It gives
// a promise, because only the engine can tell the columns of its SQL, and a frame knows its columns from the start.

import { DataFrame } from "./DataFrame.js"
import type { Engine } from "./Engine.js"
import { type Literal, type LiteralValue, literal } from "./ExprNode.js"
import type { Plan } from "./nodes/plan.js"
import { Sql } from "./nodes/Sql.js"
import type { AnySchema, SchemaShape } from "./types.js"

type Hole = Pick<DataFrame, "plan" | "schema"> | LiteralValue
export type SqlTag = <S extends SchemaShape = AnySchema>(
  parts: TemplateStringsArray,
  ...holes: readonly Hole[]
) => Promise<DataFrame<S>>

/** Not portable between engines. `await sql`select origin, count(*) n from ${flights} where delay > ${15} group by 1`` */
export function createSql(engine: Engine): SqlTag {
  return async (parts, ...holes) => {
    const inputs: Plan[] = []
    const params: Literal[] = []
    const marks = holes.map(hole => {
      if (hole instanceof DataFrame) return `{${inputs.push(DataFrame.planOn(engine, hole, "sql")) - 1}}`
      return `{p${params.push(literal(hole as LiteralValue)) - 1}}`
    })
    const text = parts.map((part, i) => escapeBraces(part) + (marks[i] ?? "")).join("")
    const fields = await engine.describeSql({ text, params, inputs })
    return new DataFrame(new Sql(text, params, inputs, fields), engine)
  }
}

/** Braces of the SQL itself are doubled, so that only ours are marks. */
function escapeBraces(part: string): string {
  return part.replace(/[{}]/g, "$&$&")
}

/** The text with every mark replaced, and doubled braces single again. */
export function fillSql(
  text: string,
  input: (index: number) => string,
  param: (index: number) => string,
): string {
  return text.replace(/\{\{|\}\}|\{(p?)(\d+)\}/g, (mark, p: string | undefined, index: string) => {
    if (mark === "{{" || mark === "}}") return mark[0]!
    return p === "p" ? param(Number(index)) : input(Number(index))
  })
}
