// Random graphs of the operations that `interpret` knows, full of what a simplifier likes: constants, repetitions, chains.

import fc from "fast-check"
import * as build from "../../kernel/src/ir/build.js"
import type { Node } from "../../kernel/src/ir/node.js"
import { node } from "../../kernel/src/ir/node.js"
import type { Program } from "../../kernel/src/ir/program.js"
import { elements, sameShape } from "../../kernel/src/ir/types.js"

const shapes = [[], [1], [3], [2, 3], [3, 2], [1, 6], [6]] as const
const values = [0, -0, 1, -1, 0.5, 3, -2.25, 1e30, 1e-20, Number.NaN, Infinity]

type Grow = (pool: readonly Node[], pick: (below: number) => number) => Node

const unary = ["negate", "abs"] as const
const binary = ["add", "subtract", "multiply", "divide", "maximum", "minimum"] as const

const grow: readonly Grow[] = [
  (pool, pick) => build.unary(unary[pick(2)]!, floats(pool)[pick(floats(pool).length)]!),
  (pool, pick) => {
    const a = floats(pool)[pick(floats(pool).length)]!
    const like = floats(pool).filter(other => sameShape(other.type.shape, a.type.shape))
    const b = pick(3) === 0 ? build.fill(values[pick(values.length)]!, a) : like[pick(like.length)]!
    return pick(2) === 0 ? build.binary(binary[pick(6)]!, a, b) : build.binary(binary[pick(6)]!, b, a)
  },
  (pool, pick) => {
    const a = pool[pick(pool.length)]!
    const fits = [a.type.shape, ...shapes.filter(shape => elements(shape) === elements(a.type.shape))]
    // Past the conveniences, which leave out what changes nothing.
    return node("reshape", [a], { shape: fits[pick(fits.length)]! })
  },
  (pool, pick) => {
    const a = pool[pick(pool.length)]!
    const rank = a.type.shape.length
    return node("transpose", [a], { permutation: pick(2) === 0 ? axes(rank) : axes(rank).reverse() })
  },
  (pool, pick) => {
    const a = pool[pick(pool.length)]!
    const [shape, ...rest] = [a.type.shape, [2, ...a.type.shape]]
    const to = pick(2) === 0 || a.type.shape.length > 1 ? shape : rest[0]!
    const offset = to.length - a.type.shape.length
    return node("broadcast_in_dim", [a], { shape: to, axes: a.type.shape.map((_, axis) => axis + offset) })
  },
  (pool, pick) => {
    const a = pool[pick(pool.length)]!
    const { shape } = a.type
    const start = shape.map(size => (size > 1 ? pick(2) : 0))
    return node("slice", [a], { start, limit: shape, stride: shape.map(() => 1) })
  },
  (pool, pick) => node("convert", [pool[pick(pool.length)]!], { dtype: "f32" }),
  (pool, pick) => {
    const a = floats(pool)[pick(floats(pool).length)]!
    const test = build.compare(
      (["EQ", "NE", "GT", "LE"] as const)[pick(4)]!,
      a,
      build.fill(values[pick(4)]!, a),
    )
    return build.select(
      pick(2) === 0 ? test : node("not", [node("not", [test], {})], {}),
      a,
      pick(2) === 0 ? a : build.fill(1, a),
    )
  },
  (pool, pick) => {
    const a = floats(pool)[pick(floats(pool).length)]!
    const is = (n: number) => build.compare("GE", a, build.fill(n, a))
    const test = build.binary(
      pick(2) === 0 ? "and" : "or",
      is(pick(3)),
      pick(2) === 0 ? is(1) : build.constant(pick(2), is(0).type),
    )
    return node("convert", [test], { dtype: "f32" })
  },
  (pool, pick) => {
    const a = floats(pool)[pick(floats(pool).length)]!
    return node("reverse", [a], { axes: axes(a.type.shape.length).filter(() => pick(2) === 0) })
  },
]

const floats = (pool: readonly Node[]) => pool.filter(one => one.type.dtype === "f32")
const axes = (rank: number) => Array.from({ length: rank }, (_, i) => i)

export interface Sample {
  readonly program: Program
  readonly inputs: readonly (readonly number[])[]
}

/** Programs of up to `size` operations with their inputs. */
export function programs(size: number): fc.Arbitrary<Sample> {
  return fc
    .record({
      choices: fc.infiniteStream(fc.nat(1_000_000)),
      length: fc.integer({ min: 1, max: size }),
      numbers: fc.infiniteStream(fc.constantFrom(...values, 2, 7.5, -3)),
    })
    .map(({ choices, length, numbers }) => {
      const pick = (below: number) => choices.next().value! % below
      const parameters = [
        build.parameter("f32", [2, 3]),
        build.parameter("f32", [3]),
        build.parameter("f32", []),
      ]
      const pool: Node[] = [...parameters]
      for (let i = 0; i < length; i++) pool.push(grow[pick(grow.length)]!(pool, pick))
      const outputs = [pool.at(-1)!, pool[pick(pool.length)]!, pool[pick(pool.length)]!]
      const inputs = parameters.map(({ type }) =>
        Array.from({ length: elements(type.shape) }, () => Math.fround(numbers.next().value!)),
      )
      return { program: { parameters, outputs, aliases: new Map() }, inputs }
    })
}
