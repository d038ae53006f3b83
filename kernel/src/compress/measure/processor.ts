// What the processor calls itself, and whether it multiplies small integers four at a time, which is where int8 gets its
// speed: VNNI on x86, the dot product instructions on ARM.

import { readFileSync } from "node:fs"
import { cpus } from "node:os"

export interface Processor {
  readonly name: string
  /** Undefined where the system does not tell. */
  readonly hasDotProduct: boolean | undefined
}

export function processor(): Processor {
  const has = hasDotProduct(cpuInfo())
  const name = cpus()[0]?.model.trim() || process.arch
  return { name: has === false ? `${name} (no int8 dot products)` : name, hasDotProduct: has }
}

/** From the text of /proc/cpuinfo. */
export function hasDotProduct(text: string): boolean | undefined {
  const flags = /^(?:flags|Features)\s*:(.*)$/m.exec(text)?.[1]
  return flags === undefined ? undefined : /\b(?:avx512_vnni|avx_vnni|asimddp)\b/.test(flags)
}

function cpuInfo(): string {
  try {
    return readFileSync("/proc/cpuinfo", "utf8")
  } catch {
    return ""
  }
}
