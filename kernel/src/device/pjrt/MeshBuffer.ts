// A tensor on the devices of a mesh: one buffer for each device of this process, a part of it or a copy. Owns its parts.
// Reading one that is cut over processes is a program that all of them run, so all have to read it.

import type { DeviceBuffer, DType, HostArray } from "../Device.js"
import { byteSize } from "../hostArrays.js"
import type { Sharding } from "../sharding.js"
import type { PjrtBuffer } from "./PjrtBuffer.js"
import { joined } from "./parts.js"

export class MeshBuffer implements DeviceBuffer {
  /** Of the tensor, not of all copies. */
  readonly bytes: number

  constructor(
    readonly parts: readonly PjrtBuffer[],
    readonly dtype: DType,
    readonly shape: readonly number[],
    readonly sharding: Sharding,
    /** Where other processes have parts of it: a copy that is whole on each device. */
    private readonly gather?: (buffer: MeshBuffer) => MeshBuffer,
  ) {
    this.bytes = byteSize(dtype, shape)
  }

  read(): HostArray {
    if (this.sharding.isReplicated) return this.parts[0]!.read()
    if (this.gather !== undefined) {
      const whole = this.gather(this)
      try {
        return whole.read()
      } finally {
        whole.free()
      }
    }
    return joined(
      this.parts.map(part => part.read()),
      this,
      this.sharding,
    )
  }

  async readAsync(): Promise<HostArray> {
    if (this.sharding.isReplicated) return this.parts[0]!.readAsync()
    if (this.gather !== undefined) {
      const whole = this.gather(this)
      try {
        return await whole.readAsync()
      } finally {
        whole.free()
      }
    }
    return joined(await Promise.all(this.parts.map(part => part.readAsync())), this, this.sharding)
  }

  free(): void {
    for (const part of this.parts) part.free()
  }
}
