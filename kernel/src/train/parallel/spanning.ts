// Processes that train one model on the devices of all of them (PJRT's multi-controller): every process makes the same calls
// with the same batches and random numbers, and puts on its own devices what they hold of each. Not MPI (processes.ts):
// gradients go from device to device, and a step is the step of one process.

import type { MeshDevice } from "../../device/Device.js"
import { activeXla } from "../install.js"
import type { Tf } from "../tf.js"
import type { Communicator } from "./Communicator.js"
import type { Mesh } from "./Mesh.js"

/** Who trains together on `mesh`; undefined where it is of this process's devices only. */
export function crewOf(tf: Tf, mesh: Mesh | undefined): Communicator | undefined {
  const span = activeXla(tf)?.device.span
  if (mesh === undefined || span === undefined) return undefined
  const device = () => {
    const active = activeXla(tf)!.device
    // Before the mesh runs, one of the same devices.
    return "broadcast" in active ? (active as MeshDevice) : active.mesh!(mesh.axes)
  }
  return {
    rank: span.rank,
    size: span.processes,
    drawsAlike: true,
    // XLA has added the gradients up.
    sum() {},
    broadcast: values => device().broadcast!(values),
    barrier: () => device().broadcast!(new Float32Array(1)),
  }
}
