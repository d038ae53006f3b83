// Open MPI from Debian: the processes of one job on this host, for the tests of distributed training. Loopback only.
import { spawn } from "node:child_process"
import { program, root } from "./service.mjs"

export const openMpiProblem = () =>
  program(["mpirun"], "openmpi-bin") === undefined
    ? "Open MPI is not installed, and cannot be without root"
    : undefined

/** Words before the program: as many processes as asked for on however few cores. @param {number} processes */
export function mpirun(processes) {
  return [
    ...["mpirun", "-n", String(processes), "--oversubscribe", "--allow-run-as-root", "-quiet"],
    ...[
      "--mca",
      "btl",
      "self,vader,tcp",
      "--mca",
      "btl_tcp_if_include",
      "lo",
      "--mca",
      "oob_tcp_if_include",
      "lo",
    ],
  ]
}

/** Runs to the end. @param {string[]} command @param {Record<string, string>} [env]
 * @returns {Promise<{ code: number | null, output: string }>} */
export function ended([first, ...rest], env = {}) {
  return new Promise((done, failed) => {
    const child = spawn(first, rest, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    })
    let output = ""
    for (const stream of [child.stdout, child.stderr]) stream.on("data", data => (output += data))
    child.once("error", failed)
    child.once("close", code => done({ code, output }))
  })
}
