// The rows of `shardlab doctor` about what trains: the device that XLA runs on, plugins that are here and cannot, GPUs that
// NVML knows, and whether the user's own tfjs-node loads on this Node (tried in a process of its own, since it may crash).

import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { openDeviceSync, pluginStates } from "../device/openDevice.js"
import { gpuSampler } from "../telemetry/nvml.js"
import { findPeer } from "../train/peer.js"

const run = promisify(execFile)

export async function deviceLines(): Promise<string[]> {
  return [trainingLine(), ...pluginLines(), gpuLine(), await peerLine()]
}

function trainingLine(): string {
  try {
    const { name, plugin } = openDeviceSync()
    return `training: xla on ${name}, ${plugin.name} (${plugin.version})`
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return `training: tfjs on wasm or cpu, 30 to 1000 times slower. ${why}`
  }
}

function pluginLines(): string[] {
  return pluginStates()
    .filter(({ state }) => state === "unusable")
    .map(({ name, reason, fix }) => `${name}: not usable, ${reason}. ${fix}`)
}

function gpuLine(): string {
  const gpus = gpuSampler()?.() ?? []
  if (gpus.length === 0) return "NVIDIA GPUs: none (NVML finds no driver)"
  return `NVIDIA GPUs: ${gpus.map(({ name, memMax }) => `${name} (${Math.round(memMax / 2 ** 30)} GiB)`).join(", ")}`
}

/** Loads the package as a cell would, multiplies, and says on what. */
const trial = (folder: string) => `
const u = require("node:util")
u.isNullOrUndefined ??= x => x === null || x === undefined
u.isArray ??= Array.isArray
const tf = require(${JSON.stringify(folder)})
const sum = tf.matMul(tf.ones([2, 3]), tf.ones([3, 2])).sum().dataSync()[0]
console.log("RESULT " + JSON.stringify({ backend: tf.getBackend(), sum }))`

async function peerLine(): Promise<string> {
  const peer = findPeer()
  const use = 'tf.setBackend("tensorflow")'
  if (peer === undefined) return `tfjs-node: not installed, so ${use} is not possible; xla does not need it`
  const { name, version, folder } = peer
  const major = Number(process.versions.node.split(".")[0])
  const mended = major >= 23 ? `, with two functions that Node ${major} lacks put back` : ""
  try {
    const { stdout } = await run(process.execPath, ["-e", trial(folder)], { timeout: 60_000 })
    const { backend, sum } = JSON.parse(/RESULT (.*)/.exec(stdout)![1]!) as { backend: string; sum: number }
    if (backend !== "tensorflow" || sum !== 12) throw new Error(`it computes on ${backend}`)
    return `${name} ${version}: works on Node ${process.versions.node}${mended} (${use})`
  } catch (error) {
    return `${name} ${version}: does not load, ${reasonOf(error)}. Its install script fetches libtensorflow: \`npm rebuild ${name}\``
  }
}

function reasonOf(error: unknown): string {
  const { stderr = "", message } = error as { stderr?: string; message: string }
  const line = /^(?:\w*Error: )(.*)$/m.exec(stderr)?.[1] ?? message.split("\n", 1)[0]!
  return line.replace(/\.$/, "")
}
