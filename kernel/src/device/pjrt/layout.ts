// The PJRT C API as data: where each function's pointer lies in `PJRT_Api`, and where the fields of its argument struct
// lie, in bytes. From `pjrt_c_api.h` 0.114; since 0.57 the API only grows at the end, so one table serves every plugin
// from 0.81 on. Not the calls: call.ts makes them.

interface FunctionLayout {
  /** Byte offset of the function pointer in `PJRT_Api`. */
  readonly slot: number
  /** Byte offset of each field in the argument struct, whose first 16 bytes are its size and an extension pointer. */
  readonly fields: Readonly<Record<string, number>>
}

export const functions = {
  Error_Destroy: { slot: 40, fields: { error: 16 } },
  Error_Message: { slot: 48, fields: { error: 16, message: 24, size: 32 } },
  Error_GetCode: { slot: 56, fields: { error: 16, code: 24 } },
  Plugin_Initialize: { slot: 64, fields: {} },
  Plugin_Attributes: { slot: 72, fields: { attributes: 16, count: 24 } },
  Event_Destroy: { slot: 80, fields: { event: 16 } },
  Event_Await: { slot: 104, fields: { event: 16 } },
  Event_OnReady: { slot: 112, fields: { event: 16, callback: 24, context: 32 } },
  Client_Create: {
    slot: 120,
    fields: { options: 16, optionCount: 24, kvGet: 32, kvPut: 48, client: 64, kvTryGet: 72 },
  },
  Client_Destroy: { slot: 128, fields: { client: 16 } },
  Client_PlatformName: { slot: 136, fields: { client: 16, text: 24, size: 32 } },
  Client_ProcessIndex: { slot: 144, fields: { client: 16, index: 24 } },
  Client_PlatformVersion: { slot: 152, fields: { client: 16, text: 24, size: 32 } },
  Client_Devices: { slot: 160, fields: { client: 16, devices: 24, count: 32 } },
  Client_AddressableDevices: { slot: 168, fields: { client: 16, devices: 24, count: 32 } },
  Client_Compile: {
    slot: 200,
    fields: { client: 16, program: 24, options: 32, optionsSize: 40, executable: 48 },
  },
  Client_BufferFromHostBuffer: {
    slot: 216,
    fields: {
      client: 16,
      data: 24,
      type: 32,
      dims: 40,
      rank: 48,
      semantics: 72,
      device: 80,
      doneEvent: 104,
      buffer: 112,
    },
  },
  DeviceDescription_Id: { slot: 224, fields: { description: 16, id: 24 } },
  DeviceDescription_ProcessIndex: { slot: 232, fields: { description: 16, index: 24 } },
  DeviceDescription_Kind: { slot: 248, fields: { description: 16, text: 24, size: 32 } },
  Device_GetDescription: { slot: 272, fields: { device: 16, description: 24 } },
  Device_MemoryStats: {
    slot: 312,
    fields: { device: 16, used: 24, peak: 32, peakSet: 40, limit: 80, limitSet: 88 },
  },
  Executable_Destroy: { slot: 360, fields: { executable: 16 } },
  Executable_NumOutputs: { slot: 392, fields: { executable: 16, count: 24 } },
  Executable_Serialize: {
    slot: 432,
    fields: { executable: 16, bytes: 24, size: 32, owner: 40, deleter: 48 },
  },
  LoadedExecutable_Destroy: { slot: 440, fields: { executable: 16 } },
  LoadedExecutable_GetExecutable: { slot: 448, fields: { loaded: 16, executable: 24 } },
  LoadedExecutable_Execute: {
    slot: 480,
    fields: {
      executable: 16,
      options: 24,
      argumentLists: 32,
      deviceCount: 40,
      argumentCount: 48,
      outputLists: 56,
    },
  },
  Executable_DeserializeAndLoad: {
    slot: 488,
    fields: { client: 16, bytes: 24, size: 32, executable: 40 },
  },
  Buffer_Destroy: { slot: 504, fields: { buffer: 16 } },
  Buffer_ElementType: { slot: 512, fields: { buffer: 16, type: 24 } },
  Buffer_Dimensions: { slot: 520, fields: { buffer: 16, dims: 24, rank: 32 } },
  Buffer_ToHostBuffer: { slot: 600, fields: { buffer: 16, target: 32, targetSize: 40, event: 48 } },
} as const satisfies Record<string, FunctionLayout>

export type FunctionName = keyof typeof functions
export type FieldOf<F extends FunctionName> = keyof (typeof functions)[F]["fields"] & string

/** `PJRT_Api` itself. */
export const apiLayout = { structSize: 0, minorVersion: 36 } as const

/** `PJRT_Program`: what to compile and the name of its format. */
export const programLayout = { size: 48, code: 16, codeSize: 24, format: 32, formatSize: 40 } as const

/** `PJRT_ExecuteOptions`: all zero but the inputs that must outlive the call. */
export const executeOptionsLayout = { size: 112, nonDonatable: 56, nonDonatableCount: 64 } as const

/** `PJRT_NamedValue`, in attributes (read) and in the options of `Client_Create` (written). */
export const namedValueLayout = {
  size: 56,
  name: 16,
  nameSize: 24,
  type: 32,
  value: 40,
  valueSize: 48,
} as const
export const namedValueTypes = { string: 0, int64: 1, int64List: 2, float: 3, bool: 4 } as const

/** What the key-value callbacks of `Client_Create` are called with: key and value are pointers, each with a length after it. */
export const keyValueLayout = {
  get: { size: 80, key: 16, timeout: 32, error: 40, value: 56, deleter: 72 },
  tryGet: { size: 72, key: 16, error: 32, value: 48, deleter: 64 },
  put: { size: 64, key: 16, value: 32, error: 48 },
} as const

/** `PJRT_HostBufferSemantics`: the plugin is done with the host's memory when the call returns. */
export const onlyDuringCall = 0n

/** `PJRT_Error_Code` of an allocation that did not fit. */
export const resourceExhausted = 8
