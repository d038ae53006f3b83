// Gradients that tfjs has not: attention through `tf.einsum` could not train without. And three that it has, which do not
// add up over axes that were broadcast. All are made of public operations, so they hold on every backend.

import type { Tf } from "../tf.js"

type Tensor = import("@tensorflow/tfjs").Tensor
type GradConfig = Parameters<Tf["registerGradient"]>[0]
type Gradient = GradConfig["gradFunc"]
type Wanted = Omit<GradConfig, "kernelName">

export function missingGradients(tf: Tf): void {
  const all: Record<string, Wanted> = {
    Einsum: { saveAllInputs: true, gradFunc: einsumGradient(tf) },
    Cumprod: { inputsToSave: ["x"], outputsToSave: [true], gradFunc: cumprodGradient(tf) },
    StridedSlice: { inputsToSave: ["x"], gradFunc: stridedSliceGradient(tf) },
    TopK: { inputsToSave: ["x"], outputsToSave: [false, true], gradFunc: topKGradient(tf) },
    ...scatterGradients(tf),
    ...broadcastGradients(tf),
  }
  for (const [kernelName, config] of Object.entries(all)) {
    if (tf.getGradient(kernelName) !== undefined) tf.unregisterGradient(kernelName)
    tf.registerGradient({ kernelName, ...config })
  }
}

/** The other operand and dy contracted to the axes they have; axes that were summed away alone are repeated. */
function einsumGradient(tf: Tf): Gradient {
  return (dy, saved, attrs) => {
    const [terms, result] = (attrs.equation as string).replace(/\s/g, "").split("->") as [string, string]
    const names = terms.split(",")
    const one = (index: number) => () => {
      const name = names[index]!
      const others = [result, ...names.filter((_, i) => i !== index)]
      const tensors = [dy as Tensor, ...saved.filter((_, i) => i !== index)]
      const known = [...name].filter(axis => others.some(other => other.includes(axis)))
      const small = tf.einsum(`${others.join(",")}->${known.join("")}`, ...tensors)
      const { shape } = saved[index]!
      const kept = shape.map((size, axis) => (known.includes(name[axis]!) ? size : 1))
      return tf.broadcastTo(tf.reshape(small, kept), shape)
    }
    return Object.fromEntries(saved.map((_, index) => [index, one(index)]))
  }
}

/** TensorFlow's: the products that hold an element, each divided by it. NaN where the element is 0, as there. */
function cumprodGradient(tf: Tf): Gradient {
  return (dy, [x, y], attrs) => {
    const { axis, exclusive, reverse } = attrs as { axis: number; exclusive: boolean; reverse: boolean }
    const sums = () => tf.cumsum(tf.mul(y!, dy as Tensor), axis, exclusive, !reverse)
    return { x: () => tf.div(sums(), x!) }
  }
}

interface StridedSliceAttrs {
  readonly begin: number[]
  readonly end: number[]
  readonly strides: number[]
  readonly beginMask: number
  readonly endMask: number
  readonly ellipsisMask: number
  readonly newAxisMask: number
  readonly shrinkAxisMask: number
}

function stridedSliceGradient(tf: Tf): Gradient {
  return (dy, [x], attrs) => {
    const { shape } = x!
    const { begin, end, strides, ...masks } = attrs as unknown as StridedSliceAttrs
    const info = tf.slice_util.sliceInfo(
      shape,
      begin,
      end,
      strides,
      masks.beginMask,
      masks.endMask,
      masks.ellipsisMask,
      masks.newAxisMask,
      masks.shrinkAxisMask,
    )
    return {
      x: () => {
        const sizes = tf.slice_util.computeOutShape(info.begin, info.end, info.strides)
        const turned = info.strides.flatMap((stride, axis) => (stride < 0 ? [axis] : []))
        const upstream = tf.reshape(dy as Tensor, sizes)
        const spread = info.strides.reduce(
          (found, stride, axis) => spaced(tf, found, axis, Math.abs(stride)),
          turned.length > 0 ? tf.reverse(upstream, turned) : upstream,
        )
        const paddings = sizes.map((size, axis): [number, number] => {
          const last = info.begin[axis]! + (size - 1) * info.strides[axis]!
          const low = Math.min(info.begin[axis]!, last)
          return [low, shape[axis]! - low - spread.shape[axis]!]
        })
        return tf.pad(spread, paddings)
      },
    }
  }
}

