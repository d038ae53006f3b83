// Who a process is among those that a launcher started, from the words that each launcher leaves in the environment; and the
// rows of a batch that follow from it.
import { expect, test } from "vitest"
import { launchOf } from "../../kernel/src/device/world/launch.js"
import { ownRows, stretch } from "../../kernel/src/train/feed/share.js"
import { partsOf } from "../../kernel/src/train/parallel/SplitStep.js"

test.each([
  [
    "Open MPI's mpirun",
    { OMPI_COMM_WORLD_RANK: "3", OMPI_COMM_WORLD_SIZE: "4", OMPI_COMM_WORLD_LOCAL_RANK: "1" },
    { launcher: "mpirun", rank: 3, size: 4, localRank: 1 },
  ],
  [
    "MPICH's mpirun",
    { PMI_RANK: "1", PMI_SIZE: "2", MPI_LOCALRANKID: "1" },
    { launcher: "mpirun", rank: 1, size: 2, localRank: 1 },
  ],
  [
    "horovodrun",
    {
      HOROVOD_RANK: "2",
      HOROVOD_SIZE: "4",
      HOROVOD_LOCAL_RANK: "0",
      HOROVOD_GLOO_RENDEZVOUS_ADDR: "10.0.0.7",
      HOROVOD_GLOO_RENDEZVOUS_PORT: "4040",
    },
    { launcher: "horovodrun", rank: 2, size: 4, localRank: 0, address: "10.0.0.7:4040" },
  ],
  [
    "torchrun",
    { RANK: "0", WORLD_SIZE: "2", LOCAL_RANK: "0", MASTER_ADDR: "node-1", MASTER_PORT: "29500" },
    { launcher: "torchrun", rank: 0, size: 2, localRank: 0, address: "node-1:29500" },
  ],
  [
    "srun",
    {
      SLURM_PROCID: "5",
      SLURM_NTASKS: "16",
      SLURM_STEP_NUM_TASKS: "8",
      SLURM_LOCALID: "1",
      SLURM_LAUNCH_NODE_IPADDR: "10.1.1.1",
      PMI_RANK: "5",
      PMI_SIZE: "8",
    },
    { launcher: "srun", rank: 5, size: 8, localRank: 1, address: "10.1.1.1" },
  ],
  [
    "torchrun, with how many this host has",
    { RANK: "3", WORLD_SIZE: "4", LOCAL_RANK: "1", LOCAL_WORLD_SIZE: "2" },
    { launcher: "torchrun", rank: 3, size: 4, localRank: 1, localSize: 2 },
  ],
  [
    "srun, with as many on each host",
    { SLURM_PROCID: "5", SLURM_NTASKS: "8", SLURM_LOCALID: "1", SLURM_STEP_TASKS_PER_NODE: "4(x2)" },
    { launcher: "srun", rank: 5, size: 8, localRank: 1, localSize: 4 },
  ],
])("%s", (_, env, launch) => {
  expect(launchOf(env)).toEqual(launch)
})

test("nobody else: no launcher, one process, or words that make no sense", () => {
  expect(launchOf({})).toBeUndefined()
  expect(launchOf({ OMPI_COMM_WORLD_RANK: "0", OMPI_COMM_WORLD_SIZE: "1" })).toBeUndefined()
  expect(launchOf({ RANK: "high", WORLD_SIZE: "2" })).toBeUndefined()
  expect(launchOf({ RANK: "2", WORLD_SIZE: "2" })).toBeUndefined()
})

test("processes take every row of a batch once; too few rows are computed by all", () => {
  for (const rows of [3, 8, 10, 31]) {
    const taken = [0, 1, 2].flatMap(rank => {
      const [from, to] = stretch(rows, { rank, size: 3 })
      expect(to).toBeGreaterThan(from)
      return Array.from({ length: to - from }, (_, i) => from + i)
    })
    expect(taken).toEqual(Array.from({ length: rows }, (_, i) => i))
  }
  expect(stretch(2, { rank: 1, size: 3 })).toEqual([0, 2])
  const rows = { count: 4, x: Float32Array.of(0, 1, 2, 3, 4, 5, 6, 7), y: Float32Array.of(0, 1, 2, 3) }
  expect(ownRows(rows, { rank: 1, size: 2 })).toEqual({
    count: 2,
    x: Float32Array.of(4, 5, 6, 7),
    y: Float32Array.of(2, 3),
    w: undefined,
  })
})

test("a batch in parts: as equal as can be, none empty", () => {
  expect(partsOf(10, 4)).toEqual([
    [0, 2],
    [2, 5],
    [5, 7],
    [7, 10],
  ])
  expect(partsOf(2, 4)).toEqual([
    [0, 1],
    [1, 2],
  ])
})
