// A slow and plain reading of small programs, to compare two of them: the elementwise and structural operations on f32, i32
// and i1. Not a device and not complete: it throws on the rest.

import type { Node } from "../../kernel/src/ir/node.js"
import type { OpAttrs } from "../../kernel/src/ir/ops.js"
import { type Program, reachable } from "../../kernel/src/ir/program.js"
import { elements, type Shape } from "../../kernel/src/ir/types.js"

type Values = readonly number[]

export function interpret(program: Program, inputs: readonly Values[]): Values[] {
  const values = new Map<Node, Values>()
  for (const [i, parameter] of program.parameters.entries()) values.set(parameter, inputs[i]!)
  for (const node of reachable(program.outputs))
    if (!values.has(node))
      values.set(
        node,
        evaluated(
          node,
          node.inputs.map(input => values.get(input)!),
        ),
      )
  return program.outputs.map(output => values.get(output)!)
}

function evaluated(node: Node, inputs: readonly Values[]): Values {
  const { shape, dtype } = node.type
  const places = Array.from({ length: elements(shape) }, (_, i) => unravel(i, shape))
  const [a, b, c] = inputs
  const from = node.inputs[0]?.type.shape ?? []
  const round = (value: number) =>
    dtype === "f32" ? Math.fround(value) : dtype === "i32" ? value | 0 : value
  const each = (compute: (i: number) => number) => places.map((_, i) => round(compute(i)))
  const moved = (where: (place: Shape) => Shape) => places.map(place => a![ravel(where(place), from)]!)
  switch (node.op) {
    case "constant": {
      const { value } = node.attrs as OpAttrs["constant"]
      return each(() => (dtype === "i1" ? Number(value !== 0) : value))
    }
    case "add":
      return each(i => a![i]! + b![i]!)
    case "subtract":
      return each(i => a![i]! - b![i]!)
    case "multiply":
      return each(i => (dtype === "i32" ? Math.imul(a![i]!, b![i]!) : a![i]! * b![i]!))
    case "divide":
      return each(i => a![i]! / b![i]!)
    case "maximum":
      return each(i => Math.max(a![i]!, b![i]!))
    case "minimum":
      return each(i => Math.min(a![i]!, b![i]!))
    case "and":
      return each(i => a![i]! & b![i]!)
    case "or":
      return each(i => a![i]! | b![i]!)
    case "negate":
      return each(i => -a![i]!)
    case "abs":
      return each(i => Math.abs(a![i]!))
    case "not":
      return each(i => (dtype === "i1" ? 1 - a![i]! : ~a![i]!))
    case "compare": {
      const { direction } = node.attrs as OpAttrs["compare"]
      const tests = { EQ: 0, NE: 0, GE: 0, GT: 0, LE: 0, LT: 0 }
      return each(i => {
        const [x, y] = [a![i]!, b![i]!]
        return Number(
          { ...tests, EQ: x === y, NE: x !== y, GE: x >= y, GT: x > y, LE: x <= y, LT: x < y }[direction],
        )
      })
    }
    case "select":
      return each(i => (a![i] === 0 ? c![i]! : b![i]!))
    case "convert":
      return each(i => (dtype === "i32" ? Math.trunc(a![i]!) : a![i]!))
    case "reshape":
      return a!
    case "broadcast_in_dim": {
      const { axes } = node.attrs as OpAttrs["broadcast_in_dim"]
      return moved(place => from.map((size, axis) => (size === 1 ? 0 : place[axes[axis]!]!)))
    }
    case "transpose": {
      const { permutation } = node.attrs as OpAttrs["transpose"]
      return moved(place => from.map((_, axis) => place[permutation.indexOf(axis)]!))
    }
    case "reverse": {
      const { axes } = node.attrs as OpAttrs["reverse"]
      return moved(place => place.map((at, axis) => (axes.includes(axis) ? from[axis]! - 1 - at : at)))
    }
    case "slice": {
      const { start, stride } = node.attrs as OpAttrs["slice"]
      return moved(place => place.map((at, axis) => start[axis]! + at * stride[axis]!))
    }
    case "reduce": {
      const { axes } = node.attrs as OpAttrs["reduce"]
      const sums = places.map(() => 0)
      for (const [i, value] of a!.entries()) {
        const place = unravel(i, from).filter((_, axis) => !axes.includes(axis))
        sums[ravel(place, shape)] = Math.fround(sums[ravel(place, shape)]! + value)
      }
      return sums
    }
    default:
      throw new Error(`the interpreter of the tests has no ${node.op}`)
  }
}

function unravel(index: number, shape: Shape): number[] {
  const place = new Array<number>(shape.length)
  let rest = index
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    place[axis] = rest % shape[axis]!
    rest = Math.floor(rest / shape[axis]!)
  }
  return place
}

const ravel = (place: Shape, shape: Shape) => place.reduce((sum, at, axis) => sum * shape[axis]! + at, 0)
