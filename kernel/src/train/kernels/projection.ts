// tf.image.transform: each output place is projected into the image and read there. Places are computed in f64, since whether
// one falls on one pixel or the next hangs on the last bits. tfjs's own cpu kernel transforms the first image alone.

import {
  add,
  binary,
  broadcastInDim,
  broadcastTo,
  compare,
  constant,
  convert,
  divide,
  fill,
  gather,
  iota,
  maximum,
  minimum,
  multiply,
  reshape,
  select,
  subtract,
  unary,
  vector,
} from "../../ir/build.js"
import type { Node } from "../../ir/node.js"
import type { KernelTable } from "./table.js"

interface TransformAttrs {
  readonly interpolation: "nearest" | "bilinear"
  readonly fillMode: "constant" | "reflect" | "wrap" | "nearest"
  readonly fillValue: number
  readonly outputShape?: readonly [number, number]
}

const like = (value: number, x: Node) => fill(value, x)
const floor = (x: Node) => unary("floor", x)
const clamp = (x: Node, size: number) => minimum(maximum(x, like(0, x)), like(size - 1, x))
const times = (x: Node, factor: number) => multiply(x, like(factor, x))
const less = (x: Node, limit: number) => compare("LT", x, like(limit, x))

/** Reflects [abcd] to [dcba|abcd|dcba]. */
function reflected(x: Node, size: number): Node {
  const turn = 2 * size
  const below = add(x, times(floor(divide(unary("negate", x), like(turn, x))), turn))
  const left = select(less(below, -size), add(below, like(turn, x)), subtract(like(-1, x), below))
  const above = subtract(x, times(floor(divide(x, like(turn, x))), turn))
  const right = select(less(above, size), above, subtract(like(turn - 1, x), above))
  return byside(x, size, left, right)
}

/** Repeats [abcd] as [abcd|abcd|abcd], with tfjs's arithmetic at the seams. */
function wrapped(x: Node, size: number): Node {
  const step = size - 1
  const turns = floor(divide(unary("negate", x), like(step, x)))
  const left = add(x, times(add(turns, like(1, x)), size))
  const right = subtract(x, times(floor(divide(x, like(step, x))), size))
  return byside(x, size, left, right)
}

function byside(x: Node, size: number, left: Node, right: Node): Node {
  const beyond = compare("GT", x, like(size - 1, x))
  return clamp(select(less(x, 0), left, select(beyond, right, x)), size)
}

function mapped(x: Node, size: number, mode: TransformAttrs["fillMode"]): Node {
  switch (mode) {
    case "reflect":
      return size <= 1 ? like(0, x) : reflected(x, size)
    case "wrap":
      return size <= 1 ? like(0, x) : wrapped(x, size)
    case "nearest":
      return clamp(x, size)
    case "constant":
      return x
    default:
      return mode satisfies never
  }
}

/** The pixels at whole places [b, h', w'], and `value` outside: [b, h', w', c]. */
function readAt(image: Node, y: Node, x: Node, value: number): Node {
  const [batch, height, width, channels] = image.type.shape as [number, number, number, number]
  const within = (at: Node, size: number) =>
    binary("and", compare("GE", at, like(0, at)), compare("LE", at, like(size - 1, at)))
  const inside = binary("and", within(y, height), within(x, width))
  const [row, column] = [y, x].map(at => convert(select(inside, at, like(0, at)), "i32")) as [Node, Node]
  const which = times(iota("i32", y.type.shape, 0), height)
  const flat = add(times(add(which, row), width), column)
  const pixels = gather(reshape(image, [batch * height * width, channels]), flat, 0)
  return select(broadcastInDim(inside, pixels.type.shape, [0, 1, 2]), pixels, like(value, pixels))
}

function bilinear(image: Node, y: Node, x: Node, value: number): Node {
  const [top, left] = [floor(y), floor(x)]
  const [bottom, right] = [add(top, like(1, top)), add(left, like(1, left))]
  const weighed = (pixels: Node, weight: Node) =>
    multiply(convert(pixels, "f32"), broadcastInDim(convert(weight, "f32"), pixels.type.shape, [0, 1, 2]))
  const line = (at: Node) =>
    add(
      weighed(readAt(image, at, left, value), subtract(right, x)),
      weighed(readAt(image, at, right, value), subtract(x, left)),
    )
  return add(weighed(line(top), subtract(bottom, y)), weighed(line(bottom), subtract(y, top)))
}

interface Inputs {
  readonly image: Node
  readonly transforms: Node
}

function transform({ image, transforms }: Inputs, attrs: TransformAttrs): Node {
  const [batch, height, width, channels] = image.type.shape as [number, number, number, number]
  const [toHeight, toWidth] = attrs.outputShape ?? [height, width]
  const shape = [batch, toHeight, toWidth]
  const count = transforms.type.shape[0]!
  const factor = (i: number) => {
    const column = convert(gather(transforms, vector("i32", [i]), 1), "f64")
    return count === 1
      ? broadcastTo(reshape(column, []), shape)
      : broadcastInDim(reshape(column, [count]), shape, [0])
  }
  const [x, y] = [iota("f64", shape, 2), iota("f64", shape, 1)]
  const plane = (i: number, last: Node) => add(add(multiply(factor(i), x), multiply(factor(i + 1), y)), last)
  const depth = plane(6, constant(1, x.type))
  const inX = mapped(divide(plane(0, factor(2)), depth), width, attrs.fillMode)
  const inY = mapped(divide(plane(3, factor(5)), depth), height, attrs.fillMode)
  const half = constant(0.5, x.type)
  const seen =
    attrs.interpolation === "nearest"
      ? readAt(image, floor(add(inY, half)), floor(add(inX, half)), attrs.fillValue)
      : bilinear(image, inY, inX, attrs.fillValue)
  const target = [batch, toHeight, toWidth, channels]
  const nowhere = broadcastInDim(compare("EQ", depth, like(0, depth)), target, [0, 1, 2])
  return convert(select(nowhere, like(attrs.fillValue, seen), seen), image.type.dtype)
}

export const projection: KernelTable = { Transform: transform }
