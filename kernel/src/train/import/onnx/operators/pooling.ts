// Poolings over windows and over whole images. Channels last.

import type { Building, Call, Operator, Tensor } from "../Operator.js"
import type { Live, Value } from "../Value.js"
import { layerPadding, padded, spatial, type Window, windowOf, withCeiling } from "./window.js"

function poolWindow(call: Call): Window {
  const window = windowOf(call, spatial(call.x), call.list("kernel_shape")!)
  return call.number("ceil_mode", 0) === 0 ? window : withCeiling(window, spatial(call.x))
}

/** Without padding: that has been made. */
function pool(call: Call, x: Tensor, kind: "max" | "avg", { kernel, strides, dilations }: Window): Tensor {
  const { tf } = call
  const plain = dilations.every(size => size === 1)
  if (kernel.length === 3 && plain)
    return kind === "max"
      ? tf.maxPool3d(x as never, kernel as never, strides as never, "valid")
      : tf.avgPool3d(x as never, kernel as never, strides as never, "valid")
  if (kernel.length === 1) {
    const wide = {
      kernel: [1, ...kernel],
      strides: [1, ...strides],
      dilations: [1, ...dilations],
      before: [],
      after: [],
    }
    return tf.squeeze(pool(call, tf.expandDims(x, 1), kind, wide), [1])
  }
  if (plain)
    return kind === "max"
      ? tf.maxPool(x as never, kernel as never, strides as never, "valid")
      : tf.avgPool(x as never, kernel as never, strides as never, "valid")
  return dilatedPool(call, x, kind, { kernel, strides, dilations })
}

/** One shifted image an element of the window. */
function dilatedPool(
  call: Call,
  x: Tensor,
  kind: "max" | "avg",
  { kernel, strides, dilations }: Pick<Window, "kernel" | "strides" | "dilations">,
): Tensor {
  const { tf } = call
  const lengths = spatial(x).map((length, i) => length - (kernel[i]! - 1) * dilations[i]!)
  const places = kernel.reduce<number[][]>(
    (known, size, i) =>
      known.flatMap(at => Array.from({ length: size }, (_, k) => [...at, k * dilations[i]!])),
    [[]],
  )
  const shifted = places.map(at => tf.slice(x, [0, ...at, 0], [x.shape[0]!, ...lengths, x.shape.at(-1)!]))
  const joined = shifted.reduce((a, b) => (kind === "max" ? tf.maximum(a, b) : tf.add(a, b)))
  const whole = kind === "max" ? joined : tf.div(joined, places.length)
  if (strides.every(size => size === 1)) return whole
  const ones = kernel.map(() => 1)
  return pool(call, whole, "max", { kernel: ones, strides, dilations: ones, before: [], after: [] })
}

/** Input with its channels last. */
export function averaged(call: Call, input: Tensor): Tensor {
  const { tf } = call
  const window = poolWindow(call)
  const x = padded(call, input, window, 0)
  if (x === input) return pool(call, x, "avg", window)
  // The share of each window that counts, by pooling ones: all of them constants.
  const lengths = spatial(call.x)
  const counts = call.number("count_include_pad", 0) !== 0
  const own = windowOf(call, lengths, window.kernel)
  const ones = tf.ones([1, ...lengths, 1])
  const inner = counts ? padded(call, ones, own, 1) : ones
  const grown = counts
    ? { ...window, before: own.before.map(() => 0), after: window.after.map((pad, i) => pad - own.after[i]!) }
    : window
  const share = pool(call, padded(call, inner, grown, 0), "avg", window)
  return tf.div(pool(call, x, "avg", window), share)
}

function lpPool(call: Call): Tensor {
  const { tf } = call
  const window = poolWindow(call)
  const p = call.number("p", 2)
  const x = padded(call, tf.pow(tf.abs(call.x), p), window, 0)
  const size = window.kernel.reduce((product, length) => product * length, 1)
  return tf.pow(tf.mul(pool(call, x, "avg", window), size), 1 / p)
}

function maxPoolLayer(building: Building): readonly Value[] | undefined {
  const { tf, outputs } = building
  if (outputs > 1) return undefined
  return poolLayer(building, settings => tf.layers.maxPooling2d(settings))
}

type PoolSettings = Parameters<typeof import("@tensorflow/tfjs").layers.maxPooling2d>[0]

function poolLayer(
  { node, name, live, layer, put }: Building,
  make: (settings: PoolSettings) => import("@tensorflow/tfjs").layers.Layer,
): readonly Value[] | undefined {
  const x = live(0)
  const kernel = node.list("kernel_shape")
  if (x === undefined || kernel?.length !== 2) return undefined
  const lengths = x.dims.slice(2)
  const window = windowOf(node, lengths, kernel)
  const whole =
    node.number("ceil_mode", 0) === 0 || String(withCeiling(window, lengths).after) === String(window.after)
  if (!whole || layerPadding(window) !== "valid" || window.dilations.some(size => size !== 1))
    return undefined
  const strides = window.strides as [number, number]
  return [
    layer(
      make({ poolSize: kernel as [number, number], strides, padding: "valid", name }),
      [put(x, "last")],
      "last",
    ),
  ]
}

/** The layer gives a row a channel; ONNX keeps the spatial axes, of length one. */
function globalLayer({ tf, name, live, layer, put }: Building): readonly Value[] | undefined {
  const x = live(0)
  if (x?.dims.length !== 4) return undefined
  const pooled = layer(tf.layers.globalAveragePooling2d({ name } as never), [put(x, "last")], "file")
  const rows: Live = { ...pooled, dims: x.dims.slice(0, 2) }
  const shaped = tf.layers.reshape({ targetShape: [1, 1, x.dims[1]!], name: `${name}/keep` })
  return [layer(shaped, [rows], "last")]
}

const overImage = (run: (call: Call, axes: number[]) => Tensor): Operator => ({
  order: "last",
  run: call =>
    run(
      call,
      spatial(call.x).map((_, i) => i + 1),
    ),
})

export const pooling: Readonly<Record<string, Operator>> = {
  MaxPool: {
    order: "last",
    run: call => {
      const window = poolWindow(call)
      const lowest = call.x.dtype === "int32" ? -(2 ** 31) : -3.4028234663852886e38
      return pool(call, padded(call, call.x, window, lowest), "max", window)
    },
    build: maxPoolLayer,
  },
  AveragePool: {
    order: "last",
    run: call => averaged(call, call.x),
    build: building => poolLayer(building, settings => building.tf.layers.averagePooling2d(settings)),
  },
  LpPool: { order: "last", run: lpPool },
  GlobalAveragePool: { ...overImage(({ tf, x }, axes) => tf.mean(x, axes, true)), build: globalLayer },
  GlobalMaxPool: overImage(({ tf, x }, axes) => tf.max(x, axes, true)),
}
