// Image kernels: resizing and its gradients, crops, flips. A resize is separable: rows and columns are picked, or weighed
// by a small matrix each, so that the gradient is the same two products with the matrices turned.

import {
  add,
  binary,
  broadcastInDim,
  broadcastTo,
  compare,
  constant,
  convert,
  dotGeneral,
  fill,
  gather,
  iota,
  maximum,
  multiply,
  reshape,
  reverse,
  select,
  subtract,
  transpose,
  unary,
  vector,
} from "../../ir/build.js"
import type { Node } from "../../ir/node.js"
import type { KernelTable } from "./table.js"

interface ResizeAttrs {
  readonly alignCorners: boolean
  readonly halfPixelCenters?: boolean
  readonly size: readonly [number, number]
}

/** Where each of `to` places lies among `from` places. */
function sources(from: number, to: number, { alignCorners, halfPixelCenters }: Omit<ResizeAttrs, "size">) {
  const corners = alignCorners && to > 1
  const ratio = corners ? (from - 1) / (to - 1) : from / to
  return Array.from({ length: to }, (_, place) => ratio * (halfPixelCenters ? place + 0.5 : place))
}

function nearest(from: number, to: number, attrs: Omit<ResizeAttrs, "size">): number[] {
  const round = attrs.alignCorners ? Math.round : Math.floor
  return sources(from, to, attrs).map(source => Math.max(0, Math.min(from - 1, round(source))))
}

interface Lerp {
  readonly low: readonly number[]
  readonly high: readonly number[]
  readonly fraction: readonly number[]
}

function between(from: number, to: number, attrs: Omit<ResizeAttrs, "size">): Lerp {
  const exact = sources(from, to, attrs).map(source => source - (attrs.halfPixelCenters ? 0.5 : 0))
  const low = exact.map(source => Math.max(0, Math.floor(source)))
  return {
    low,
    high: exact.map(source => Math.min(from - 1, Math.ceil(source))),
    fraction: exact.map((source, i) => source - low[i]!),
  }
}

function resizeNearest({ images }: { images: Node }, attrs: ResizeAttrs): Node {
  const [, height, width] = images.type.shape as [number, number, number]
  const rows = gather(images, vector("i32", nearest(height, attrs.size[0], attrs)), 1)
  return gather(rows, vector("i32", nearest(width, attrs.size[1], attrs)), 2)
}

function lerpAlong(x: Node, axis: number, to: number, attrs: ResizeAttrs): Node {
  const { low, high, fraction } = between(x.type.shape[axis]!, to, attrs)
  const [near, far] = [gather(x, vector("i32", low), axis), gather(x, vector("i32", high), axis)]
  const weight = broadcastInDim(vector("f32", fraction), near.type.shape, [axis])
  return add(near, multiply(subtract(far, near), weight))
}

function resizeBilinear({ images }: { images: Node }, attrs: ResizeAttrs): Node {
  const x = convert(images, "f32")
  return lerpAlong(lerpAlong(x, 2, attrs.size[1], attrs), 1, attrs.size[0], attrs)
}

/** [to, from]: `weight` of each row at the column that `places` names. */
function placed(places: readonly number[], weight: readonly number[] | undefined, from: number): Node {
  const shape = [places.length, from]
  const columns = iota("i32", shape, 1)
  const hit = compare("EQ", columns, broadcastInDim(vector("i32", places), shape, [0]))
  const type = { dtype: "f32", shape } as const
  const value = weight === undefined ? constant(1, type) : broadcastInDim(vector("f32", weight), shape, [0])
  return select(hit, value, constant(0, type))
}

function lerpMatrix(from: number, to: number, attrs: Omit<ResizeAttrs, "size">): Node {
  const { low, high, fraction } = between(from, to, attrs)
  const rest = fraction.map(part => 1 - part)
  return add(placed(low, rest, from), placed(high, fraction, from))
}

/** dy [b, h', w', c] under the matrices [h', h] and [w', w]. */
function spreadBack(dy: Node, rows: Node, columns: Node): Node {
  const none: readonly number[] = []
  // [b, w', c, h], then [b, c, h, w].
  const tall = dotGeneral(dy, rows, { batch: [none, none], contract: [[1], [0]], exact: true })
  const wide = dotGeneral(tall, columns, { batch: [none, none], contract: [[1], [0]], exact: true })
  return transpose(wide, [0, 2, 3, 1])
}

interface GradInputs {
  readonly images: Node
  readonly dy: Node
}

function gradient(matrix: (from: number, to: number, attrs: Omit<ResizeAttrs, "size">) => Node) {
  // tfjs's gradients, as TensorFlow's old ones, know no half pixel centres.
  return ({ images, dy }: GradInputs, { alignCorners }: { alignCorners: boolean }) => {
    const [, height, width] = images.type.shape as [number, number, number]
    const [, toHeight, toWidth] = dy.type.shape as [number, number, number]
    const attrs = { alignCorners }
    const dx = spreadBack(convert(dy, "f32"), matrix(height, toHeight, attrs), matrix(width, toWidth, attrs))
    return convert(dx, images.type.dtype)
  }
}

interface CropInputs {
  readonly image: Node
  readonly boxes: Node
  readonly boxInd: Node
}
interface CropAttrs {
  readonly cropSize: readonly [number, number]
  readonly method: "bilinear" | "nearest"
  readonly extrapolationValue: number
}

