// The devices of all processes that share a client: what their global numbers are and whose they are. Reads only.

import type { PjrtApi } from "./api.js"
import { readWords } from "./memory.js"

export interface Span {
  /** Of this process. */
  readonly rank: number
  readonly processes: number
  /** Of all devices, in the order in which a mesh takes them: rank 0's first. */
  readonly ids: readonly number[]
  /** The rank that each belongs to, in the same order. */
  readonly ranks: readonly number[]
}

/** Undefined for a client whose devices are all of this process. */
export function spanOf(api: PjrtApi, client: bigint): Span | undefined {
  const found = api.call("Client_Devices").set("client", client).invoke()
  const handles = readWords(api.koffi, found.get("devices"), Number(found.get("count")))
  const devices = Array.from(handles, device => {
    const description = api.call("Device_GetDescription").set("device", device).invoke().get("description")
    const id = api.call("DeviceDescription_Id").set("description", description).invoke().int("id")
    const rank = api
      .call("DeviceDescription_ProcessIndex")
      .set("description", description)
      .invoke()
      .int("index")
    return { id, rank }
  })
  devices.sort((a, b) => a.rank - b.rank || a.id - b.id)
  const processes = new Set(devices.map(({ rank }) => rank)).size
  if (processes < 2) return undefined
  const rank = api.call("Client_ProcessIndex").set("client", client).invoke().int("index")
  return { rank, processes, ids: devices.map(({ id }) => id), ranks: devices.map(device => device.rank) }
}
