// Several runs of a program as one, written as a loop around it: what a step carries on (weights) goes from one turn to the
// next. Each turn computes what the program would by itself, to the bit: XLA compiles the body of a loop by itself, which it
// does not do for a program written out several times.

import { type Program, reachable } from "./program.js"
import { attributesText, bodyLines, partitionsText, shardingText } from "./stablehlo.js"
import { i64s, numberText, tensorText } from "./stablehloForm.js"
import type { TensorType } from "./types.js"

export interface Repetition {
  readonly text: string
  /** For each parameter: the run that reads it, undefined for all, and which parameter of the step it is. */
  readonly inputs: readonly { readonly run: number | undefined; readonly parameter: number }[]
  /** For each result: the run that made it and which result of the step it is. */
  readonly results: readonly { readonly run: number; readonly result: number }[]
  /** Parameters whose memory a result takes over. */
  readonly donated: readonly number[]
}

/**
 * `carried`: by parameter, the result that is its value in the next run. `own`: parameters that each run has anew; all
 * others are the same in every run.
 */
export function repeated(
  step: Program,
  count: number,
  carried: ReadonlyMap<number, number>,
  own: ReadonlySet<number>,
): Repetition {
  const { spread } = step
  const runs = Array.from({ length: count }, (_, run) => run)
  const all = step.parameters.map((_, i) => i)
  const isCarried = new Set(carried.values())
  const logs = step.outputs.map((_, i) => i).filter(i => !isCarried.has(i))
  const inputs = [
    ...all.filter(i => !own.has(i)).map(parameter => ({ run: undefined, parameter })),
    ...all.filter(i => own.has(i)).flatMap(parameter => runs.map(run => ({ run, parameter }))),
  ]
  const results = [
    ...[...carried.values()].map(result => ({ run: count - 1, result })),
    ...logs.flatMap(result => runs.map(run => ({ run, result }))),
  ]
  const typeOf = (i: number) => step.parameters[i]!.type
  const state: TensorType[] = [
    { dtype: "i32", shape: [] },
    ...[...carried.keys()].map(typeOf),
    ...logs.map(i => stacked(step.outputs[i]!.type, count)),
  ]
  const nameOf = ({ run, parameter }: (typeof inputs)[number]) =>
    `%p${parameter}${run === undefined ? "" : `_${run}`}`
  const donated: number[] = []
  const head = inputs.map((input, i) => {
    const result = input.run === undefined ? carried.get(input.parameter) : undefined
    const takesOver = result !== undefined && step.aliases.get(input.parameter) === result
    if (takesOver) donated.push(i)
    const place = [...carried.values()].indexOf(result ?? -1)
    const attributes = shardingText(spread?.parameters[input.parameter])
    if (takesOver) attributes.push(`tf.aliasing_output = ${place} : i32`)
    return `${nameOf(input)}: ${tensorText(typeOf(input.parameter))}${attributesText(attributes)}`
  })
  const types = results.map(({ result }) => tensorText(step.outputs[result]!.type)).join(", ")
  const signed = results
    .map(({ result }) => {
      const sharding = attributesText(shardingText(spread?.outputs[result]))
      return `${tensorText(step.outputs[result]!.type)}${sharding}`
    })
    .join(", ")
  const list = state.map(tensorText).join(", ")
  const block = state.map((type, i) => `%s${i}: ${tensorText(type)}`).join(", ")
  const lines = [
    ...[...own].flatMap(i => stackLines(`%p${i}`, typeOf(i), count)),
    constantLine("%zero", 0, state[0]!),
    constantLine("%count", count, state[0]!),
    ...logs.map(i => constantLine(`%e${i}`, 0, stacked(step.outputs[i]!.type, count))),
    `%w:${state.length} = "stablehlo.while"(${["%zero", ...[...carried.keys()].map(i => `%p${i}`), ...logs.map(i => `%e${i}`)].join(", ")}) ({`,
    `^bb0(${block}):`,
    `  %more = "stablehlo.compare"(%s0, %count) {comparison_direction = #stablehlo<comparison_direction LT>} : (tensor<i32>, tensor<i32>) -> tensor<i1>`,
    `  "stablehlo.return"(%more) : (tensor<i1>) -> ()`,
    "}, {",
    `^bb0(${block}):`,
    ...turn(step, count, carried, own, logs, state),
    `}) : (${list}) -> (${list})`,
    ...logs.flatMap((i, at) =>
      runs.flatMap(run =>
        pickLines(`%o${i}_${run}`, `%w#${1 + carried.size + at}`, step.outputs[i]!.type, count, run),
      ),
    ),
  ]
  const returned = results.map(({ run, result }) => {
    const place = [...carried.values()].indexOf(result)
    return place >= 0 ? `%w#${place + 1}` : `%o${result}_${run}`
  })
  const text = [
    `module @shardlab ${partitionsText(spread)}{`,
    `  func.func public @main(${head.join(", ")}) -> (${signed}) {`,
    ...lines.map(line => `    ${line}`),
    `    "func.return"(${returned.join(", ")}) : (${types}) -> ()`,
    "  }",
    "}",
    "",
  ].join("\n")
  return { text, inputs, results, donated }
}

