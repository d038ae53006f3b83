// A tensor on the devices of a mesh: one buffer a device, each a part of it or a copy. Owns its parts.

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
  ) {
    this.bytes = byteSize(dtype, shape)
  }

  read(): HostArray {
    if (this.sharding.isReplicated) return this.parts[0]!.read()
    return joined(
      this.parts.map(part => part.read()),
      this,
      this.sharding,
    )
  }

  async readAsync(): Promise<HostArray> {
    if (this.sharding.isReplicated) return this.parts[0]!.readAsync()
    return joined(await Promise.all(this.parts.map(part => part.readAsync())), this, this.sharding)
  }

  free(): void {
    for (const part of this.parts) part.free()
  }
}
