// A real Spark standalone cluster on this machine's loopback: a master, workers and the Connect server, each a process of
// its own, from the pip package `pyspark`. Its ports are free ones, its token is random, and its processes share a secret.

import { randomBytes } from "node:crypto"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fail } from "../../../errors.js"
import { emit } from "../../../telemetry/bus.js"
import { findJava } from "./java.js"
import { freePorts, isListening } from "./ports.js"
import { findPython, type PythonHome } from "./python.js"
import { Servers } from "./Servers.js"

export interface StandaloneOptions {
  /** Worker processes, one executor each; default 2. */
  readonly workers?: number
  /** Cores of a worker; default 1. */
  readonly cores?: number
  /** Memory of a worker's executor, as Spark writes it; default `512m`. */
  readonly executorMemory?: string
  /** Memory of the Connect server; default `1g`. */
  readonly driverMemory?: string
  /** More settings of Spark's, such as `spark.sql.shuffle.partitions`. */
  readonly conf?: Readonly<Record<string, string>>
  /** A Python that has pyspark; default: one near the notebook. */
  readonly python?: string
  /** Gets a line for every step of the start. */
  readonly say?: (line: string) => void
}

export interface LocalServers {
  readonly address: string
  /** The REST address, where there is one. */
  readonly ui?: string
  readonly servers: Servers
}

/** What a worker has beside its executor's memory: the overhead that Spark adds. */
const overheadMb = 384
const startSeconds = 120

/** @throws CLUSTER_START */
export async function startStandalone(options: StandaloneOptions = {}): Promise<LocalServers> {
  const { workers = 2, say = () => {} } = options
  if (!Number.isInteger(workers) || workers < 1) {
    throw fail("BAD_VALUE", {
      where: "connect",
      name: "workers",
      value: workers,
      fix: "Give a whole number from 1 on.",
    })
  }
  const started = Date.now()
  const [home] = await Promise.all([findPython("spark", options.python), findJava()])
  const cluster = new Standalone(options, home, await freePorts(4))
  const seconds = () => `${((Date.now() - started) / 1000).toFixed(1)} s`
  try {
    await cluster.startMaster()
    say(`spark: master on ${cluster.masterUrl} (${seconds()})`)
    cluster.startDriver()
    for (let n = 1; n <= workers; n++) cluster.startWorker(n)
    await cluster.workersReady(workers)
    say(`spark: ${workers} workers joined (${seconds()})`)
    await cluster.driverReady()
    cluster.supervise()
    say(
      `spark: Spark Connect ${home.version} on 127.0.0.1:${cluster.connectPort}, UI ${cluster.ui} (${seconds()})`,
    )
  } catch (error) {
    await cluster.servers.close()
    throw error
  }
  return { address: cluster.address, ui: cluster.ui, servers: cluster.servers }
}

class Standalone {
  readonly servers = new Servers()
  readonly masterUrl: string
  readonly connectPort: number
  readonly ui: string
  readonly #masterPort: number
  readonly #masterUi: number
  readonly #token = randomBytes(24).toString("hex")
  readonly #properties: string

