// The bytes of xla's CompileOptionsProto. Always sent: a plugin aborts the whole process on empty options.

/** One replica, one partition: field 3 `executable_build_options` { 4: num_replicas = 1, 5: num_partitions = 1 }. */
export const singleDevice: Uint8Array = Uint8Array.of(0x1a, 0x04, 0x20, 0x01, 0x28, 0x01)
