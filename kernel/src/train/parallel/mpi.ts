// The communicator over MPI: Open MPI's library through koffi, no build step. The launcher's mpirun and this library must be
// of one version. A process that ends without an error says so to the others; one that fails does not, so that mpirun ends
// them all rather than have them wait.

import { type Launch, launchOf } from "../../device/world/launch.js"
import { fail } from "../../errors.js"
import { loadKoffi } from "../../koffi.js"
import type { Communicator } from "./Communicator.js"

const libraries = ["libmpi.so.40", "libmpi.so.80", "libmpi.so"]
/** `MPI_IN_PLACE` of Open MPI's mpi.h. */
const inPlace = 1
/** Elements of one call: a count is a C int. */
const mostAtOnce = 1 << 28

let opened: Communicator | undefined

/** The communicator of this process; undefined when nobody launched it with others. */
export function communicator(launch: Launch | undefined = launchOf()): Communicator | undefined {
  if (launch === undefined) return undefined
  opened ??= open(launch)
  return opened
}

function open(launch: Launch): Communicator {
  const koffi = loadKoffi()
  const library = load(koffi)
  const int = (declaration: string) => library.func(declaration) as (...values: unknown[]) => number
  const check = (code: number, doing: string) => {
    if (code !== 0) throw fail("MPI_FAILED", { doing, code })
  }
  const world = library.symbol("ompi_mpi_comm_world", "char")
  const float = library.symbol("ompi_mpi_float", "char")
  const add = library.symbol("ompi_mpi_op_sum", "char")
  check(int("int MPI_Init(void*, void*)")(null, null), "starting")
  const count = [0]
  check(int("int MPI_Comm_size(void*, _Out_ int*)")(world, count), "counting the processes")
  const size = count[0]!
  check(int("int MPI_Comm_rank(void*, _Out_ int*)")(world, count), "asking for the rank")
  const rank = count[0]!
  if (size !== launch.size)
    throw fail("MPI_OTHER_WORLD", {
      launcher: launch.launcher,
      rank: launch.rank,
      size: launch.size,
      found: size,
    })
  const allreduce = int("int MPI_Allreduce(uintptr_t, void*, int, void*, void*, void*)")
  const bcast = int("int MPI_Bcast(void*, int, void*, int, void*)")
  const barrier = int("int MPI_Barrier(void*)")
  const finalize = int("int MPI_Finalize()")
  process.once("exit", code => {
    if (code === 0) finalize()
  })
  return {
    rank,
    size,
    sum: values =>
      inPieces(values, piece =>
        check(allreduce(inPlace, piece, piece.length, float, add, world), "adding up"),
      ),
    broadcast: values =>
      inPieces(values, piece => check(bcast(piece, piece.length, float, 0, world), "handing out")),
    barrier: () => check(barrier(world), "waiting for the others"),
  }
}

function inPieces(values: Float32Array, call: (piece: Float32Array) => void): void {
  for (let at = 0; at < values.length; at += mostAtOnce) call(values.subarray(at, at + mostAtOnce))
}

function load(koffi: typeof import("koffi").default) {
  let last: unknown
  for (const name of libraries) {
    try {
      // Its plug-ins look symbols up in the process.
      return koffi.load(name, { global: true })
    } catch (error) {
      last = error
    }
  }
  throw fail("MPI_MISSING", { names: libraries.join(", ") }, last)
}