  constructor(
    private readonly options: StandaloneOptions,
    private readonly home: PythonHome,
    ports: readonly number[],
  ) {
    const [master, masterUi, connect, ui] = ports as [number, number, number, number]
    this.#masterPort = master
    this.#masterUi = masterUi
    this.connectPort = connect
    this.masterUrl = `spark://127.0.0.1:${master}`
    this.ui = `http://127.0.0.1:${ui}`
    this.#properties = join(this.servers.folder, "spark.conf")
    const lines = Object.entries(this.#settings(ui)).map(([key, value]) => `${key} ${value}`)
    writeFileSync(this.#properties, `${lines.join("\n")}\n`, { mode: 0o600 })
  }

  get address(): string {
    return `sc://127.0.0.1:${this.connectPort}/;token=${this.#token}`
  }

  async startMaster(): Promise<void> {
    const args = [
      "--host",
      "127.0.0.1",
      "--port",
      String(this.#masterPort),
      "--webui-port",
      String(this.#masterUi),
    ]
    this.#class("master", "org.apache.spark.deploy.master.Master", args)
    const ready = async () => ((await isListening(this.#masterPort)) ? true : undefined)
    await this.servers.wait("master", "Spark's master", ready, startSeconds)
  }

  startWorker(n: number): void {
    const { cores = 1, executorMemory = "512m" } = this.options
    const memory = `${megabytes(executorMemory) + overheadMb}m`
    const args = ["--host", "127.0.0.1", "--webui-port", "0", "--cores", String(cores), "--memory", memory]
    this.#class(`worker-${n}`, "org.apache.spark.deploy.worker.Worker", [...args, this.masterUrl])
  }

  async workersReady(count: number): Promise<void> {
    const alive = async () => {
      const response = await fetch(`http://127.0.0.1:${this.#masterUi}/json/`)
      const { aliveworkers } = (await response.json()) as { aliveworkers: number }
      return aliveworkers >= count ? true : undefined
    }
    await this.servers.wait("worker-1", "A Spark worker", alive, startSeconds)
  }

  startDriver(): void {
    const submit = join(this.home.package, "bin/spark-submit")
    const args = [
      "--class",
      "org.apache.spark.sql.connect.service.SparkConnectServer",
      "--master",
      this.masterUrl,
      "--properties-file",
      this.#properties,
    ]
    // Spark counts the Connect server among its daemons, so this is its heap, not --driver-memory.
    const env = {
      ...this.#env(),
      SPARK_DAEMON_MEMORY: this.options.driverMemory ?? "1g",
      SPARK_DAEMON_JAVA_OPTS: "",
    }
    this.servers.start({ name: "connect", command: submit, args, env })
  }

  async driverReady(): Promise<void> {
    const ready = async () => ((await isListening(this.connectPort)) ? true : undefined)
    await this.servers.wait("connect", "Spark's Connect server", ready, startSeconds)
  }

  /** A server that ends is started again, up to three times: a query outlives its executors, a session not its server. */
  supervise(): void {
    const restarts = new Map<string, number>()
    this.servers.onLost = (name, cause) => {
      const done = restarts.get(name) ?? 0
      restarts.set(name, done + 1)
      const next = done < 3 ? "it is started again" : "it stays away after three restarts"
      emit({ kind: "log", source: "spark", level: "warning", text: `${name} ${cause}; ${next}` })
      if (done < 3) this.servers.restart(name)
    }
  }

  #class(name: string, main: string, args: readonly string[]): void {
    const command = join(this.home.package, "bin/spark-class")
    const [address, ...rest] = main.endsWith("Worker")
      ? [args.at(-1), ...args.slice(0, -1)]
      : [undefined, ...args]
    const all = [
      main,
      ...rest,
      "--properties-file",
      this.#properties,
      ...(address === undefined ? [] : [address]),
    ]
    this.servers.start({ name, command, args: all as string[], env: this.#env() })
  }

  #settings(uiPort: number): Record<string, string> {
    const { cores = 1, executorMemory = "512m", workers = 2, conf = {} } = this.options
    return {
      "spark.app.name": "shardlab",
      "spark.connect.grpc.binding.address": "127.0.0.1",
      "spark.connect.grpc.binding.port": String(this.connectPort),
      "spark.connect.authenticate.token": this.#token,
      "spark.authenticate": "true",
      "spark.authenticate.secret": randomBytes(24).toString("hex"),
      "spark.driver.host": "127.0.0.1",
      "spark.driver.bindAddress": "127.0.0.1",
      "spark.executor.memory": executorMemory,
      "spark.executor.cores": String(cores),
      // What the panel shows of a running task is as old as the last heartbeat.
      "spark.executor.heartbeatInterval": "1s",
      "spark.master.rest.enabled": "false",
      "spark.ui.port": String(uiPort),
      "spark.ui.showConsoleProgress": "false",
      "spark.sql.shuffle.partitions": String(Math.max(2 * cores * workers, 4)),
      "spark.sql.warehouse.dir": join(this.servers.folder, "warehouse"),
      "spark.local.dir": join(this.servers.folder, "local"),
      ...conf,
    }
  }

  #env(): Record<string, string | undefined> {
    const { folder } = this.servers
    mkdirSync(join(folder, "local"), { recursive: true })
    return {
      SPARK_HOME: this.home.package,
      SPARK_LOCAL_IP: "127.0.0.1",
      SPARK_NO_DAEMONIZE: "1",
      SPARK_DAEMON_MEMORY: "256m",
      SPARK_DAEMON_JAVA_OPTS: "-XX:+UseSerialGC -XX:TieredStopAtLevel=1",
      SPARK_WORKER_DIR: join(folder, "work"),
      SPARK_LOG_DIR: join(folder, "logs"),
      SPARK_CONF_DIR: undefined,
      PYSPARK_PYTHON: this.home.python,
      PYSPARK_DRIVER_PYTHON: this.home.python,
    }
  }
}

/** `512m`, `1g` in megabytes. */
function megabytes(text: string): number {
  const [, digits, unit] = /^(\d+)\s*([mg])b?$/i.exec(text) ?? []
  if (digits === undefined) {
    throw fail("BAD_VALUE", {
      where: "connect",
      name: "executorMemory",
      value: text,
      fix: "Write `512m` or `1g`.",
    })
  }
  return Number(digits) * (unit!.toLowerCase() === "g" ? 1024 : 1)
}
