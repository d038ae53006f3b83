// The devices of a mesh as the panel sees them: one `device.sample` each, while the mesh runs. Virtual devices of a CPU share
// its cores, so the use of each is that of this process; memory is what lives on each. GPUs have samples of their own (NVML).

import { availableParallelism } from "node:os"
import type { MeshDevice } from "../../device/Device.js"
import { emit } from "../../telemetry/bus.js"

const everyMs = 500

/** Samples now, then twice a second; the function that it gives samples once more and stops. */
export function sampleMesh(device: MeshDevice): () => void {
  if (device.id !== "cpu") return () => {}
  let [cpu, at] = [process.cpuUsage(), performance.now()]
  const sample = () => {
    const { user, system } = process.cpuUsage(cpu)
    const ms = performance.now() - at
    const util = ms > 0 ? (user + system) / 1000 / ms / availableParallelism() : 0
    cpu = process.cpuUsage()
    at = performance.now()
    const count = device.deviceIds.length
    for (const [i, { used, limit }] of device.memoryOfEach().entries())
      emit({
        kind: "device.sample",
        id: device.deviceIds[i]!,
        name: `virtual device ${i + 1} of ${count} on ${device.name}`,
        util: Math.min(util, 1),
        mem: used,
        memMax: limit,
      })
  }
  sample()
  const timer = setInterval(sample, everyMs)
  timer.unref()
  return () => {
    clearInterval(timer)
    sample()
  }
}
