// Writes a program as StableHLO text: one module, one function `@main`, generic form throughout, operations of StableHLO
// 1.0 only, so that every plugin since parses it. Not an optimiser: XLA is. The rows are in stablehloOps.ts.

import type { Node } from "./node.js"
import type { OpName } from "./ops.js"
import { type Program, reachable, type Spread } from "./program.js"
import { tensorText } from "./stablehloForm.js"
import { stablehloRows } from "./stablehloOps.js"
import type { EmitRow } from "./stablehloRow.js"

/** The module's text. Aliased parameters carry `tf.aliasing_output`, which is how XLA is told of donation. */
export function toStableHlo(program: Program): string {
  const { spread } = program
  const names = new Map<Node, string>()
  const parameters = program.parameters.map((parameter, i) => {
    names.set(parameter, `%p${i}`)
    const alias = program.aliases.get(i)
    const attributes = shardingText(spread?.parameters[i])
    if (alias !== undefined) attributes.push(`tf.aliasing_output = ${alias} : i32`)
    return `%p${i}: ${tensorText(parameter.type)}${attributesText(attributes)}`
  })
  const lines = bodyLines(reachable(program.outputs), names).map(line => `    ${line}`)
  const results = program.outputs.map(output => tensorText(output.type)).join(", ")
  const signed = program.outputs.map(
    (output, i) => `${tensorText(output.type)}${attributesText(shardingText(spread?.outputs[i]))}`,
  )
  const returned = program.outputs.map(output => names.get(output)!).join(", ")
  return [
    `module @shardlab ${partitionsText(spread)}{`,
    `  func.func public @main(${parameters.join(", ")}) -> (${signed.join(", ")}) {`,
    ...lines,
    `    "func.return"(${returned}) : (${results}) -> ()`,
    "  }",
    "}",
    "",
  ].join("\n")
}

/** The lines of operations in their order; `names` has those of the parameters, and gets the others'. */
export function bodyLines(order: readonly Node[], names: Map<Node, string>): string[] {
  const lines: string[] = []
  const parameters = names.size
  for (const node of order) {
    if (names.has(node)) continue
    const name = `%n${names.size - parameters}`
    const inputs = node.inputs.map(input => names.get(input)!)
    const row = stablehloRows[node.op] as EmitRow<OpName>
    const emitted = row(node, inputs, name)
    names.set(node, emitted.result ?? name)
    lines.push(...emitted.lines)
  }
  return lines
}

export const partitionsText = (spread: Spread | undefined) =>
  spread === undefined ? "" : `attributes {mhlo.num_partitions = ${spread.devices} : i32} `

export const shardingText = (sharding: string | undefined) =>
  sharding === undefined ? [] : [`mhlo.sharding = "${sharding}"`]

export const attributesText = (attributes: readonly string[]) =>
  attributes.length === 0 ? "" : ` {${attributes.join(", ")}}`
