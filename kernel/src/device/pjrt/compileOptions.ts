// The bytes of xla's CompileOptionsProto. Always sent: a plugin aborts the whole process on empty options.

/** One replica, one partition: field 3 `executable_build_options` { 4: num_replicas = 1, 5: num_partitions = 1 }. */
export const singleDevice: Uint8Array = Uint8Array.of(0x1a, 0x04, 0x20, 0x01, 0x28, 0x01)

/**
 * One replica, a partition each device, cut by XLA itself: { 4: num_replicas = 1, 5: num_partitions, 6:
 * use_spmd_partitioning = true, 9: device_assignment }, which says the device of each partition.
 */
export function partitioned(devices: readonly number[]): Uint8Array {
  const computations = devices.flatMap(device => message(3, message(1, varint(device))))
  const assignment = [0x08, 1, 0x10, ...varint(devices.length), ...computations]
  const build = [0x20, 1, 0x28, ...varint(devices.length), 0x30, 1, ...message(9, assignment)]
  return Uint8Array.from(message(3, build))
}

/** A field of bytes: tag, length, content. */
function message(field: number, content: readonly number[]): number[] {
  return [(field << 3) | 2, ...varint(content.length), ...content]
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)]
}
