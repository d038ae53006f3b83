// Where the processes of one launch meet, and what tells them from strangers: read from the environment. Pure. A launch
// without a secret has no meeting place, because whoever reaches an open port could steer a training.

import { type Environment, type Launch, launchOf } from "./launch.js"

export interface Place extends Launch {
  /** Where rank 0 listens, and the others come. */
  readonly host: string
  readonly port: number
  /** Equal in all processes, and known to nobody else. */
  readonly token: string
  /** How long to wait for all to come. */
  readonly joinSeconds: number
}

/** What a launch lacks to have one. */
export interface NoPlace {
  readonly launch: Launch
  readonly lacks: string
}

/** Undefined when nobody launched this process with others. */
export function placeOf(env: Environment = process.env): Place | NoPlace | undefined {
  const launch = launchOf(env)
  if (launch === undefined) return undefined
  const address = env.SHARDLAB_COORDINATOR ?? addressOf(launch, env)
  const [, host, port] = /^\[?([^\]]+?)\]?:(\d+)$/.exec(address ?? "") ?? []
  if (host === undefined || !(Number(port) > 0 && Number(port) < 65_536))
    return { launch, lacks: "SHARDLAB_COORDINATOR (host:port of rank 0, a free port)" }
  const token = env.SHARDLAB_TOKEN
  if (token === undefined || token.length < 16)
    return { launch, lacks: "SHARDLAB_TOKEN (a secret of 16 letters or more)" }
  const seconds = Number(env.SHARDLAB_JOIN_SECONDS)
  return { ...launch, host, port: Number(port), token, joinSeconds: seconds > 0 ? seconds : 300 }
}

/** Beside PyTorch's own store; on Slurm's first host, at a port of the job's, as JAX has it. */
function addressOf({ launcher, address }: Launch, env: Environment): string | undefined {
  if (launcher === "torchrun") {
    const [, host, port] = /^(.+):(\d+)$/.exec(address ?? "") ?? []
    return host && `${host}:${Number(port) + (Number(port) < 65_535 ? 1 : -1)}`
  }
  const host = launcher === "srun" ? firstHost(env.SLURM_STEP_NODELIST) : undefined
  return host && `${host}:${61_440 + (Number(env.SLURM_JOB_ID) % 4096 || 0)}`
}

/** Of `gpu[007-012,015],login1`: `gpu007`. */
function firstHost(list: string | undefined): string | undefined {
  const [, name, , first] = /^([^[,]+)(\[([^\],-]+))?/.exec(list ?? "") ?? []
  return name && `${name}${first ?? ""}`
}
