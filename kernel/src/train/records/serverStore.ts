// A run's record on an MLflow tracking server, by its REST interface (`/api/2.0/mlflow`). Files go through the server's own
// artifact proxy. Credentials come from the address or from MLFLOW_TRACKING_TOKEN, MLFLOW_TRACKING_USERNAME and _PASSWORD.

import { fail } from "../../errors.js"
import type { RecordBatch, RunBegin, RunStatus, RunStore } from "./RunStore.js"

/** Most of each kind that the server takes at once. */
const limits = { metrics: 1000, params: 100, tags: 100 } as const
const patienceMs = 10_000

interface RunInfo {
  readonly run_id: string
  readonly experiment_id: string
  readonly artifact_uri: string
}

export async function openServer(address: string, begin: RunBegin): Promise<RunStore> {
  const server = new Server(address)
  const experiment = await server.experiment(begin.experiment)
  const tags = { "mlflow.runName": begin.name, "mlflow.user": begin.user, ...begin.tags }
  const { run } = await server.post<{ run: { info: RunInfo } }>("runs/create", {
    experiment_id: experiment,
    run_name: begin.name,
    start_time: begin.at,
    tags: keyed(tags),
  })
  const { run_id: id, artifact_uri: artifacts } = run.info
  return {
    id,
    place: `${server.base}/#/experiments/${experiment}/runs/${id}`,
    async write(batch) {
      for (const body of parts(batch)) await server.post("runs/log-batch", { run_id: id, ...body })
    },
    artifact: (path, bytes) => server.put(artifacts, path, bytes),
    async end(status: RunStatus, at) {
      await server.post("runs/update", { run_id: id, status, end_time: at })
    },
  }
}

class Server {
  /** Without credentials. */
  readonly base: string
  readonly #headers: Readonly<Record<string, string>>

  constructor(address: string) {
    const url = new URL(address)
    const {
      MLFLOW_TRACKING_TOKEN: token,
      MLFLOW_TRACKING_USERNAME: name,
      MLFLOW_TRACKING_PASSWORD: word,
    } = process.env
    const pair = url.username
      ? `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
      : name !== undefined && `${name}:${word ?? ""}`
    this.#headers = pair
      ? { authorization: `Basic ${Buffer.from(pair).toString("base64")}` }
      : token === undefined
        ? {}
        : { authorization: `Bearer ${token}` }
    url.username = ""
    url.password = ""
    this.base = url.href.replace(/\/+$/, "")
  }

  async experiment(name: string): Promise<string> {
    const query = `experiments/get-by-name?experiment_name=${encodeURIComponent(name)}`
    const found = await this.#call(`/api/2.0/mlflow/${query}`, { method: "GET" }, [404])
    if (found.status === 404)
      return (await this.post<{ experiment_id: string }>("experiments/create", { name })).experiment_id
    return ((await found.json()) as { experiment: { experiment_id: string } }).experiment.experiment_id
  }

  async post<T>(path: string, body: object): Promise<T> {
    const headers = { "content-type": "application/json" }
    const options = { method: "POST", headers, body: JSON.stringify(body) }
    return (await (await this.#call(`/api/2.0/mlflow/${path}`, options)).json()) as T
  }

  /** `root` is the run's `artifact_uri`: `mlflow-artifacts:/<experiment>/<run>/artifacts` where the server stores files. */
  async put(root: string, path: string, bytes: Uint8Array): Promise<void> {
    const proxied = /^mlflow-artifacts:(?:\/\/[^/]*)?\/(.*)$/.exec(root)?.[1]
    if (proxied === undefined) {
      const fix = "Start the server with `--serve-artifacts`, so that files can be sent to it."
      throw fail("RECORD_FAILED", { place: this.base, problem: `it keeps files in ${root}`, fix })
    }
    const address = `${proxied}/${path}`.split("/").map(encodeURIComponent).join("/")
    const options = {
      method: "PUT",
      headers: { "content-type": "application/octet-stream" },
      body: bytes,
    }
    await this.#call(`/api/2.0/mlflow-artifacts/artifacts/${address}`, options)
  }

  async #call(path: string, options: RequestInit, fine: readonly number[] = []): Promise<Response> {
    const headers = { ...this.#headers, ...(options.headers as Record<string, string> | undefined) }
    let response: Response
    try {
      const signal = AbortSignal.timeout(patienceMs)
      response = await fetch(this.base + path, { ...options, headers, signal, redirect: "error" })
    } catch (error) {
      const { cause, message } = error as { cause?: { code?: string }; message: string }
      throw this.#failure(
        `it does not answer (${cause?.code ?? message})`,
        "Is the server up, and the address right?",
        error,
      )
    }
    if (response.ok || fine.includes(response.status)) return response
    const said = (await response.text()).slice(0, 300)
    const fix =
      response.status === 401 || response.status === 403
        ? "Set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD."
        : "Is this the address of an MLflow server?"
    throw this.#failure(`it says ${response.status} to ${path.split("?")[0]}: ${said}`, fix)
  }

  #failure(problem: string, fix: string, cause?: unknown): Error {
    return fail("RECORD_FAILED", { place: this.base, problem, fix }, cause)
  }
}

const keyed = (values: Readonly<Record<string, string>>) =>
  Object.entries(values).map(([key, value]) => ({ key, value }))

/** A batch in pieces that the server takes. */
function* parts({ metrics = [], params = {}, tags = {} }: RecordBatch): Generator<object> {
  const points = metrics.map(({ name, value, step, at }) => ({ key: name, value, step, timestamp: at }))
  for (const piece of pieces(points, limits.metrics)) yield { metrics: piece }
  for (const piece of pieces(keyed(params), limits.params)) yield { params: piece }
  for (const piece of pieces(keyed(tags), limits.tags)) yield { tags: piece }
}

function* pieces<T>(list: readonly T[], size: number): Generator<readonly T[]> {
  for (let from = 0; from < list.length; from += size) yield list.slice(from, from + size)
}
