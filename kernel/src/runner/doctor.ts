// `shardlab doctor`: what this machine offers the kernel, one line each, so that a bug report can start from facts.

import { existsSync } from "node:fs"
import { createRequire } from "node:module"
import { availableParallelism, totalmem } from "node:os"
import { join } from "node:path"
import { type Capability, capabilities } from "../engine/duckdb/capabilities.js"
import { clusterLines } from "./doctorClusters.js"
import { deviceLines } from "./doctorDevices.js"
import { kernelspecFolder } from "./kernelspec.js"

const require = createRequire(import.meta.url)

/** Lines of `name: what was found`. */
export async function examine(): Promise<string[]> {
  const spec = kernelspecFolder({})
  const gigabytes = (totalmem() / 1e9).toFixed(1)
  return [
    `node: ${process.version}, ${process.platform} ${process.arch}, ${availableParallelism()} CPUs, ${gigabytes} GB`,
    `kernelspec: ${existsSync(spec) ? spec : "not installed for this user (shardlab install --user)"}`,
    ...["typescript", "zeromq", "@duckdb/node-api", "@tensorflow/tfjs", "onnxruntime-node"].map(packageLine),
    ...storeLines(await capabilities()),
    ...(await deviceLines()),
    ...(await clusterLines()),
  ]
}

const titles = { scheme: "addresses", format: "formats", database: "databases" } as const

/** Two lines a kind at most: what works, and what to install for the rest. */
function storeLines(found: readonly Capability[]): string[] {
  return Object.entries(titles).flatMap(([kind, title]) => {
    const own = found.filter(one => one.kind === kind)
    const works = own.filter(one => one.works).map(one => one.name)
    const missing = own.filter(one => !one.works)
    const lines = [`${title} that frames can read: ${works.join(", ") || "none"}`]
    if (missing.length === 0) return lines
    const lacks = [...new Set(missing.flatMap(one => one.lacks))].join(" ")
    return [
      ...lines,
      `${title} not available: ${missing.map(one => one.name).join(", ")} (pip install ${lacks})`,
    ]
  })
}

function packageLine(name: string): string {
  const folder = packageFolder(name)
  if (folder === undefined) return `${name}: not found`
  const { version } = require(join(folder, "package.json")) as { version: string }
  return `${name}: ${version}`
}

/** By folder, because many packages do not export their package.json. */
function packageFolder(name: string): string | undefined {
  for (const base of require.resolve.paths(name) ?? []) {
    const folder = join(base, ...name.split("/"))
    if (existsSync(join(folder, "package.json"))) return folder
  }
  return undefined
}
