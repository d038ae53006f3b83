// The lanes of the snapshot's picture: what each draws between the gutter and its readout, and what the readout says. A
// lane is given its box and the time scale, and knows nothing of the other lanes.

import { busyShares, groupWorkers, heatBins } from "./heat.js"
import type { DeviceStory, PoolStory, ShardStory, Story, TrainingStory } from "./story.js"
import {
  area,
  colours,
  cross,
  line,
  mix,
  type Point,
  polyline,
  rect,
  ring,
  steps,
  text,
  thinLine,
  triangle,
} from "./svg.js"
import { bytes, count, duration, figure, percent, shorten } from "./words.js"

/** Where a lane draws: `x` maps a time to a pixel between `left` and `right`. */
export interface Plot {
  readonly left: number
  readonly right: number
  readonly start: number
  readonly end: number
  readonly x: (t: number) => number
}

export type Swatch = "line" | "dash" | "dot" | "area" | "hatch" | "ring"

export interface ReadoutRow {
  readonly label: string
  readonly value: string
  readonly swatch?: Swatch
  readonly colour?: string
}

export interface Lane {
  readonly title: string
  readonly note?: string
  readonly height: number
  readonly readout: readonly ReadoutRow[]
  draw(plot: Plot, top: number): string
}

/** Lanes in their fixed order; those without data are left out. */
export function lanesOf(story: Story): Lane[] {
  const lanes: Lane[] = []
  if (story.shards) lanes.push(shardLane(story.shards))
  const sampled = story.devices.filter(device => device.samples.length > 1).slice(0, 4)
  if (sampled.length > 0) lanes.push(deviceLane(sampled))
  if (story.training) lanes.push(trainingLane(story.training))
  if (story.pool) lanes.push(policyLane(story.pool))
  return lanes
}

const linePoints = 300

// --- shards by worker: busy share in bins of time

function shardLane(shards: ShardStory): Lane {
  const rows = groupWorkers(shards.workers)
  const rowHeight = rows.length > 4 ? 10 : 12
  return {
    title: "Shards",
    height: rows.length * rowHeight + 12,
    readout: shardReadout(shards),
    draw(plot, top) {
      const at = (row: number) => top + 6 + row * rowHeight
      const labels = [0, rows.length - 1].filter((row, i) => i === 0 || row > 0)
      return [
        ...rows.map((row, i) => heatRow(shards, row.ids, plot, at(i), rowHeight - 1)),
        ...labels.map(i => gutterLabel(plot, at(i) + rowHeight - 2, rows[i]!.name)),
        ...shards.lost.flatMap(({ worker, t }) => {
          const row = rows.findIndex(({ ids }) => ids.includes(worker))
          if (row < 0) return []
          const [x, y] = [plot.x(t), at(row) + rowHeight / 2 - 0.5]
          return [rect(x - 6, y - rowHeight / 2 + 0.5, 12, rowHeight - 1, "#FFFFFF"), cross(x, y, 3)]
        }),
      ].join("")
    },
  }
}

function shardReadout(shards: ShardStory): ReadoutRow[] {
  const { done, total, rows, spilled, retried, failed } = shards
  const read = done === total ? count(done) : `${count(done)} of ${count(total)}`
  const all: (ReadoutRow | false)[] = [
    { label: "shards read", value: read },
    rows > 0 && { label: "rows", value: count(rows) },
    shards.bytes > 0 && { label: "bytes", value: bytes(shards.bytes) },
    spilled > 0 && { label: "spilled", value: count(spilled) },
    retried > 0 && { label: "retried", value: count(retried) },
    failed > 0 && { label: "failed", value: count(failed) },
  ]
  return all.filter(row => row !== false).slice(0, 4)
}

/** Blank where the row's workers had not begun or were gone: a white gap is a worker that is not there. */
function heatRow(shards: ShardStory, ids: readonly number[], plot: Plot, y: number, height: number): string {
  const width = (plot.right - plot.left) / heatBins
  return busyShares(shards, ids, plot)
    .map((share, bin) => {
      if (share === undefined) return ""
      return rect(plot.left + bin * width, y, width + 0.1, height, mix("#E8F1F8", colours.blue, share))
    })
    .join("")
}

// --- devices: utilisation, memory and power as shares of capacity

const deviceHeight = 34

function deviceLane(devices: readonly DeviceStory[]): Lane {
  return {
    title: "Devices",
    height: devices.length * deviceHeight + 8,
    readout: deviceReadout(devices),
    draw(plot, top) {
      return devices.map((device, i) => drawDevice(device, plot, top + 4 + i * deviceHeight)).join("")
    },
  }
}

