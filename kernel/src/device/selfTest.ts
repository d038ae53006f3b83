// Whether a device can be trusted to train: twenty steps of a small network with donated buffers and without, against
// plain TypeScript. There are plugins in the wild that load, run and train to wrong weights; this is what refuses them.

import type { Device, DeviceBuffer } from "./Device.js"
import { donatedInputs, referenceLosses, sizes, stepProgram, weightShapes } from "./selfTestProgram.js"

export interface SelfTestVerdict {
  readonly ok: boolean
  /** Why not, for the error message. */
  readonly reason?: string
  /** Largest difference of a loss to the reference. */
  readonly difference?: number
}

const steps = 20
/** Losses start near 2.5; float32 stays within 2e-6 of the reference on the CPU, TF32 on a GPU within 2e-3. */
const tolerance = { cpu: 1e-4, other: 1e-2 }

export function selfTest(device: Device): SelfTestVerdict {
  try {
    return compare(device)
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) }
  }
}

function compare(device: Device): SelfTestVerdict {
  const random = generator(7)
  const weights = weightShapes.map(shape => randomArray(product(shape), 0.3, random))
  const x = randomArray(sizes.batch * sizes.inputs, 1, random)
  const y = new Float32Array(sizes.batch * sizes.classes)
  for (let n = 0; n < sizes.batch; n++) y[n * sizes.classes + Math.floor(random() * sizes.classes)] = 1
  const expected = referenceLosses(
    weights.map(w => Float64Array.from(w)),
    x,
    y,
    steps,
  )
  const limit = device.id === "cpu" ? tolerance.cpu : tolerance.other
  const program = device.compile(stepProgram())
  try {
    let worst = 0
    for (const donate of [false, true]) {
      const losses = train(device, program, weights, x, y, donate)
      const difference = Math.max(...losses.map((loss, i) => distance(loss, expected[i]!)))
      if (difference > limit) return { ok: false, reason: explain(difference, donate), difference }
      worst = Math.max(worst, difference)
    }
    return { ok: true, difference: worst }
  } finally {
    program.free()
  }
}

function train(
  device: Device,
  program: ReturnType<Device["compile"]>,
  weights: readonly Float32Array[],
  x: Float32Array,
  y: Float32Array,
  donate: boolean,
): number[] {
  const upload = (data: Float32Array, shape: readonly number[]) => device.upload(data, "f32", shape)
  const batch = [upload(x, [sizes.batch, sizes.inputs]), upload(y, [sizes.batch, sizes.classes])]
  const velocities = weights.map(w => new Float32Array(w.length))
  let state: DeviceBuffer[] = [...weights, ...velocities].map((w, i) => upload(w, weightShapes[i % 4]!))
  const losses: DeviceBuffer[] = []
  for (let step = 0; step < steps; step++) {
    const outputs = program.run([...state, ...batch], donate ? donatedInputs : [])
    free(state)
    losses.push(outputs.pop()!)
    state = outputs
  }
  const values = losses.map(loss => Number(loss.read()[0]))
  free([...state, ...batch, ...losses])
  return values
}

function explain(difference: number, donated: boolean): string {
  const how = donated ? "with donated buffers" : "even without donated buffers"
  const size = Number.isFinite(difference) ? `is off by ${difference.toPrecision(2)}` : "is not a number"
  return `it computes wrong results: the loss of a small network ${size} after ${steps} steps ${how}`
}

/** NaN is as far away as can be. */
function distance(a: number, b: number): number {
  const difference = Math.abs(a - b)
  return Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference
}

function free(buffers: readonly DeviceBuffer[]): void {
  for (const buffer of buffers) buffer.free()
}

function product(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1)
}

function randomArray(length: number, scale: number, random: () => number): Float32Array {
  return Float32Array.from({ length }, () => (random() * 2 - 1) * scale)
}

/** mulberry32: the same numbers everywhere. */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}
