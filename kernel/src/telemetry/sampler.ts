// Samples this host's CPU and memory as the device `cpu`, within the limits of the cgroup where there are any: a
// container with 2 of 64 CPUs is full at 2; and every GPU that nvml.ts finds beside it. Call it from a worker thread (the
// runner's watchdog), so that samples go on while a cell holds the main thread.

import { readFileSync } from "node:fs"
import { cpus, freemem, totalmem } from "node:os"
import type { NewEvent } from "./bus.js"
import { gpuSampler } from "./nvml.js"

/** A cumulative reading: CPU seconds used and available since any fixed moment, memory in bytes. */
interface Reading {
  readonly used: number
  readonly available: number
  readonly mem: number
  readonly memMax: number
}

/** Text of a small system file, or undefined when it cannot be read. */
export type ReadText = (path: string) => string | undefined

/**
 * Emits a `device.sample` of each device every `intervalMs`, the first after one interval. The returned function stops it.
 * `gpus` is for tests.
 */
export function startSampler(
  emit: (event: NewEvent) => void,
  {
    intervalMs = 250,
    gpus = gpuSampler(),
  }: { intervalMs?: number; gpus?: (() => NewEvent[]) | undefined } = {},
): () => void {
  const sample = hostSampler()
  const timer = setInterval(() => {
    emit(sample())
    for (const event of gpus?.() ?? []) emit(event)
  }, intervalMs)
  timer.unref()
  return () => clearInterval(timer)
}

/** A function that samples the time since its last call. `read` and `now` are for tests. */
export function hostSampler(
  read: ReadText = readText,
  now: () => number = () => performance.now() / 1000,
): () => Extract<NewEvent, { kind: "device.sample" }> {
  const name = cpus()[0]?.model.trim() || "CPU"
  const reading = () => readHost(read, now())
  let last = reading()
  return () => {
    const next = reading()
    const span = next.available - last.available
    const util = span > 0 ? clamp((next.used - last.used) / span) : 0
    last = next
    return { kind: "device.sample", id: "cpu", name, util, mem: next.mem, memMax: next.memMax }
  }
}

function readHost(read: ReadText, now: number): Reading {
  const host = hostReading(read)
  for (const folder of cgroupFolders(read)) {
    const limited = cgroupReading(read, folder, now, host)
    if (limited) return limited
  }
  return host
}

function hostReading(read: ReadText): Reading {
  const times = read("/proc/stat")
    ?.match(/^cpu +(.*)$/m)?.[1]
    ?.split(" ")
    .map(Number)
  const [used, available] = times ? procTimes(times) : nodeTimes()
  const meminfo = read("/proc/meminfo")
  const memMax = kilobytes(meminfo, "MemTotal") ?? totalmem()
  const mem = memMax - (kilobytes(meminfo, "MemAvailable") ?? freemem())
  return { used, available, mem, memMax }
}

/** user nice system idle iowait irq softirq steal, in hundredths of a second; guest time is part of user. */
function procTimes(times: readonly number[]): [number, number] {
  const all = times.slice(0, 8).reduce((sum, time) => sum + time, 0)
  const idle = (times[3] ?? 0) + (times[4] ?? 0)
  return [(all - idle) / 100, all / 100]
}

function nodeTimes(): [number, number] {
  let [used, all] = [0, 0]
  for (const { times } of cpus()) {
    const total = times.user + times.nice + times.sys + times.idle + times.irq
    all += total
    used += total - times.idle
  }
  return [used / 1000, all / 1000]
}

function kilobytes(meminfo: string | undefined, key: string): number | undefined {
  const match = meminfo?.match(new RegExp(`^${key}: +(\\d+) kB`, "m"))
  return match ? Number(match[1]) * 1024 : undefined
}

/** This process's cgroup v2 folder and its parents, innermost first; empty without cgroup v2. */
function cgroupFolders(read: ReadText): string[] {
  const path = read("/proc/self/cgroup")?.match(/^0::(\/.*)$/m)?.[1]
  if (path === undefined) return []
  const parts = path.split("/").filter(part => part !== "" && part !== "..")
  const folders = parts.map((_, i) => `/sys/fs/cgroup/${parts.slice(0, i + 1).join("/")}`)
  return ["/sys/fs/cgroup", ...folders].reverse()
}

/** Undefined when this cgroup limits nothing; what it does not limit is taken from the host. */
function cgroupReading(read: ReadText, folder: string, now: number, host: Reading): Reading | undefined {
  const [quota, period] = (read(`${folder}/cpu.max`) ?? "max").split(" ").map(Number)
  const memMax = Number(read(`${folder}/memory.max`) ?? Number.NaN)
  const cpuLimited = quota !== undefined && quota > 0
  const memLimited = memMax > 0 && memMax < host.memMax
  if (!cpuLimited && !memLimited) return undefined
  const usage = Number(read(`${folder}/cpu.stat`)?.match(/^usage_usec (\d+)/m)?.[1])
  const cache = Number(read(`${folder}/memory.stat`)?.match(/^inactive_file (\d+)/m)?.[1] ?? 0)
  const cpu =
    cpuLimited && Number.isFinite(usage)
      ? { used: usage / 1e6, available: (now * quota) / (period || 100_000) }
      : { used: host.used, available: host.available }
  const memory = memLimited
    ? { mem: Math.max(0, Number(read(`${folder}/memory.current`) ?? 0) - cache), memMax }
    : { mem: host.mem, memMax: host.memMax }
  return { ...cpu, ...memory }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8")
  } catch {
    return undefined
  }
}

function clamp(share: number): number {
  return Math.min(1, Math.max(0, share))
}
