// The seam of scaling on the other side: what moves when a policy decides. A driver holds a number of replicas of
// something real (processes here, Spark workers or Kubernetes pods later) and brings their number to what it is asked
// for. It knows no policy and never decides; it owns its replicas and ends them in `close`. `pool/` is the driver of
// local processes; `memoryDriver.ts` is the double. To add one: a file or folder beside these, a line in the README,
// and the tests of test/driver/conformance.ts run on it.

export interface Driver {
  /** Names it in telemetry, messages and decisions. */
  readonly name: string
  /** What it will never go below or above, whoever asks. */
  readonly bounds: { readonly min: number; readonly max: number }
  /** `desired` was last asked for; `ready` of them work now. */
  count(): { readonly desired: number; readonly ready: number }
  /** What it measures of itself, by metric name; a metric that cannot be measured here is left out. */
  metrics(): Readonly<Record<string, number>>
  /**
   * Asks for `n` replicas. Settles when they are there, or when another number was asked for meanwhile; rejects when they
   * cannot be started. Fewer replicas leave only when they have finished what they do. BAD_VALUE outside the bounds.
   */
  scaleTo(n: number): Promise<void>
  /** Ends everything, also what is busy. Later calls of `scaleTo` fail. */
  close(): Promise<void>
}
