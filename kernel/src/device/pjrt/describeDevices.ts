// What a plugin says of each device that its client can use: number, kind and memory. Reads only.

import type { DeviceFacts } from "../Device.js"
import { type PjrtApi, PjrtError } from "./api.js"
import { readText, readWords } from "./memory.js"

export function describeDevices(api: PjrtApi, client: bigint): DeviceFacts[] {
  const found = api.call("Client_AddressableDevices").set("client", client).invoke()
  const handles = readWords(api.koffi, found.get("devices"), Number(found.get("count")))
  return Array.from(handles, handle => {
    const description = api.call("Device_GetDescription").set("device", handle).invoke().get("description")
    const id = api.call("DeviceDescription_Id").set("description", description).invoke().int("id")
    const kind = api.call("DeviceDescription_Kind").set("description", description).invoke()
    const memory = memoryOf(api, handle)
    return {
      id,
      kind: readText(api.koffi, kind.get("text"), Number(kind.get("size"))),
      ...(memory === undefined ? {} : { memory }),
    }
  })
}

/** Undefined where the plugin keeps no count, as on a CPU. */
export function memoryOf(api: PjrtApi, device: bigint): DeviceFacts["memory"] {
  try {
    const stats = api.call("Device_MemoryStats").set("device", device).invoke()
    const used = Number(stats.get("used"))
    return {
      used,
      peak: stats.flag("peakSet") ? Number(stats.get("peak")) : used,
      ...(stats.flag("limitSet") ? { limit: Number(stats.get("limit")) } : {}),
    }
  } catch (error) {
    if (error instanceof PjrtError) return undefined
    throw error
  }
}
