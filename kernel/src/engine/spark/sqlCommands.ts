// SQL of the user that does something (CREATE VIEW, INSERT, SHOW) runs once, when its frame is made; the frame then holds
// what it gave. SQL that asks for rows runs whenever the frame does. The server says which of both a text is.

import { create } from "@bufbuild/protobuf"
import type { SqlText } from "../../frame/Engine.js"
import type { Plan } from "../../frame/nodes/plan.js"
import type { Field } from "../../frame/types.js"
import { type Relation, RelationSchema } from "./gen/spark/connect/relations_pb.js"
import { planRelation, userSql } from "./planRelation.js"
import { root, type SparkEngine } from "./SparkEngine.js"
import { columnsOf } from "./types.js"

export class SqlCommands {
  /** Results of commands by their text and parameters. */
  readonly #results = new Map<string, Relation>()

  constructor(private readonly engine: SparkEngine) {}

  async describe({ text, params, inputs: plans }: SqlText): Promise<readonly Field[]> {
    const input = create(
      RelationSchema,
      userSql(
        text,
        params,
        plans.map(plan => this.relation(plan)),
      ),
    )
    const relation = await this.#execute(input)
    const isQuery = relation.relType.case === "sql" || relation.relType.case === "withRelations"
    if (isQuery) this.#results.delete(keyOf(text, params))
    else this.#results.set(keyOf(text, params), relation)
    const schema = await this.engine.session.schema(root(isQuery ? input : relation))
    return columnsOf(schema).map(({ name, type }) => ({ name, type }))
  }

  /** The relation of a plan, in which commands are what they gave. */
  relation(plan: Plan): Relation {
    return planRelation(plan, node =>
      node.op === "sql" ? this.#results.get(keyOf(node.text, node.params)) : undefined,
    )
  }

  async #execute(input: Relation): Promise<Relation> {
    const command = { commandType: { case: "sqlCommand" as const, value: { input } } }
    for await (const { responseType } of this.engine.run(
      { opType: { case: "command", value: command } },
      { what: "sql" },
    )) {
      if (responseType.case === "sqlCommandResult" && responseType.value.relation)
        return responseType.value.relation
    }
    return input
  }
}

function keyOf(text: string, params: unknown): string {
  return JSON.stringify([text, params])
}
