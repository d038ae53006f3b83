// What the status bar says of a kernel: shards of the stage that runs, the device, the workers. Pure.

import { count, percent } from "../charts/format.js"
import { summarise } from "../store/ShardTable.js"
import { currentPool, currentStage, isProcessor, shownDevices } from "../store/select.js"
import type { PanelState } from "../store/state.js"

export interface StatusText {
  readonly text: string
  /** Share of the shards that are done, 0 to 1; undefined when nothing runs. */
  readonly progress: number | undefined
  readonly failed: boolean
}

export function statusOf(state: PanelState): StatusText {
  const stage = currentStage(state)
  const running = stage?.status === "running" ? stage : undefined
  const parts: string[] = []
  let progress: number | undefined
  if (running !== undefined) {
    const { done, counts } = summarise(running.shards)
    const all = Math.max(1, running.tasks, running.shards.size)
    progress = done / all
    parts.push(`${count(done)}/${count(all)}`)
    if (counts.failed > 0) parts.push(`${count(counts.failed)} failed`)
  } else parts.push("shards –")
  const device = shownDevices(state)[0]
  if (device !== undefined) {
    const name = isProcessor(device) ? "CPU" : "GPU"
    parts.push(`${name} ${percent(device.latest.util)}`)
  }
  const pool = currentPool(state)
  if (pool !== undefined) {
    const [actual, desired] = [pool.counts.last("actual"), pool.counts.last("desired")]
    parts.push(actual === desired ? `workers ${count(actual)}` : `workers ${count(actual)}/${count(desired)}`)
  }
  return { text: parts.join(" · "), progress, failed: state.stop !== undefined }
}
