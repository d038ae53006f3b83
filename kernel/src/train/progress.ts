// The line under a training cell: a bar, the epoch, the time left, and the loss. Replaced in place, at most four times a
// second (FitRun paces it). Not telemetry: the panel has its own events.

import { type DisplayHandle, type MimeBundle, showBundle } from "../display.js"
import type { Progress } from "./FitRun.js"
import { grouped, short } from "./TrainRun.js"

export class ProgressBar {
  private handle: DisplayHandle | undefined

  constructor(private readonly device: string) {}

  show(progress: Progress): void {
    this.put(progressBundle(progress, this.device))
  }

  /** Leaves the final state in the notebook. Nothing when the training was too short for a bar. */
  end(text: string): void {
    if (this.handle !== undefined) this.put(bundle(1, text, ""))
  }

  private put(next: MimeBundle): void {
    if (this.handle === undefined) this.handle = showBundle(next)
    else this.handle.update(next)
  }
}

export function progressBundle(progress: Progress, device: string): MimeBundle {
  const { step, steps, epoch, epochs, loss, samplesPerSecond, msLeft } = progress
  const total = steps === undefined ? undefined : steps * epochs
  const share = total === undefined ? (epoch - 1) / epochs : Math.min(step / total, 1)
  const left = msLeft === undefined ? "" : `, ${duration(msLeft)} left`
  return bundle(
    share,
    `epoch ${epoch} of ${epochs}${left}`,
    `loss ${short(loss)}, ${grouped(samplesPerSecond)} samples/s, ${device}`,
  )
}

function bundle(share: number, first: string, second: string): MimeBundle {
  const percent = (share * 100).toFixed(1)
  const bar =
    '<span style="display:inline-block;width:180px;height:8px;border:1px solid #888;vertical-align:middle">' +
    `<span style="display:block;width:${percent}%;height:100%;background:#0072b2"></span></span>`
  const cells = Math.round(share * 20)
  const text = `[${"#".repeat(cells)}${".".repeat(20 - cells)}] ${first}`
  return {
    "text/html": `<div>${bar} <span style="margin-left:8px">${first}</span><div style="color:#666">${second}</div></div>`,
    "text/plain": second === "" ? text : `${text}\n${second}`,
  }
}

/** `2:36`, or `1:02:05`. */
export function duration(ms: number): string {
  const seconds = Math.max(Math.round(ms / 1000), 0)
  const parts = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), seconds % 60]
  const shown = parts[0] === 0 ? parts.slice(1) : parts
  return shown.map((part, i) => (i === 0 ? String(part) : String(part).padStart(2, "0"))).join(":")
}
