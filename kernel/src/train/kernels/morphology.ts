// Kernels that look for the largest element of a window and remember where it was: grey-scale dilation with its gradients,
// and max pooling with positions. The window is unrolled: each place in it is one strided slice of the padded input.

import {
  add,
  binary,
  broadcastTo,
  compare,
  concatenate,
  constant,
  convert,
  fill,
  iota,
  lowest,
  multiply,
  pad,
  reduce,
  reshape,
  select,
  slice,
} from "../../ir/build.js"
import type { Node } from "../../ir/node.js"
import type { ConvAttrs, ConvGeometry, WindowInfo } from "./convolution.js"
import type { PoolAttrs, PoolGeometry } from "./pooling.js"
import type { KernelTable, X } from "./table.js"

/** A place in the window: its offset in the padded input. */
interface Place {
  readonly row: number
  readonly column: number
}

function placesOf(info: WindowInfo): Place[] {
  const [height, width] = info.filter as [number, number]
  return Array.from({ length: height * width }, (_, i) => ({
    row: Math.floor(i / width),
    column: i % width,
  }))
}

/** What the padded input must measure for every window to lie in it. */
function paddedSize(info: WindowInfo, axis: number): number {
  const reach = (info.filter[axis]! - 1) * info.dilations[axis]!
  return (info.output[axis]! - 1) * info.strides[axis]! + reach + 1
}

function padded(x: Node, info: WindowInfo, value: Node): Node {
  const low = [0, info.padding[0]![0], info.padding[1]![0], 0]
  // Negative where windows leave the input's end out.
  const high = [0, 1, 2, 3].map(axis =>
    axis === 0 || axis === 3 ? 0 : paddedSize(info, axis - 1) - info.input[axis - 1]! - low[axis]!,
  )
  return pad(x, value, { low, high, interior: [0, 0, 0, 0] })
}

/** What stands at one place of every window: [b, h', w', c]. */
function seenFrom(wide: Node, info: WindowInfo, { row, column }: Place): Node {
  const [batch, , , channels] = wide.type.shape as [number, number, number, number]
  const [top, left] = [row * info.dilations[0]!, column * info.dilations[1]!]
  const [down, across] = info.strides as [number, number]
  return slice(
    wide,
    [0, top, left, 0],
    [batch, top + (info.output[0]! - 1) * down + 1, left + (info.output[1]! - 1) * across + 1, channels],
    [1, down, across, 1],
  )
}

interface Best {
  readonly value: Node
  /** Number of the place that won, the first of equals. */
  readonly place: Node
}

function best(x: Node, info: WindowInfo, value: (seen: Node, place: Place) => Node): Best {
  const wide = padded(x, info, lowest(x.type.dtype))
  let won: Best | undefined
  for (const [number, place] of placesOf(info).entries()) {
    const here = value(seenFrom(wide, info, place), place)
    const index = constant(number, { dtype: "i32", shape: here.type.shape })
    if (won === undefined) won = { value: here, place: index }
    else {
      // What is not a number loses against every number.
      const better = binary("or", compare("GT", here, won.value), compare("NE", won.value, won.value))
      won = { value: select(better, here, won.value), place: select(better, index, won.place) }
    }
  }
  return won!
}

interface DilationInputs extends X {
  readonly filter: Node
  readonly dy: Node
}

/** The filter [h, w, c] at one place: [1, 1, 1, c]. */
function weightAt(filter: Node, { row, column }: Place): Node {
  const channels = filter.type.shape[2]!
  return reshape(slice(filter, [row, column, 0], [row + 1, column + 1, channels]), [1, 1, 1, channels])
}

function dilated({ x, filter }: Omit<DilationInputs, "dy">, info: WindowInfo): Best {
  return best(x, info, (seen, place) => add(seen, weightAt(filter, place)))
}

function dilationFilterGradient(inputs: DilationInputs, info: WindowInfo): Node {
  const { place } = dilated(inputs, info)
  const dy = convert(inputs.dy, inputs.filter.type.dtype)
  const sums = placesOf(info).map((_, number) => {
    const mine = select(compare("EQ", place, fill(number, place)), dy, fill(0, dy))
    return reduce("add", mine, [0, 1, 2])
  })
  const rows = sums.map(sum => reshape(sum, [1, ...sum.type.shape]))
  return reshape(concatenate(rows, 0), inputs.filter.type.shape)
}