/** Zeros between the elements along an axis, so that they stand `stride` apart. */
function spaced(tf: Tf, x: Tensor, axis: number, stride: number): Tensor {
  const size = x.shape[axis]!
  if (stride === 1 || size <= 1) return x
  const tall = tf.reshape(x, x.shape.toSpliced(axis + 1, 0, 1))
  const paddings = tall.shape.map((_, i): [number, number] => [0, i === axis + 1 ? stride - 1 : 0])
  const flat = tf.reshape(tf.pad(tall, paddings), x.shape.toSpliced(axis, 1, size * stride))
  return tf.slice(
    flat,
    x.shape.map(() => 0),
    x.shape.toSpliced(axis, 1, (size - 1) * stride + 1),
  )
}

/** Each upstream number goes back to where its value stood. */
function topKGradient(tf: Tf): Gradient {
  return (dys, [x, places]) => ({
    x: () => {
      const [dy] = dys as unknown as Tensor[]
      const hits = tf.oneHot(places!, x!.shape.at(-1)!, 1, 0, "float32")
      return tf.sum(tf.mul(hits, tf.expandDims(dy!, -1)), -2)
    },
  })
}

function scatterGradients(tf: Tf): Record<string, Wanted> {
  // Indices have no gradient; tfjs wants one for every input that it looks for.
  const none = (indices: Tensor | undefined) => () => tf.zerosLike(tf.cast(indices!, "float32"))
  return {
    GatherNd: {
      inputsToSave: ["params", "indices"],
      gradFunc: (dy, [params, indices]) => ({
        params: () => {
          const row = indices!.rank < 2 ? tf.reshape(indices!, [1, -1]) : indices!
          const upstream = indices!.rank < 2 ? tf.expandDims(dy as Tensor, 0) : (dy as Tensor)
          return tf.scatterND(row as never, upstream, params!.shape as never)
        },
        indices: none(indices),
      }),
    },
    ScatterNd: {
      inputsToSave: ["indices"],
      gradFunc: (dy, [indices]) => ({
        updates: () => tf.gatherND(dy as Tensor, indices!),
        indices: none(indices),
      }),
    },
    TensorScatterUpdate: {
      inputsToSave: ["indices", "updates"],
      gradFunc: (dy, [indices, updates]) => ({
        // Not dy itself updated: tfjs's cpu kernel writes into its input.
        tensor: () => {
          const kept = tf.tensorScatterUpdate(tf.onesLike(dy as Tensor), indices!, tf.zerosLike(updates!))
          return tf.mul(dy as Tensor, kept)
        },
        updates: () => tf.gatherND(dy as Tensor, indices!),
        indices: none(indices),
      }),
    },
  }
}

function broadcastGradients(tf: Tf): Record<string, Wanted> {
  /** Summed over the axes along which `like` was repeated. */
  const back = (gradient: Tensor, like: Tensor) => {
    const axes = tf.broadcast_util.getReductionAxes(like.shape, gradient.shape)
    return tf.reshape(axes.length > 0 ? tf.sum(gradient, axes) : gradient, like.shape)
  }
  const chosen = (
    test: (a: Tensor, b: Tensor) => Tensor,
    other: (a: Tensor, b: Tensor) => Tensor,
  ): Wanted => ({
    inputsToSave: ["a", "b"],
    gradFunc: (dy, [a, b]) => ({
      a: () => back(tf.mul(dy as Tensor, tf.cast(test(a!, b!), "float32")), a!),
      b: () => back(tf.mul(dy as Tensor, tf.cast(other(a!, b!), "float32")), b!),
    }),
  })
  return {
    // Of equals, the first takes all, as in tfjs.
    Maximum: chosen(
      (a, b) => tf.greaterEqual(a, b),
      (a, b) => tf.less(a, b),
    ),
    Minimum: chosen(
      (a, b) => tf.lessEqual(a, b),
      (a, b) => tf.greater(a, b),
    ),
    SquaredDifference: {
      inputsToSave: ["a", "b"],
      gradFunc: (dy, [a, b]) => {
        const slope = () => tf.mul(dy as Tensor, tf.mul(tf.sub(a!, b!), 2))
        return { a: () => back(slope(), a!), b: () => back(tf.neg(slope()), b!) }
      },
    },
  }
}
