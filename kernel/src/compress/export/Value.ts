// A tensor of the graph under construction: its ONNX name, and how its numbers lie compared with TensorFlow.js. tfjs keeps
// channels last, ONNX convolutions take them first; a value remembers which it is, so that a network of convolutions is
// transposed once, at its input, and not around each.

/** Lengths without the batch, as tfjs counts them; null for one that only a run decides. */
export type Dims = readonly (number | null)[]

/** The order after flattening [channels, spatial], which is not tfjs's [spatial, channels]. */
export interface Folded {
  readonly spatial: number
  readonly channels: number
}

/** `last`: as in tfjs. `first`: the last axis of tfjs comes right after the batch. */
export type Layout = "last" | "first" | Folded

export interface Value {
  readonly name: string
  /** Always in tfjs's order, whatever the layout. */
  readonly shape: Dims
  readonly layout: Layout
}

export function isFolded(layout: Layout): layout is Folded {
  return typeof layout === "object"
}

export function sameLayout(a: Layout, b: Layout): boolean {
  if (!isFolded(a) || !isFolded(b)) return a === b
  return a.spatial === b.spatial && a.channels === b.channels
}

/** Product of the lengths; undefined when one is not known. */
export function sizeOf(shape: Dims): number | undefined {
  let size = 1
  for (const length of shape) {
    if (length === null) return undefined
    size *= length
  }
  return size
}