function dilationInputGradient(inputs: DilationInputs, info: WindowInfo): Node {
  const { place } = dilated(inputs, info)
  const dy = convert(inputs.dy, inputs.x.type.dtype)
  const zero = constant(0, { dtype: dy.type.dtype, shape: [] })
  const parts = placesOf(info).map(({ row, column }, number) => {
    const mine = select(compare("EQ", place, fill(number, place)), dy, fill(0, dy))
    const offset = [row, column].map((at, axis) => at * info.dilations[axis]! - info.padding[axis]![0])
    const spread = info.strides.map((stride, axis) => (info.output[axis]! - 1) * stride + 1)
    return pad(mine, zero, {
      low: [0, ...offset, 0],
      high: [0, ...offset.map((from, axis) => info.input[axis]! - from - spread[axis]!), 0],
      interior: [0, ...info.strides.map(stride => stride - 1), 0],
    })
  })
  return parts.reduce(add)
}

/** Positions of the winners in the flattened image, or in the whole batch. */
function positions(place: Node, info: WindowInfo, channels: number, includeBatch: boolean): Node {
  const { shape } = place.type
  const scaled = (x: Node, by: number) => multiply(x, fill(by, x))
  const along = (axis: number) => {
    const corner = scaled(iota("i32", shape, axis + 1), info.strides[axis]!)
    return add(corner, fill(-info.padding[axis]![0], corner))
  }
  const table = (axis: "row" | "column", dilation: number) =>
    placesOf(info).reduce<Node>(
      (found, at, number) =>
        select(compare("EQ", place, fill(number, place)), fill(at[axis] * dilation, place), found),
      fill(0, place),
    )
  const row = add(along(0), table("row", info.dilations[0]!))
  const column = add(along(1), table("column", info.dilations[1]!))
  const inImage = add(scaled(row, info.input[1]!), column)
  const withBatch = includeBatch
    ? add(scaled(iota("i32", shape, 0), info.input[0]! * info.input[1]!), inImage)
    : inImage
  return add(scaled(withBatch, channels), iota("i32", shape, 3))
}

interface ArgmaxAttrs extends PoolAttrs {
  readonly includeBatchInIndex: boolean
}

export function morphologyKernels(conv: ConvGeometry, pool: PoolGeometry): KernelTable {
  const geometry = ({ x, filter }: Omit<DilationInputs, "dy">, attrs: ConvAttrs) =>
    conv(x.type.shape, [...filter.type.shape, x.type.shape[3]!], attrs, false)
  const shaped = (inputs: DilationInputs, info: WindowInfo): DilationInputs => ({
    ...inputs,
    dy: broadcastTo(inputs.dy, [inputs.x.type.shape[0]!, ...info.output, inputs.x.type.shape[3]!]),
  })
  return {
    Dilation2D: (inputs: Omit<DilationInputs, "dy">, attrs: ConvAttrs) =>
      dilated(inputs, geometry(inputs, attrs)).value,
    Dilation2DBackpropFilter(inputs: DilationInputs, attrs: ConvAttrs) {
      const info = geometry(inputs, attrs)
      return dilationFilterGradient(shaped(inputs, info), info)
    },
    Dilation2DBackpropInput(inputs: DilationInputs, attrs: ConvAttrs) {
      const info = geometry(inputs, attrs)
      return dilationInputGradient(shaped(inputs, info), info)
    },
    MaxPoolWithArgmax({ x }: X, attrs: ArgmaxAttrs) {
      if (x.type.shape.length !== 4)
        throw new RangeError(`maxPoolWithArgmax takes rank 4, not [${x.type.shape}]`)
      const info = pool(x.type.shape, attrs)
      const { value, place } = best(x, info, seen => seen)
      return [value, positions(place, info, x.type.shape[3]!, attrs.includeBatchInIndex)]
    },
  }
}