/**
 * Where the places of a crop lie in the image along one axis, [boxes, places], from the box's edges, [boxes]. In f64, as
 * tfjs: the last bits decide which pixel is the nearest, and whether a place is still inside.
 */
function cropPlaces(low: Node, high: Node, size: number, places: number): Node {
  const shape = [low.type.shape[0]!, places]
  const wide = (x: Node) => broadcastInDim(convert(x, "f64"), shape, [0])
  const [first, last] = [wide(low), wide(high)]
  const last0 = fill(size - 1, first)
  if (places === 1) return multiply(multiply(add(first, last), fill(0.5, first)), last0)
  const step = multiply(subtract(last, first), fill((size - 1) / (places - 1), first))
  return add(multiply(first, last0), multiply(iota("f64", shape, 1), step))
}

/** [boxes, places, size]: how much of each row (or column) of the image is in each place. */
function cropWeights(places: Node, size: number, method: CropAttrs["method"]): Node {
  const shape = [...places.type.shape, size]
  const exact = method === "nearest" ? unary("floor", add(places, fill(0.5, places))) : places
  const at = broadcastInDim(convert(exact, "f32"), shape, [0, 1])
  const away = unary("abs", subtract(at, iota("f32", shape, 2)))
  if (method === "nearest") return convert(compare("LT", away, fill(0.5, away)), "f32")
  return maximum(subtract(fill(1, away), away), fill(0, away))
}

const inside = (places: Node, size: number) =>
  binary("and", compare("GE", places, fill(0, places)), compare("LE", places, fill(size - 1, places)))

function cropAndResize({ image, boxes, boxInd }: CropInputs, attrs: CropAttrs): Node {
  const [batch, height, width, channels] = image.type.shape as [number, number, number, number]
  const count = boxes.type.shape[0]!
  const [cropHeight, cropWidth] = attrs.cropSize
  const edge = (i: number) => reshape(gather(boxes, vector("i32", [i]), 1), [count])
  const rows = cropPlaces(edge(0), edge(2), height, cropHeight)
  const columns = cropPlaces(edge(1), edge(3), width, cropWidth)
  const chosen = gather(convert(image, "f32"), convert(boxInd, "i32"), 0)
  // [n, h', w, c], then [n, w', h', c].
  const tall = dotGeneral(cropWeights(rows, height, attrs.method), chosen, {
    batch: [[0], [0]],
    contract: [[2], [1]],
  })
  const wide = dotGeneral(cropWeights(columns, width, attrs.method), tall, {
    batch: [[0], [0]],
    contract: [[2], [2]],
  })
  const shape = [count, cropHeight, cropWidth, channels]
  const crops = transpose(wide, [0, 2, 1, 3])
  const within = binary(
    "and",
    broadcastInDim(inside(rows, height), shape, [0, 1]),
    broadcastInDim(inside(columns, width), shape, [0, 2]),
  )
  const seen = select(within, crops, fill(attrs.extrapolationValue, crops))
  // A box of an image that is not there stays zero.
  const there = compare("LT", boxInd, fill(batch, boxInd))
  return select(broadcastInDim(there, shape, [0]), seen, fill(0, seen))
}

interface RotateAttrs {
  readonly radians: number
  readonly fillValue: number | readonly number[]
  readonly center: number | readonly [number, number]
}

/** In f64, since whether a place falls on one pixel or the next hangs on the last bits. */
function rotate({ image }: { image: Node }, { radians, fillValue, center }: RotateAttrs): Node {
  const [batch, height, width, channels] = image.type.shape as [number, number, number, number]
  const [cx, cy] = typeof center === "number" ? [center, center] : center
  const [middleX, middleY] = [width * cx, height * cy]
  const shape = [height, width]
  const number = (value: number) => constant(value, { dtype: "f64", shape })
  const x = subtract(iota("f64", shape, 1), number(middleX))
  const y = subtract(iota("f64", shape, 0), number(middleY))
  const [sin, cos] = [number(Math.sin(radians)), number(Math.cos(radians))]
  const round = (value: Node) => unary("floor", add(value, number(0.5)))
  const column = round(add(subtract(multiply(x, cos), multiply(y, sin)), number(middleX)))
  const row = round(add(add(multiply(x, sin), multiply(y, cos)), number(middleY)))
  const within = binary("and", inside(row, height), inside(column, width))
  const flat = convert(add(multiply(row, number(width)), column), "i32")
  const pixels = reshape(image, [batch, height * width, channels])
  const turned = gather(pixels, select(within, flat, fill(0, flat)), 1)
  return select(broadcastInDim(within, image.type.shape, [1, 2]), turned, background(image, fillValue))
}

/** One value, or one a channel; the fourth channel is opaque. */
function background(image: Node, value: RotateAttrs["fillValue"]): Node {
  if (typeof value === "number") return fill(value, image)
  const channels = image.type.shape[3]!
  const each = Array.from({ length: channels }, (_, channel) => (channel === 3 ? 255 : (value[channel] ?? 0)))
  return broadcastTo(vector(image.type.dtype, each), image.type.shape)
}

export const images: KernelTable = {
  ResizeBilinear: resizeBilinear,
  ResizeBilinearGrad: gradient(lerpMatrix),
  ResizeNearestNeighbor: resizeNearest,
  ResizeNearestNeighborGrad: gradient((from, to, attrs) => placed(nearest(from, to, attrs), undefined, from)),
  CropAndResize: cropAndResize,
  FlipLeftRight: ({ image }: { image: Node }) => reverse(image, [2]),
  RotateWithOffset: rotate,
}
