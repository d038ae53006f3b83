// Which of how many processes this one is, as its launcher wrote it into the environment. Pure: nothing is opened here.

export interface Launch {
  readonly launcher: "mpirun" | "horovodrun" | "torchrun" | "srun"
  /** From 0. */
  readonly rank: number
  readonly size: number
  /** Among the processes of this host. */
  readonly localRank: number
  /** How many processes this host has, where the launcher says. */
  readonly localSize?: number | undefined
  /** Where the processes meet, where the launcher says: `10.0.0.7:29500`. */
  readonly address?: string | undefined
}

export type Environment = Readonly<Record<string, string | undefined>>

interface Words {
  readonly launcher: Launch["launcher"]
  readonly rank: string
  readonly size: readonly string[]
  readonly localRank: string
  readonly localSize: string
  readonly host: readonly string[]
  readonly port?: string
}

/** Open MPI, MPICH and Intel MPI; Horovod; PyTorch; Slurm. Horovod over mpirun has both, and says the same in both. */
const rows: readonly Words[] = [
  {
    launcher: "horovodrun",
    rank: "HOROVOD_RANK",
    size: ["HOROVOD_SIZE"],
    localRank: "HOROVOD_LOCAL_RANK",
    localSize: "HOROVOD_LOCAL_SIZE",
    host: ["HOROVOD_GLOO_RENDEZVOUS_ADDR"],
    port: "HOROVOD_GLOO_RENDEZVOUS_PORT",
  },
  {
    launcher: "mpirun",
    rank: "OMPI_COMM_WORLD_RANK",
    size: ["OMPI_COMM_WORLD_SIZE"],
    localRank: "OMPI_COMM_WORLD_LOCAL_RANK",
    localSize: "OMPI_COMM_WORLD_LOCAL_SIZE",
    host: [],
  },
  {
    launcher: "torchrun",
    rank: "RANK",
    size: ["WORLD_SIZE"],
    localRank: "LOCAL_RANK",
    localSize: "LOCAL_WORLD_SIZE",
    host: ["MASTER_ADDR"],
    port: "MASTER_PORT",
  },
  {
    // Before `mpirun` of MPICH, whose PMI words Slurm writes as well.
    launcher: "srun",
    rank: "SLURM_PROCID",
    size: ["SLURM_STEP_NUM_TASKS", "SLURM_NTASKS"],
    localRank: "SLURM_LOCALID",
    localSize: "SLURM_STEP_TASKS_PER_NODE",
    host: ["SLURM_LAUNCH_NODE_IPADDR", "SLURM_SRUN_COMM_HOST"],
  },
  {
    launcher: "mpirun",
    rank: "PMI_RANK",
    size: ["PMI_SIZE"],
    localRank: "MPI_LOCALRANKID",
    localSize: "MPI_LOCALNRANKS",
    host: [],
  },
]

/** Undefined when no launcher left its words, or when it started one process only. */
export function launchOf(env: Environment = process.env): Launch | undefined {
  for (const { launcher, rank: rankName, size: sizeNames, localRank, localSize, host: hosts, port } of rows) {
    const [rank, size] = [whole(env[rankName]), whole(first(env, sizeNames))]
    const neighbours = whole(env[localSize]?.replace(/\(x\d+\)$/, ""))
    if (rank === undefined || size === undefined || size < 2 || rank >= size) continue
    const host = first(env, hosts)
    const at = port === undefined ? undefined : env[port]
    return {
      launcher,
      rank,
      size,
      localRank: whole(env[localRank]) ?? 0,
      ...(neighbours !== undefined && { localSize: neighbours }),
      ...(host && { address: at ? `${host}:${at}` : host }),
    }
  }
  return undefined
}

function first(env: Environment, names: readonly string[]): string | undefined {
  return names.map(name => env[name]).find(value => value !== undefined && value !== "")
}

function whole(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined
}
