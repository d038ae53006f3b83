// The seam of a run's record: where metrics, parameters, tags and files of one training go. Not what is recorded, nor when:
// TrainRecord.ts. Two stores, with MLflow's layout (folderStore.ts) and its REST interface (serverStore.ts).

export interface MetricPoint {
  readonly name: string
  readonly value: number
  readonly step: number
  /** Milliseconds since 1970. */
  readonly at: number
}

export interface RecordBatch {
  readonly metrics?: readonly MetricPoint[]
  readonly params?: Readonly<Record<string, string>>
  readonly tags?: Readonly<Record<string, string>>
}

export type RunStatus = "FINISHED" | "FAILED" | "KILLED"

/** What a run is when it begins. */
export interface RunBegin {
  readonly experiment: string
  readonly name: string
  readonly user: string
  /** Milliseconds since 1970. */
  readonly at: number
  readonly tags: Readonly<Record<string, string>>
}

export interface RunStore {
  readonly id: string
  /** For people: the run's folder or address, without credentials. */
  readonly place: string
  write(batch: RecordBatch): Promise<void>
  /** `path` is relative, with slashes. */
  artifact(path: string, bytes: Uint8Array): Promise<void>
  end(status: RunStatus, at: number): Promise<void>
}
