// Makes tfjs run on a device: registers backend `xla` with its kernels, and applies the patches that a recording backend
// needs. Done once a process; the patches do nothing while another backend is active.

import type { Device } from "../device/Device.js"
import { operatorLayer } from "./import/onnx/OperatorLayer.js"
import { operators } from "./import/onnx/table.js"
import { backendName, registerKernels } from "./kernels/register.js"
import { dropoutOnDevice } from "./patches/dropout.js"
import { followFits } from "./patches/fit.js"
import { pickRowsInFit } from "./patches/fitLoop.js"
import { broadcastingGradients } from "./patches/gradients.js"
import { captureSteps } from "./patches/loops.js"
import { missingGradients } from "./patches/missingGradients.js"
import { endStepAfterMinimize, rateAsNumber } from "./patches/optimizers.js"
import { ownVariables } from "./patches/variables.js"
import type { Tf } from "./tf.js"
import { XlaBackend } from "./XlaBackend.js"

/** Calls that ran on tfjs's cpu backend because their kernel is not lowered, by kernel name. */
export const detours = new Map<string, number>()

let instance: XlaBackend | undefined
/** tfjs keeps one engine a process, whichever copy of it asks. */
const installed = new WeakSet<object>()

/** The backend when it exists and is the one in use. */
export function activeXla(tf: Tf): XlaBackend | undefined {
  return instance !== undefined && tf.getBackend() === backendName ? instance : undefined
}

type Counts = XlaBackend["cutter"]["counts"]
export const noCounts: Readonly<Counts> = { compiles: 0, fromDisk: 0, compileMs: 0, runs: 0, storms: 0 }

/** Programs compiled and run so far. */
export function xlaCounts(): Readonly<Counts> {
  return instance?.cutter.counts ?? noCounts
}

/** What differed between the programs of the latest compile storm. */
export function latestStorm(): string | undefined {
  return instance?.cutter.storm.text
}

/** What another backend holds (cpu, tensorflow) comes here when it is used here. */
function moveHere(tf: Tf, dataId: object): void {
  const engine = tf.engine()
  const info = engine.state.tensorInfo.get(dataId)
  if (info !== undefined && info.backend !== (instance as unknown)) engine.moveData(instance as never, dataId)
}

function variableNames(tf: Tf): Map<object, string> {
  return new Map(Object.values(tf.engine().registeredVariables).map(({ dataId, name }) => [dataId, name]))
}

/** Registers and selects backend `xla` on `device`. tfjs may dispose and remake the backend: the device outlives it. */
export function installXla(tf: Tf, device: Device): void {
  if (installed.has(tf.engine())) return
  installed.add(tf.engine())
  const active = () => activeXla(tf)
  registerKernels(tf, { splitFilterGradients: device.id === "cpu" }, detours)
  const make = () => {
    instance = new XlaBackend(device)
    instance.namesOf = () => variableNames(tf)
    instance.fetch = dataId => moveHere(tf, dataId)
    return instance
  }
  tf.registerBackend(backendName, make as never, 10)
  // Sync, and true at once, since the factory is.
  void tf.setBackend(backendName)
  broadcastingGradients(tf)
  missingGradients(tf)
  ownVariables(tf, active)
  endStepAfterMinimize(tf, active)
  rateAsNumber(tf)
  dropoutOnDevice(tf, active)
  captureSteps(tf, active)
  patchLayers(tf, device.id)
  pickRowsInFit(tf, active)
}

/** What helps on every backend: telemetry of fits, and the stop on a loss that is not a number. */
export function patchLayers(tf: Tf, device: string): void {
  followFits(tf, () => activeXla(tf), device)
  // So that an imported model is one wherever it is loaded: in a pool worker, from a file.
  operatorLayer(tf, operators)
}
