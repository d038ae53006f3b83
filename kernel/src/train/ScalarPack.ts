// Host scalars of one step, sent to the device as one vector instead of one upload each, and kept out of the program
// text, so that a changed learning rate is new data and not a new program. Slots are given out in the order of use.

import type { Device, DeviceBuffer } from "../device/Device.js"
import { parameter, reshape, slice } from "../ir/build.js"
import type { Node } from "../ir/node.js"

const capacity = 256

export class ScalarPack {
  readonly node: Node
  values: Float32Array | Int32Array
  /** Slots that take a fresh random number each time the step runs. */
  readonly seeds: number[] = []
  private used = 0

  constructor(readonly dtype: "f32" | "i32") {
    this.node = parameter(dtype, [capacity])
    this.values = this.blank()
  }

  get full(): boolean {
    return this.used === capacity
  }

  /** A scalar node that reads `value` from the pack. */
  put(value: number): Node {
    const slot = this.used++
    this.values[slot] = value
    return reshape(slice(this.node, [slot], [slot + 1]), [])
  }

  putSeed(seed: number): Node {
    this.seeds.push(this.used)
    return this.put(seed)
  }

  /** Slots start over for the next step; whoever keeps `values` may go on doing so. */
  reset(): void {
    this.values = this.blank()
    this.seeds.length = 0
    this.used = 0
  }

  get empty(): boolean {
    return this.used === 0
  }

  private blank(): Float32Array | Int32Array {
    return this.dtype === "f32" ? new Float32Array(capacity) : new Int32Array(capacity)
  }
}

/** Uploads packs, and not again while the numbers are the same. */
export class PackUploads {
  private readonly last = new Map<Node, { values: Float32Array | Int32Array; buffer: DeviceBuffer }>()

  constructor(private readonly device: Device) {}

  upload(node: Node, values: Float32Array | Int32Array): DeviceBuffer {
    const known = this.last.get(node)
    if (known !== undefined && sameNumbers(known.values, values)) return known.buffer
    known?.buffer.free()
    const buffer = this.device.upload(values.slice(), node.type.dtype, node.type.shape)
    this.last.set(node, { values: values.slice(), buffer })
    return buffer
  }

  free(): void {
    for (const { buffer } of this.last.values()) buffer.free()
    this.last.clear()
  }
}

function sameNumbers(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false
  return true
}
