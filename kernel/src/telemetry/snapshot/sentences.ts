// The snapshot in words: its title, its subtitle, and the text form for terminals, diffs and screen readers.

import { type PoolStory, type ShardStory, type Story, sizesOf, type TrainingStory } from "./story.js"
import { bytes, clock, count, day, duration, figure, percent, plural, shorten } from "./words.js"

/** `In [7] train: epoch 3 of 3 in 34 s`. */
export function titleOf(story: Story): string {
  const { cell, start, end } = story
  const what = story.training ? "train" : story.pool ? "scale" : shorten(story.shards!.stage, 40)
  const how = outcomeOf(story)
  const joint = cell.status === "ok" ? "in" : "after"
  return `In [${cell.n}] ${what}: ${how} ${joint} ${duration(end - start)}`
}

function outcomeOf(story: Story): string {
  const stopped = { ok: "", error: "failed", interrupted: "interrupted", died: "runner stopped" }[
    story.cell.status
  ]
  if (story.training) {
    const epoch = epochWords(story.training, stopped !== "")
    return stopped ? `${stopped} in ${epoch}` : epoch
  }
  const done = story.pool ? `workers ${sizeWords(story.pool)}` : shardWords(story.shards!)
  return stopped ? `${stopped}, ${done}` : done
}

function epochWords({ ends, epochs }: TrainingStory, stopped: boolean): string {
  const finished = ends.at(-1)?.n ?? 0
  return `epoch ${Math.min(epochs, stopped ? finished + 1 : Math.max(1, finished))} of ${epochs}`
}

function shardWords({ done, total, rows, stages }: ShardStory): string {
  const all = stages > 1 ? `${plural(total, "shard")} of ${plural(stages, "stage")}` : plural(total, "shard")
  const shards = done === total ? all : `${count(done)} of ${all}`
  return rows > 0 ? `${shards}, ${plural(rows, "row")}` : shards
}

/** `4 → 6 → 5`, or the range when the pool moved more often than a line can say. */
function sizeWords(pool: PoolStory): string {
  const sizes = sizesOf(pool)
  if (sizes.length <= 5) return sizes.join(" → ")
  return `${Math.min(...sizes)} to ${Math.max(...sizes)}, ${plural(sizes.length - 1, "change")}`
}

/** `2 × H100 · workers 4 → 6 → 5 · 10:43:06 to 10:46:40, 24 Nov 2026`. */
export function subtitleOf(story: Story): string {
  const { start, end, pool, shards, training } = story
  const lost = shards?.lost.length ?? 0
  return [
    devicesOf(story),
    training && pool ? `workers ${sizeWords(pool)}` : undefined,
    lost > 0 ? `${plural(lost, "worker")} lost` : undefined,
    `${clock(start)} to ${clock(end)}, ${day(end)}`,
  ]
    .filter(part => part !== undefined)
    .join(" · ")
}

/** `2 × H100`, or what training said it ran on when no device was sampled. */
export function devicesOf({ devices, training }: Story): string | undefined {
  if (devices.length === 0) return training?.device
  const kinds = devices.map(({ name }) =>
    shorten(name.startsWith("virtual device") ? "virtual device" : name, 32),
  )
  return [...new Set(kinds)]
    .map(name => {
      const same = kinds.filter(kind => kind === name).length
      return same > 1 ? `${same} × ${name}` : name
    })
    .join(", ")
}

/** The text form: title, then one line a lane, at most 1 kB. */
export function textOf(story: Story): string {
  const lines: [string, string][] = []
  if (story.shards) lines.push(["shards", shardLine(story.shards)])
  if (story.devices.length > 0) lines.push(["devices", deviceLine(story)])
  if (story.training) lines.push(["training", trainingLine(story.training)])
  if (story.pool) for (const line of policyLines(story.pool)) lines.push(["policy", line])
  const table = lines.map(([lane, line], i) => {
    const repeated = lines[i - 1]?.[0] === lane
    return `${(repeated ? "" : lane).padEnd(9)}${shorten(line, 120)}`
  })
  return [titleOf(story), ...table].join("\n")
}

function shardLine({ done, total, rows, bytes: size, spilled, retried, failed }: ShardStory): string {
  const read = done === total ? `${count(done)} read` : `${count(done)} of ${count(total)} read`
  return [
    read,
    rows > 0 ? plural(rows, "row") : "",
    size > 0 ? bytes(size) : "",
    spilled > 0 ? `${count(spilled)} spilled` : "",
    retried > 0 ? `${count(retried)} retried` : "",
    failed > 0 ? `${count(failed)} failed` : "",
  ]
    .filter(Boolean)
    .join(", ")
}

function deviceLine(story: Story): string {
  const { devices } = story
  const mean = devices.reduce((sum, device) => sum + device.meanUtil, 0) / devices.length
  const peak = Math.max(...devices.map(device => device.peakMem))
  const energy = devices.reduce((sum, device) => sum + (device.energy ?? 0), 0)
  const parts = [devicesOf(story), `utilisation ${percent(mean)}`, `${bytes(peak)} peak`]
  if (energy > 0) parts.push(`${figure(energy)} Wh`)
  return parts.join(", ")
}

function trainingLine({ lastLoss, samplesPerSecond, ends }: TrainingStory): string {
  const last = ends.at(-1)
  return [
    lastLoss === undefined ? "no step finished" : `loss ${figure(lastLoss)}`,
    last?.val === undefined ? "" : `validation ${figure(last.val)}`,
    ...Object.entries(last?.metrics ?? {}).map(([name, value]) => `${name} ${figure(value)}`),
    samplesPerSecond === undefined ? "" : `${figure(samplesPerSecond)} samples/s`,
  ]
    .filter(Boolean)
    .join(", ")
}

/** The last changes, newest last: three fit the budget whatever the reasons say. */
function policyLines({ decisions, pool, policy, counts }: PoolStory): string[] {
  const changes = decisions.filter(decision => decision.from !== decision.to)
  if (changes.length === 0) {
    const most = Math.max(0, ...counts.map(({ actual }) => actual))
    return [`${pool}: at most ${plural(most, "worker")}, no decision`]
  }
  const shown = changes.slice(-3).map(({ from, to, t, reason, policy: by }) => {
    return `${by} ${from} -> ${to} at ${clock(t)}: ${reason}`
  })
  const earlier = changes.length - shown.length
  return earlier > 0 ? [`${policy}: ${plural(earlier, "earlier change")}`, ...shown] : shown
}
