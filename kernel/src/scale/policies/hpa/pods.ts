// Which pods count for a Kubernetes HPA, and as what: ready with a sample, unready, missing a sample, or ignored.
// Not a Kubernetes client: a pod here is the few facts the rule reads, with ages in seconds before now.

/** What every metric kind reads of a pod. */
export interface StandingPod {
  readonly phase: "Running" | "Pending" | "Failed"
  readonly deleting: boolean
  /** The Ready condition; undefined when the pod has none. */
  readonly ready: boolean | undefined
}

export interface Pod extends StandingPod {
  /** Seconds since it started; undefined before. */
  readonly age: number | undefined
  /** Seconds since Ready last changed. */
  readonly readyAge: number
  /** Requested amount in milli-units; undefined when the pod requests none. */
  readonly request: number | undefined
  readonly sample: PodSample | undefined
}

export interface PodSample {
  /** Milli-units. */
  readonly value: number
  /** Seconds since it was taken. */
  readonly age: number
  /** Seconds it averages over. */
  readonly window: number
}

/** Start-up rules, which hold for CPU only: a starting process burns CPU that says nothing about load. */
export interface PodReadiness {
  readonly cpu: boolean
  /** Seconds after the start in which a sample counts only if taken wholly while ready (`cpu-initialization-period`). */
  readonly cpuInitialization: number
  /** Seconds after the start in which a first Ready may still come (`initial-readiness-delay`). */
  readonly readinessDelay: number
}

type Sampled = Pod & { readonly sample: PodSample }

export interface PodGroups {
  readonly ready: readonly Sampled[]
  readonly unready: readonly Pod[]
  readonly missing: readonly Pod[]
}

export function groupPods(pods: readonly Pod[], rules: PodReadiness): PodGroups {
  const groups = { ready: [] as Sampled[], unready: [] as Pod[], missing: [] as Pod[] }
  for (const pod of pods) {
    if (pod.deleting || pod.phase === "Failed") continue
    if (pod.phase === "Pending") groups.unready.push(pod)
    else if (!hasSample(pod)) groups.missing.push(pod)
    else if (rules.cpu && isStarting(pod, rules)) groups.unready.push(pod)
    else groups.ready.push(pod)
  }
  return groups
}

/** Pods that run and are ready, as the object and external metrics count them (being deleted does not matter there). */
export function readyPods(pods: readonly StandingPod[]): number {
  return pods.filter(pod => pod.phase === "Running" && pod.ready === true).length
}

function hasSample(pod: Pod): pod is Sampled {
  return pod.sample !== undefined
}

function isStarting(pod: Sampled, rules: PodReadiness): boolean {
  if (pod.ready === undefined || pod.age === undefined) return true
  if (pod.age < rules.cpuInitialization) {
    return !pod.ready || pod.sample.age > pod.readyAge - pod.sample.window
  }
  return !pod.ready && pod.age - rules.readinessDelay < pod.readyAge
}
