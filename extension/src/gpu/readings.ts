// What the devices lane says in words of one device at one moment. Pure: it draws nothing.

import { bytes, bytesOf, percent } from "../charts/format.js"
import type { Reading } from "../charts/Lane.js"
import type { Device } from "../store/state.js"

export function shortName(device: Device): string {
  return device.id === "cpu" ? "CPU" : device.id.replace(/^gpu-?/i, "G")
}

/** At the moment `t`; `wide` says more. */
export function deviceReadings(device: Device, t: number, wide: boolean, prefix: string): Reading[] {
  const { series } = device
  const isCpu = device.id === "cpu"
  // Beside a device's name there is no room for the long word and its value.
  const long = wide && prefix === ""
  const util = isCpu ? "CPU" : long ? "utilisation" : "util"
  const memory = isCpu ? "RAM" : long ? "memory" : "mem"
  const used = series.valueAt("mem", t)
  const readings: Reading[] = [
    {
      label: isCpu ? util : `${prefix}${util}`,
      value: percent(series.valueAt("util", t)),
      mark: { colour: "running", shape: "line" },
    },
    {
      label: isCpu ? memory : `${prefix}${memory}`,
      value: long ? bytesOf(used, device.latest.memMax) : bytes(used),
      mark: { colour: "done", shape: "dash" },
    },
  ]
  const watts = series.valueAt("watts", t)
  if (Number.isFinite(watts)) {
    const value = `${Math.round(watts)} W`
    readings.push({ label: `${prefix}power`, value, mark: { colour: "power", shape: "dot" } })
  }
  if (wide) readings.push(...heatReadings(device, t, prefix))
  const reason = device.throttles.findLast(change => change.t <= t)?.reason
  if (reason !== undefined) readings.push({ label: `${prefix}held back by`, value: reason })
  return readings
}

/** Temperature and clock, where the device tells them; no marks, since no line stands for them. */
function heatReadings({ series, latest }: Device, t: number, prefix: string): Reading[] {
  const [celsius, mhz] = [series.valueAt("celsius", t), series.valueAt("mhz", t)]
  const of = latest.maxMhz === undefined ? "" : ` of ${latest.maxMhz}`
  return [
    ...(Number.isFinite(celsius) ? [{ label: `${prefix}temperature`, value: `${celsius} °C` }] : []),
    ...(Number.isFinite(mhz) ? [{ label: `${prefix}clock`, value: `${mhz}${of} MHz` }] : []),
  ]
}
