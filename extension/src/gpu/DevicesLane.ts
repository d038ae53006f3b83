// The lane of devices: utilisation as an area, memory dashed, power dotted, each as a share of what the device can. The
// processor stands in when there is no GPU, and one sentence says so.

import { type Context, drawLine, hline, label, pointsOf } from "../charts/canvas.js"
import { h, setAttribute } from "../charts/dom.js"
import { bytes, percent } from "../charts/format.js"
import { type Frame, type Lane, LaneRow, type Reading } from "../charts/Lane.js"
import { linear } from "../charts/scale.js"
import { isProcessor, shownDevices } from "../store/select.js"
import type { Device, PanelState } from "../store/state.js"
import { deviceReadings, shortName } from "./readings.js"

/** Devices are sampled at least this often, apart from virtual ones while nothing trains on them. */
const restMs = 5000

export class DevicesLane implements Lane {
  readonly name = "devices"
  readonly #row = new LaneRow("devices")
  readonly #note = h("p", { class: "shardlab-Lane-note", hidden: true }, "No GPU on this machine")
  readonly root = this.#row.root

  constructor() {
    this.root.append(this.#note)
  }

  hasData(state: PanelState): boolean {
    return state.devices.size > 0
  }

  draw(frame: Frame): void {
    const devices = shownDevices(frame.state)
    const each = frame.wide ? 64 : devices.length > 1 ? 44 : 58
    const height = Math.max(1, devices.length) * each
    const ctx = this.#row.ground(frame, height)
    for (const [i, device] of devices.entries()) this.#device(ctx, frame, device, i * each, each, height)
    setAttribute(this.#note, "hidden", !(devices.length > 0 && devices.every(isProcessor)))
    this.#row.describe(this.describe(frame), this.hasData(frame.state))
    this.root.dataset.samples = String(devices.reduce((sum, device) => sum + device.series.length, 0))
  }

  read({ state, wide }: Frame, t: number): readonly Reading[] {
    const devices = wide ? shownDevices(state) : shownDevices(state).slice(0, 1)
    const readings = devices.flatMap(device =>
      deviceReadings(device, t, wide, devices.length > 1 ? `${shortName(device)} ` : ""),
    )
    this.#row.show(readings)
    return readings
  }

  describe({ state }: Frame): string {
    const parts = shownDevices(state).map(
      d => `${shortName(d)} ${percent(d.latest.util)}, memory ${bytes(d.latest.mem)}`,
    )
    return parts.length > 0 ? parts.join("; ") : "No device samples yet"
  }

  #device(ctx: Context, frame: Frame, device: Device, top: number, each: number, height: number): void {
    const { axis, palette, now } = frame
    const [bottom, roof] = [top + each - 6, top + 8]
    const share = linear(0, 1, bottom, roof)
    const memory = linear(0, device.latest.memMax, bottom, roof)
    const power = linear(0, device.latest.maxWatts ?? 0, bottom, roof)
    const held = now - device.series.t(device.series.length - 1) < 3000 ? now : undefined
    const points = (name: "util" | "mem" | "watts", y: (value: number) => number) =>
      pointsOf(device.series, name, axis, y, { holdTo: held, restMs })
    hline(ctx, axis.left, axis.right, bottom, palette.grid)
    this.#row.inside(ctx, frame, height, () => {
      drawLine(ctx, points("util", share), {
        colour: palette.running,
        fill: { colour: palette.area, to: bottom },
      })
      drawLine(ctx, points("mem", memory), {
        colour: palette.done,
        dash: [5, 3],
      })
      if (device.latest.maxWatts) {
        drawLine(ctx, points("watts", power), {
          colour: palette.power,
          dash: [1.5, 3],
        })
      }
    })
    const style = { colour: palette.secondary, font: palette.font, align: "right" as const }
    label(ctx, shortName(device), axis.left - 6, (bottom + roof) / 2, style)
    if (frame.wide) {
      label(ctx, "100 %", axis.left - 6, roof, style)
      label(ctx, "0", axis.left - 6, bottom, style)
    }
  }
}
