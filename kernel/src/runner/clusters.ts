// `connect`: a cluster that is started here, one that runs somewhere, or the engine of this process. The one place that
// knows them all. Nothing of Spark's client is loaded before the first call.

import { randomUUID } from "node:crypto"
import type { DaskOptions, DaskWorker } from "../engine/dask/connectDask.js"
import type { LocalServers, StandaloneOptions } from "../engine/spark/launch/standalone.js"
import type { SparkEngine } from "../engine/spark/SparkEngine.js"
import { checkOptions, didYouMean, fail } from "../errors.js"
import type { Engine } from "../frame/Engine.js"
import { cellSignal } from "../interrupt.js"
import { Cluster, type ClusterPlace, type Executor } from "./Cluster.js"
import { cachesOf, clearCaches } from "./caches.js"
import { localEngine } from "./dataframes.js"

export interface ConnectOptions
  extends Omit<StandaloneOptions, "say">,
    Pick<DaskOptions, "threads" | "workerMemory"> {
  /** The address of Spark's UI, `http://host:4040`, for tasks and executors; default: where the server says it is. */
  readonly ui?: string
  /** A PEM file of certificate authorities to trust. */
  readonly ca?: string
  /** Print the steps of a start; default true. */
  readonly progress?: boolean
}

const startable = ["spark", "sail", "dask", "duckdb"] as const
const localOptions = ["workers", "cores", "executorMemory", "driverMemory", "conf", "python", "progress"]
const optionNames: Readonly<Record<string, readonly string[]>> = {
  spark: localOptions,
  sail: ["python", "progress"],
  dask: ["workers", "threads", "workerMemory", "python", "progress"],
  duckdb: [],
  scheduler: ["python"],
  address: ["ui", "ca"],
}
const open = new Map<Cluster, Engine>()

/**
 * `connect("spark", { workers: 2 })` starts a standalone cluster on this machine, `connect("sail")` a Sail server; both end
 * with the kernel, and so does `connect("dask", { workers: 2 })`. `connect("sc://host:15002/;token=...")` joins a Spark or Sail
 * server, `connect("tcp://host:8786")` a Dask scheduler. `connect()` is DuckDB in this process.
 * @throws CLUSTER_START, CLUSTER_UNREACHABLE, CLUSTER_REFUSED
 * @example const cluster = await connect("spark", { workers: 2 })
 */
export async function connect(to: string = "duckdb", options: ConnectOptions = {}): Promise<Cluster> {
  const kind = kindOf(to)
  if (optionNames[kind] === undefined) {
    const names = startable.map(name => `"${name}"`).join(", ")
    const fix = `Give ${names} or an address: sc://host:15002 (Spark), tcp://host:8786 (Dask).${didYouMean(to, startable)}`
    throw fail("BAD_VALUE", { where: "connect", name: "to", value: `\`${to}\``, fix })
  }
  checkOptions("connect", options, optionNames[kind]!)
  const place = await placeOf(kind, to, options)
  const close = () => {
    open.delete(cluster)
    return place.close()
  }
  const cluster = new Cluster({ ...place, close })
  open.set(cluster, place.engine)
  return cluster
}

/**
 * The frames whose rows are kept now, here and on every cluster that is open. `caches.clear()` lets them all go; the frames
 * go on working.
 * @example await caches()
 */
export const caches = Object.assign(() => cachesOf(engines()), { clear: () => clearCaches(engines()) })

function engines(): readonly Engine[] {
  return [...new Set([localEngine, ...open.values()])]
}

function kindOf(to: string): string {
  if (to.startsWith("sc:")) return "address"
  return /^(tcp|tls):/.test(to) ? "scheduler" : to
}