function deviceReadout(devices: readonly DeviceStory[]): ReadoutRow[] {
  const mean = devices.reduce((sum, device) => sum + device.meanUtil, 0) / devices.length
  const peak = Math.max(...devices.map(device => device.peakMem))
  const energy = devices.reduce((sum, device) => sum + (device.energy ?? 0), 0)
  const rows: ReadoutRow[] = [
    { label: "used, mean", value: percent(mean), swatch: "line", colour: colours.blue },
    { label: "memory, peak", value: bytes(peak), swatch: "dash", colour: colours.green },
  ]
  if (energy > 0)
    rows.push({ label: "energy", value: `${figure(energy)} Wh`, swatch: "dot", colour: colours.purple })
  return rows
}

function drawDevice({ label, samples }: DeviceStory, plot: Plot, top: number): string {
  const base = top + deviceHeight - 4
  const y = (share: number) => base - Math.min(1, share) * (deviceHeight - 8)
  const points = (share: (sample: (typeof samples)[number]) => number): readonly Point[] =>
    thinLine(
      samples.map(sample => [plot.x(sample.t), y(share(sample))] as const),
      linePoints,
    )
  const util = points(sample => sample.util)
  const powered = samples.some(({ watts, maxWatts }) => watts !== undefined && maxWatts)
  const power = powered ? points(sample => (sample.watts ?? 0) / (sample.maxWatts ?? 1)) : []
  return [
    line([plot.left, base], [plot.right, base], { colour: colours.grid }),
    area(util, base, colours.blue, 0.16),
    polyline(
      points(sample => sample.mem / sample.memMax),
      { colour: colours.green, width: 1.5, dash: "6 3" },
    ),
    powered ? polyline(power, { colour: colours.purple, width: 1.5, dash: "1.5 2.5" }) : "",
    polyline(util, { colour: colours.blue, width: 1.5 }),
    gutterLabel(plot, base - deviceHeight / 2 + 7, label),
  ].join("")
}

// --- training: loss, validation rings, epochs

const trainingHeight = 62

function trainingLane(training: TrainingStory): Lane {
  const { lastLoss, samplesPerSecond, ends } = training
  const val = ends.at(-1)?.val
  const accuracy = ends.at(-1)?.metrics.acc ?? ends.at(-1)?.metrics.accuracy
  const rows: (ReadoutRow | false)[] = [
    lastLoss !== undefined && {
      label: "loss, last",
      value: figure(lastLoss),
      swatch: "line",
      colour: colours.blue,
    },
    val !== undefined && { label: "validation", value: figure(val), swatch: "ring", colour: colours.green },
    accuracy !== undefined && { label: "accuracy", value: figure(accuracy) },
    samplesPerSecond !== undefined && { label: "samples / s", value: figure(samplesPerSecond) },
  ]
  return {
    title: "Training",
    note: "loss",
    height: trainingHeight,
    readout: rows.filter(row => row !== false),
    draw: (plot, top) => drawTraining(training, plot, top),
  }
}

function drawTraining({ steps: ran, ends, start }: TrainingStory, plot: Plot, top: number): string {
  const base = top + trainingHeight - 6
  const losses = [...ran, ...ends].map(({ loss }) => loss).filter(Number.isFinite)
  const high = Math.max(...losses, Number.MIN_VALUE)
  const low = Math.min(0, ...losses)
  const y = (loss: number) => base - ((loss - low) / (high - low)) * (trainingHeight - 26)
  const curve = (ran.length > 1 ? ran : ends).filter(({ loss }) => Number.isFinite(loss))
  const points = curve.map(({ t, loss }) => [plot.x(t), y(loss)] as const)
  const rings = ends.filter(({ val }) => val !== undefined && Number.isFinite(val))
  return [
    line([plot.left, base], [plot.right, base], { colour: colours.grid }),
    epochMarks([start, ...ends.map(({ t }) => t)], plot, top, base),
    polyline(thinLine(points, linePoints), { colour: colours.blue, width: 1.5 }),
    ...rings.map(({ t, val }) => ring(plot.x(t), Math.max(top + 18, y(val!)), 2.5, colours.green)),
  ].join("")
}

/** A dashed line where an epoch begins, named where its name has room. */
function epochMarks(begins: readonly number[], plot: Plot, top: number, base: number): string {
  const xs = begins.map(plot.x)
  const narrowest = Math.min(...xs.slice(1).map((x, i) => x - xs[i]!), plot.right - plot.left)
  const every = Math.max(1, Math.ceil(52 / Math.max(1, narrowest)))
  return xs
    .slice(0, Math.max(1, xs.length - 1))
    .map((x, i) => {
      const named = i % every === 0 && x + 50 < plot.right
      // A line without a name of its own begins below the names.
      const mark = line([x, top + (named ? 4 : 18)], [x, base], { colour: "#BDBDBD", dash: "2 2" })
      if (!named) return narrowest < 6 ? "" : mark
      return mark + text(x + 4, top + 14, `epoch ${i + 1}`, { size: 11, fill: colours.muted })
    })
    .join("")
}

