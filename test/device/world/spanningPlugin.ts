// Builds the plugin whose clients span processes (spanning.c), on this machine's CPU plugin, and starts processes with it.
import { execFileSync } from "node:child_process"
import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { findPlugins } from "../../../kernel/src/device/plugins.js"
import { program } from "../../services/service.mjs"
import { asRank, type Ended, ended, launchEnvironment } from "./launched.js"

// Installed where it is missing and can be: Debian's, when we are root.
export const hasCompiler = program(["cc"], "build-essential") !== undefined

let built: string | undefined

/** Its name says that it is a GPU's, so it is opened as one. */
export function spanningPlugin(): string {
  if (built !== undefined) return built
  built = join(mkdtempSync(join(tmpdir(), "shardlab-spanning-")), "libpjrt_gpu_spanning.so")
  const source = join(import.meta.dirname, "spanning.c")
  execFileSync("cc", ["-shared", "-fPIC", "-O1", "-o", built, source, "-lpthread", "-ldl"])
  return built
}

/** For a process that uses it. */
export function spanningEnvironment(): Record<string, string> {
  const cpu = findPlugins(undefined).candidates.find(({ known }) => known.name.includes("cpu"))!
  return {
    SHARDLAB_PJRT_PLUGIN: spanningPlugin(),
    SPANNING_INNER: cpu.path,
    SHARDLAB_COMPILE_CACHE: "off",
  }
}

/** One process a rank, each with two devices of the four or more that they share. */
export async function spanning(
  child: readonly string[],
  size: number,
  env: Record<string, string> = {},
): Promise<Ended[]> {
  const shared = { ...(await launchEnvironment()), ...spanningEnvironment(), ...env }
  const ranks = Array.from({ length: size }, (_, rank) => ({ ...shared, ...asRank(rank, size) }))
  return Promise.all(ranks.map(of => ended(child, of)))
}
