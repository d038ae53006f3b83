// What `devices()` gives: one row a device that a plugin offers, and what became of the plugins that offer none. A list
// that shows itself as a table; it opens nothing itself.

import type { Device } from "../device/Device.js"
import type { PluginState } from "../device/openDevice.js"
import { displaySymbol, type MimeBundle } from "../display.js"

export interface DeviceInfo {
  /** `cpu`, `cuda:0`. */
  readonly id: string
  /** `cpu`, `cuda`, `tpu`. */
  readonly kind: string
  /** `AMD EPYC 9R14`, `NVIDIA H100 80GB HBM3`. */
  readonly name: string
  /** Whether training runs on it. */
  readonly inUse: boolean
  readonly memory: DeviceMemory
  readonly plugin: string
  readonly version: string
}

/** Bytes. */
export interface DeviceMemory {
  /** What tensors take, counted by the plugin where it counts, else by us. */
  readonly used: number
  readonly peak: number
  readonly limit: number
  /** On a CPU, all memory of this process. */
  readonly process?: number
}

export class DeviceList extends Array<DeviceInfo> {
  /** Each plugin that was found, in the order of preference, and why those that are not in use are not. */
  readonly plugins: readonly PluginState[] = []
  /** Why training runs on no device at all. */
  readonly reason: string | undefined

  /** Results of `map` and `filter` are plain lists. */
  static override get [Symbol.species](): ArrayConstructor {
    return Array
  }

  [displaySymbol](): MimeBundle {
    const rows = this.map(({ id, name, inUse, memory, plugin, version }) => [
      `${id}${inUse ? " (in use)" : ""}`,
      name,
      memoryText(memory),
      plugin,
      version,
    ])
    const notes = this.plugins.filter(plugin => plugin.state !== "in use").map(noteOf)
    if (rows.length === 0) notes.unshift(`no XLA device: ${this.reason ?? "no plugin"}`)
    const text = [...rows.map(row => row.join("  ")), ...notes].join("\n")
    return { "text/html": htmlOf(rows, notes), "text/plain": text }
  }
}

export function deviceList(
  device: Device | undefined,
  plugins: readonly PluginState[],
  reason?: string,
): DeviceList {
  const list = new DeviceList()
  if (device !== undefined) list.push(...rowsOf(device))
  return Object.assign(list, { plugins, reason })
}

function rowsOf(device: Device): DeviceInfo[] {
  const { plugin, name } = device
  const kind = device.id.split(":")[0]!
  const common = { kind, plugin: plugin.name, version: plugin.version }
  const ours = device.memory()
  const first: DeviceInfo = {
    id: device.id,
    name,
    inUse: true,
    memory: kind === "cpu" ? { ...ours, process: process.memoryUsage.rss() } : ours,
    ...common,
  }
  const others = (device.siblings?.() ?? []).slice(1).map(
    (facts): DeviceInfo => ({
      id: `${kind}:${facts.id}`,
      name: kind === "cpu" ? name : facts.kind,
      inUse: false,
      memory: { used: 0, peak: 0, limit: ours.limit, ...facts.memory },
      ...common,
    }),
  )
  return [first, ...others]
}

function memoryText({ used, limit, process }: DeviceMemory): string {
  const tensors = `${gib(used)} of ${gib(limit)} GiB`
  return process === undefined ? tensors : `${tensors}, process ${gib(process)} GiB`
}

function noteOf({ name, state, reason, fix }: PluginState): string {
  if (state === "not opened") return `${name}: found, not opened, because an earlier one is in use`
  return `${name}: not usable, ${reason}. ${fix}`
}

function htmlOf(rows: readonly (readonly string[])[], notes: readonly string[]): string {
  const line = (tag: string, cells: readonly string[]) =>
    `<tr>${cells.map(cell => `<${tag}>${escaped(cell)}</${tag}>`).join("")}</tr>`
  const head = line("th", ["device", "name", "memory", "plugin", "version"])
  const table = rows.length === 0 ? "" : `<table>${head}${rows.map(row => line("td", row)).join("")}</table>`
  return table + notes.map(note => `<p>${escaped(note)}</p>`).join("")
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")
}

const gib = (bytes: number) => (bytes / 2 ** 30).toFixed(2)