// --- policy: desired, actual, pending, dry run, marks on top

const policyHeight = 104

function policyLane(pool: PoolStory): Lane {
  return {
    title: "Policy",
    note: shorten(pool.pool, 16),
    height: policyHeight,
    readout: policyReadout(pool),
    draw: (plot, top) => drawPolicy(pool, plot, top),
  }
}

function policyReadout({ counts, policy, dryRuns, decisions }: PoolStory): ReadoutRow[] {
  const desired = counts.at(-1)?.desired ?? decisions.at(-1)?.to ?? 0
  const pending = counts.reduce(
    (ms, { pending, t }, i) => ms + (pending > 0 ? (counts[i + 1]?.t ?? t) - t : 0),
    0,
  )
  const rows: ReadoutRow[] = [
    {
      label: policy ? `desired, ${shorten(policy, 9)}` : "desired",
      value: count(desired),
      swatch: "line",
      colour: colours.blue,
    },
    {
      label: "actual, most",
      value: count(Math.max(0, ...counts.map(({ actual }) => actual))),
      swatch: "area",
      colour: colours.green,
    },
  ]
  if (pending > 0)
    rows.push({ label: "pending", value: duration(pending), swatch: "hatch", colour: colours.blue })
  if (dryRuns.length > 0)
    rows.push({
      label: `${shorten(dryRuns[0]!.policy, 9)} would`,
      value: count(Math.max(...dryRuns.map(({ to }) => to))),
      swatch: "dash",
      colour: colours.purple,
    })
  return rows
}

function drawPolicy({ counts, decisions, dryRuns }: PoolStory, plot: Plot, top: number): string {
  const base = top + policyHeight - 8
  const most = Math.max(
    1,
    ...counts.map(({ desired, actual, pending }) => Math.max(desired, actual + pending)),
    ...dryRuns.map(({ to }) => to),
  )
  const y = (workers: number) => base - (workers / most) * (policyHeight - 38)
  const stepped = (values: readonly { t: number; value: number }[]) =>
    steps(
      values.map(({ t, value }) => [plot.x(t), y(value)] as const),
      plot.right,
    )
  const desired = stepped(counts.map(({ t, desired: value }) => ({ t, value })))
  const actual = stepped(counts.map(({ t, actual: value }) => ({ t, value })))
  const dry = stepped(dryRuns.map(({ t, to: value }) => ({ t, value })))
  return [
    ...workerTicks(most).map(
      tick =>
        line([plot.left, y(tick)], [plot.right, y(tick)], { colour: colours.grid }) +
        gutterLabel(plot, y(tick) + 4, String(tick)),
    ),
    area(actual, base, colours.green, 0.24),
    polyline(actual, { colour: colours.green, width: 1 }),
    pendingBoxes(counts, plot, y),
    polyline(dry, { colour: colours.purple, width: 1.5, dash: "6 3" }),
    polyline(desired, { colour: colours.blue, width: 2 }),
    decisionMarks(decisions, plot, top + 14),
  ].join("")
}

function pendingBoxes(counts: PoolStory["counts"], plot: Plot, y: (workers: number) => number): string {
  return counts
    .map(({ t, actual, pending }, i) => {
      if (pending === 0) return ""
      const [left, right] = [plot.x(t), plot.x(counts[i + 1]?.t ?? plot.end)]
      return rect(left, y(actual + pending), right - left, y(actual) - y(actual + pending), "url(#pending)")
    })
    .join("")
}

/** Changes are always drawn; holds (`=`) only where no other mark is near. */
function decisionMarks(decisions: PoolStory["decisions"], plot: Plot, y: number): string {
  const changes = decisions.filter(({ from, to }) => from !== to)
  const taken = changes.map(({ t }) => plot.x(t))
  const holds = decisions.filter(
    ({ from, to, steps: rules }) => from === to && rules.some(rule => rule.limited),
  )
  const marks = changes.map(({ t, from, to }) => triangle(plot.x(t), y, to > from))
  for (const { t } of holds) {
    const x = plot.x(t)
    if (taken.some(other => Math.abs(other - x) < 24)) continue
    taken.push(x)
    for (const dy of [-2, 2])
      marks.push(line([x - 5, y + dy], [x + 5, y + dy], { colour: colours.text, width: 1.6 }))
  }
  return marks.join("")
}

function workerTicks(most: number): number[] {
  const step = Math.max(1, Math.ceil(most / 4))
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, i) => i * step)
}

function gutterLabel(plot: Plot, y: number, label: string): string {
  return text(plot.left - 6, y, shorten(label, 9), { size: 11, fill: colours.muted, anchor: "end" })
}
