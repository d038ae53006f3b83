// A cluster as a cell sees it: frames that run there, who works there, what runs there. `connect` makes one. For the engine
// of this process it has the same shape, so that a program changes its place by one word.

import type { Executor } from "../engine/spark/monitor/executors.js"
import type { Operation } from "../engine/spark/operations.js"
import type { Engine } from "../frame/Engine.js"
import { createReader, type Reader } from "../frame/reader.js"
import { createSql, type SqlTag } from "../frame/sql.js"
import { type Caches, cachesOf } from "./caches.js"

export type { Executor, Operation }

/** What differs between places. */
export interface ClusterPlace {
  readonly engine: Engine
  /** `sc://host:15002`, `tcp://host:8786`, or `this process`. Never with a token. */
  readonly address: string
  /** `Spark 4.3.0`, `Sail (Spark 4.2.0)`, `Dask 2026.8.0`, `DuckDB`. */
  readonly product: string
  executors(): Promise<readonly Executor[]>
  operations(): Promise<readonly Operation[]>
  close(): Promise<void>
}

export class Cluster {
  /** Makes frames that run on this cluster; paths mean its files. */
  readonly read: Reader
  /** The cluster's own SQL, with frames by name and values as parameters. */
  readonly sql: SqlTag
  readonly #place: ClusterPlace

  constructor(place: ClusterPlace) {
    this.#place = place
    this.read = createReader(place.engine)
    this.sql = createSql(place.engine)
  }

  get address(): string {
    return this.#place.address
  }
  get product(): string {
    return this.#place.product
  }

  /**
   * Who works there, and who left and why.
   * @throws NOT_ON_ENGINE where the server does not tell.
   */
  executors(): Promise<readonly Executor[]> {
    return this.#place.executors()
  }

  /** What runs there now and was begun by you: also by a kernel that has ended since. */
  operations(): Promise<readonly Operation[]> {
    return this.#place.operations()
  }

  /** The frames of `cache` and `persist` whose rows are kept there now, with what is known of their size. */
  caches(): Promise<Caches> {
    return cachesOf([this.#place.engine])
  }

  /** Ends what runs, the session, and the cluster itself when `connect` started it. */
  close(): Promise<void> {
    return this.#place.close()
  }

  toString(): string {
    return `Cluster(${this.product}, ${this.address})`
  }
}