async function placeOf(kind: string, to: string, options: ConnectOptions): Promise<ClusterPlace> {
  if (kind === "duckdb") return here
  if (kind === "address") return sparkPlace(to, options)
  const say = options.progress === false ? () => {} : (line: string) => console.log(line)
  if (kind === "dask" || kind === "scheduler") return daskPlace(to, { ...options, say })
  const local = await start(kind as "spark" | "sail", { ...options, say })
  try {
    return await sparkPlace(
      local.address,
      { ...options, ...(local.ui !== undefined && { ui: local.ui }) },
      local,
    )
  } catch (error) {
    await local.servers.close()
    throw error
  }
}

async function start(kind: "spark" | "sail", options: StandaloneOptions): Promise<LocalServers> {
  if (kind === "sail") return (await import("../engine/spark/launch/sail.js")).startSail(options)
  return (await import("../engine/spark/launch/standalone.js")).startStandalone(options)
}

async function sparkPlace(
  address: string,
  { ui, ca }: ConnectOptions,
  local?: LocalServers,
): Promise<ClusterPlace> {
  const { openSpark } = await import("../engine/spark/openSpark.js")
  const { findRest } = await import("../engine/spark/monitor/rest.js")
  const { SparkMonitor } = await import("../engine/spark/monitor/SparkMonitor.js")
  let monitor: InstanceType<typeof SparkMonitor> | undefined
  const engine = await openSpark(address, {
    interrupt: cellSignal,
    tag: cellTag,
    ...(ca !== undefined && { ca }),
    monitor: async (session, { rest, progress }) => {
      const found = rest ? await findRest(session, ui) : undefined
      monitor = new SparkMonitor({ server: session.server, rest: found, progress, silentUi: ui })
      return monitor
    },
  })
  return {
    engine,
    address: engine.session.server,
    product: productOf(engine),
    executors: async () => (await monitor?.executors()) ?? noExecutors(engine),
    operations: async () => {
      const { findOperations } = await import("../engine/spark/operations.js")
      return findOperations(engine.session, engine.capabilities)
    },
    close: async () => {
      await engine.close()
      await local?.servers.close()
    },
  }
}

async function daskPlace(to: string, options: DaskOptions): Promise<ClusterPlace> {
  const { connectDask } = await import("../engine/dask/connectDask.js")
  const dask = await connectDask(to, { ...options, interrupt: cellSignal })
  return {
    engine: dask.engine,
    address: dask.address,
    product: dask.product,
    executors: async () => (await dask.workers()).map(executorOf),
    operations: async () => {
      throw fail("NOT_ON_ENGINE", { engine: "Dask", what: "list of operations", has: "spark" })
    },
    close: () => dask.close(),
  }
}

function executorOf({ name, address, threads, memory, memoryLimit, ...worker }: DaskWorker): Executor {
  const { running, done, failed, since } = worker
  return {
    id: name,
    host: address.replace(/^\w+:\/\//, ""),
    cores: threads,
    memory: memoryLimit,
    memoryUsed: memory,
    tasks: { active: running, done, failed },
    added: since,
  }
}

function productOf({ capabilities: { product, version } }: SparkEngine): string {
  return product === "spark" ? `Spark ${version}` : `Sail (Spark ${version})`
}

function noExecutors({ capabilities: { product }, session }: SparkEngine): never {
  if (product === "sail")
    throw fail("NOT_ON_ENGINE", { engine: "Sail", what: "list of executors", has: "spark" })
  throw fail("BAD_VALUE", {
    where: "executors",
    name: "ui",
    value: `not known for ${session.server}`,
    fix: 'Give the address of Spark\'s UI: connect(..., { ui: "http://host:4040" }).',
  })
}

const here: ClusterPlace = {
  engine: localEngine,
  address: "this process",
  product: "DuckDB",
  executors: async () => [],
  operations: async () => [],
  close: async () => {},
}

/** One name a cell, so that all its operations can be stopped at once on the server. */
const tags = new WeakMap<AbortSignal, string>()
function cellTag(): string {
  const signal = cellSignal()
  const tag = tags.get(signal) ?? `cell-${randomUUID()}`
  tags.set(signal, tag)
  return tag
}
