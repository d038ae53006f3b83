// What a server can do, as a record that is found out once, when a cluster is connected. The lowering and the public calls
// look here and refuse before anything is sent; a server's own "not implemented" is only the last resort.

import { fail } from "../../errors.js"
import { nodes, type Plan } from "../../frame/nodes/plan.js"
import type { Session } from "./Session.js"

export interface Capabilities {
  readonly product: "spark" | "sail"
  /** Of Spark, or the one that Sail follows. */
  readonly version: string
  /** Tells of stages while a query runs. */
  readonly progress: boolean
  /** Has a REST address with tasks and executors. */
  readonly rest: boolean
  /** Tells the state of an operation by its id. */
  readonly status: boolean
  /** Tells more about an error than fits into its trailers: class, SQLSTATE, place. */
  readonly errorDetails: boolean
  /** Keeps a frame in memory when told to. */
  readonly persist: boolean
  /** Takes files from the client. */
  readonly artifacts: boolean
  /** Counts rows on the way without another pass (CollectMetrics). */
  readonly observe: boolean
  /** Joins each row to the nearest one. */
  readonly asOfJoin: boolean
  /** Cuts results that are larger than a message. */
  readonly chunking: boolean
  /** Reads single files of a partitioned folder with their partitions' columns (`basePath`). */
  readonly basePath: boolean
  /** Functions of the catalog that it has not. */
  readonly lacksFunctions: readonly string[]
}

const spark = {
  product: "spark",
  progress: true,
  rest: true,
  status: true,
  errorDetails: true,
  persist: true,
  artifacts: true,
  observe: true,
  asOfJoin: true,
  chunking: true,
  basePath: true,
  lacksFunctions: [],
} as const
const sail = {
  product: "sail",
  progress: false,
  rest: false,
  status: false,
  errorDetails: false,
  persist: false,
  artifacts: false,
  observe: false,
  asOfJoin: false,
  chunking: false,
  basePath: false,
  // Of 0.7.2; test/engine/spark/differences.ts holds what is there and gives something else.
  lacksFunctions: ["tryDiv", "zipWith", "transformKeys", "transformValues"],
} as const

/** Asks the server who it is: Spark has an application, Sail has tables about its sessions. */
export async function probe(session: Session): Promise<Capabilities> {
  const version = await session.version()
  const { "spark.app.id": app } = await session.config("spark.app.id")
  if (app === undefined && (await isSail(session))) return { ...sail, version }
  const [major = 0, minor = 0] = version.split(".").map(Number)
  // Status and chunks came with 4.2 and 4.1; an older server says "not implemented" to the first and ignores the second.
  return { ...spark, version, status: major > 4 || (major === 4 && minor >= 2) }
}

async function isSail(session: Session): Promise<boolean> {
  const query = "SELECT * FROM system.session.sessions LIMIT 0"
  const root = { relType: { case: "sql" as const, value: { query } } }
  return session.schema({ opType: { case: "root", value: root } }).then(
    () => true,
    () => false,
  )
}

type Feature = Exclude<keyof Capabilities, "product" | "version" | "lacksFunctions">

const words: Readonly<Record<Feature, string>> = {
  progress: "progress of a running query",
  rest: "a REST address",
  status: "the state of an operation",
  errorDetails: "details of an error",
  persist: "cached frames",
  artifacts: "files from the client",
  observe: "counters on the way",
  asOfJoin: "as-of joins",
  chunking: "results in pieces",
  basePath: "reader for some files of a partitioned folder (here some belong to no finished write)",
}

/** @throws NOT_ON_ENGINE, naming an engine that has it. */
export function need(capabilities: Capabilities, feature: Feature): void {
  if (capabilities[feature]) return
  throw lacking(capabilities, words[feature])
}

/** @throws NOT_ON_ENGINE for the first thing in the plan that the server has not. */
export function checkPlan(capabilities: Capabilities, plan: Plan): void {
  const all = nodes(plan)
  if (all.some(node => node.op === "observe")) need(capabilities, "observe")
  if (all.some(node => node.op === "asOfJoin")) need(capabilities, "asOfJoin")
  if (all.some(node => node.op === "cache")) need(capabilities, "persist")
  const lacked = capabilities.lacksFunctions
  if (lacked.length === 0) return
  const called = all.flatMap(node => [...Object.values(node)].flatMap(value => [...calls(value)]))
  const name = called.find(one => lacked.includes(one))
  if (name !== undefined) throw lacking(capabilities, `\`${name}\``)
}

/** Names of the functions in a node's own expressions, whatever the node calls them. */
function* calls(value: unknown): Generator<string> {
  if (typeof value !== "object" || value === null || "planId" in value) return
  const { op, name } = value as { op?: unknown; name?: unknown }
  if (op === "call" || op === "aggregate" || op === "ranking") yield String(name)
  for (const inner of Object.values(value)) yield* calls(inner)
}

function lacking(capabilities: Capabilities, what: string): Error {
  const name = capabilities.product === "sail" ? "Sail" : `Spark ${capabilities.version}`
  return fail("NOT_ON_ENGINE", { engine: name, what, has: "spark" })
}
