// What a server can do, as a record that is found out once, when a cluster is connected. The lowering and the public calls
// look here and refuse before anything is sent; a server's own "not implemented" is only the last resort.

import { fail } from "../../errors.js"
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

type Feature = Exclude<keyof Capabilities, "product" | "version">

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
}

/** @throws NOT_ON_ENGINE, naming an engine that has it. */
export function need(capabilities: Capabilities, feature: Feature): void {
  if (capabilities[feature]) return
  const name = capabilities.product === "sail" ? "Sail" : `Spark ${capabilities.version}`
  throw fail("NOT_ON_ENGINE", { engine: name, what: words[feature], has: "spark" })
}
