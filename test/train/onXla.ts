// What the tests of training share: TensorFlow.js with both backends, and running the same thing on each.

import { ensureBackend } from "../../kernel/src/train/backend.js"
import { loadTf, type Tf } from "../../kernel/src/train/tf.js"

type Tensor = import("@tensorflow/tfjs").Tensor

/** Fails rather than skips where there is no plugin: these tests are about it. */
export async function xla(): Promise<Tf> {
  const { backend, reason } = await ensureBackend()
  if (backend !== "xla") throw new Error(`these tests need the XLA CPU plugin: ${reason}`)
  const tf = loadTf()
  const cpu = tf.findBackend("cpu") as unknown as { firstUse: boolean }
  cpu.firstUse = false
  return tf
}

export interface Result {
  readonly shape: readonly number[]
  readonly dtype: string
  readonly values: readonly number[]
}

/** The tensors that `run` gives, on one backend. */
export function on(tf: Tf, backend: "xla" | "cpu", run: () => Tensor | Tensor[]): Result[] {
  tf.setBackend(backend)
  try {
    return tf.tidy(() =>
      [run()].flat().map(tensor => ({
        shape: tensor.shape,
        dtype: tensor.dtype,
        values: Array.from(tensor.dataSync() as ArrayLike<number>),
      })),
    )
  } finally {
    tf.setBackend("xla")
  }
}

/** The largest difference, relative for values above 1; Infinity where NaN or infinities differ. */
export function difference(a: readonly number[], b: readonly number[]): number {
  let worst = a.length === b.length ? 0 : Infinity
  for (let i = 0; i < a.length; i++) {
    if (Object.is(a[i], b[i])) continue
    const off = Math.abs(a[i]! - b[i]!) / Math.max(1, Math.abs(a[i]!))
    worst = Math.max(worst, Number.isNaN(off) ? Infinity : off)
  }
  return worst
}