/** One turn of the loop: the run's own inputs, the step, its logs into their places. */
function turn(
  step: Program,
  count: number,
  carried: ReadonlyMap<number, number>,
  own: ReadonlySet<number>,
  logs: readonly number[],
  state: readonly TensorType[],
): string[] {
  const keys = [...carried.keys()]
  const names = new Map(
    step.parameters.map((one, i) => {
      const place = keys.indexOf(i)
      return [one, own.has(i) ? `%own${i}` : place >= 0 ? `%s${place + 1}` : `%p${i}`]
    }),
  )
  const body = bodyLines(reachable(step.outputs), names)
  const resultName = (result: number) => names.get(step.outputs[result]!)!
  const next = ["%next", ...[...carried.values()].map(resultName), ...logs.map(i => `%u${i}`)]
  const index = (type: TensorType) => ["%s0", ...type.shape.map(() => "%zero")].join(", ")
  const indexTypes = (type: TensorType) => ["tensor<i32>", ...type.shape.map(() => "tensor<i32>")].join(", ")
  return [
    ...[...own].flatMap(i => {
      const { type } = step.parameters[i]!
      const [whole, row] = [tensorText(stacked(type, count)), tensorText(stacked(type, 1))]
      return [
        `%row${i} = "stablehlo.dynamic_slice"(%p${i}_all, ${index(type)}) {slice_sizes = ${i64s([1, ...type.shape])}} : (${whole}, ${indexTypes(type)}) -> ${row}`,
        `%own${i} = "stablehlo.reshape"(%row${i}) : (${row}) -> ${tensorText(type)}`,
      ]
    }),
    ...body,
    ...logs.flatMap((i, at) => {
      const { type } = step.outputs[i]!
      const [whole, row] = [tensorText(stacked(type, count)), tensorText(stacked(type, 1))]
      return [
        `%v${i} = "stablehlo.reshape"(${resultName(i)}) : (${tensorText(type)}) -> ${row}`,
        `%u${i} = "stablehlo.dynamic_update_slice"(%s${1 + carried.size + at}, %v${i}, ${index(type)}) : (${whole}, ${row}, ${indexTypes(type)}) -> ${whole}`,
      ]
    }),
    constantLine("%one", 1, state[0]!),
    `%next = "stablehlo.add"(%s0, %one) : (tensor<i32>, tensor<i32>) -> tensor<i32>`,
    `"stablehlo.return"(${next.join(", ")}) : (${state.map(tensorText).join(", ")}) -> ()`,
  ].map(line => `  ${line}`)
}

function stackLines(name: string, type: TensorType, count: number): string[] {
  const [row, whole] = [tensorText(stacked(type, 1)), tensorText(stacked(type, count))]
  const runs = Array.from({ length: count }, (_, run) => run)
  return [
    ...runs.map(
      run => `${name}_${run}_row = "stablehlo.reshape"(${name}_${run}) : (${tensorText(type)}) -> ${row}`,
    ),
    `${name}_all = "stablehlo.concatenate"(${runs.map(run => `${name}_${run}_row`).join(", ")}) {dimension = 0 : i64} : (${runs.map(() => row).join(", ")}) -> ${whole}`,
  ]
}

function pickLines(name: string, from: string, type: TensorType, count: number, run: number): string[] {
  const [row, whole] = [tensorText(stacked(type, 1)), tensorText(stacked(type, count))]
  const zeros = type.shape.map(() => 0)
  const attrs = `start_indices = ${i64s([run, ...zeros])}, limit_indices = ${i64s([run + 1, ...type.shape])}, strides = ${i64s([1, ...type.shape.map(() => 1)])}`
  return [
    `${name}_row = "stablehlo.slice"(${from}) {${attrs}} : (${whole}) -> ${row}`,
    `${name} = "stablehlo.reshape"(${name}_row) : (${row}) -> ${tensorText(type)}`,
  ]
}

const stacked = ({ dtype, shape }: TensorType, count: number): TensorType => ({
  dtype,
  shape: [count, ...shape],
})

function constantLine(name: string, value: number, type: TensorType): string {
  const text = `dense<${numberText(value, type.dtype)}> : ${tensorText(type)}`
  return `${name} = "stablehlo.constant"() {value = ${text}} : () -> ${tensorText(type)}`
}
