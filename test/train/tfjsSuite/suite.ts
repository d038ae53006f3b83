// Runs the tests that tfjs-core ships on a backend, and says how `xla` did beside `cpu`. Each run is a process of its own,
// since jasmine and vitest both want `describe`. What may fail or run elsewhere, and why, is in exclusions.ts.

import { spawn } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { detourReasons, exclusions } from "./exclusions.js"

interface Spec {
  readonly name: string
  readonly passed: boolean
  readonly why?: string
}

export interface SuiteRun {
  readonly specs: readonly Spec[]
  /** Kernel calls that ran on tfjs's cpu backend, by kernel. */
  readonly detours?: Readonly<Record<string, number>>
  readonly compiled?: { readonly programs: number; readonly ms: number }
}

/** A part (0 to 1) of the specs, the same for the same seed. */
export async function runSuite(backend: "cpu" | "xla", share: number, seed: number): Promise<SuiteRun> {
  const folder = mkdtempSync(join(tmpdir(), "tfjs-suite-result-"))
  const file = join(folder, "result.json")
  const script = fileURLToPath(new URL("run.mjs", import.meta.url))
  try {
    const skipped = exclusions.filter(row => row.skip).map(row => row.spec)
    const child = spawn(process.execPath, [script, backend, String(share), String(seed), file], {
      env: { ...process.env, TFJS_SUITE_SKIP: backend === "xla" ? JSON.stringify(skipped) : "[]" },
      stdio: ["ignore", "ignore", "pipe"],
    })
    let complaint = ""
    child.stderr.on("data", chunk => {
      complaint += chunk
    })
    const code = await new Promise(resolve => child.on("close", resolve))
    if (code !== 0) throw new Error(`the suite on ${backend} ended with ${code}: ${complaint.slice(-2000)}`)
    return JSON.parse(readFileSync(file, "utf8")) as SuiteRun
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export interface Verdict {
  readonly passed: number
  /** Share of what cpu passes. */
  readonly rate: number
  /** Specs that cpu passes, xla does not, and nobody excused: with the reason. */
  readonly failed: readonly string[]
  /** Excused specs that pass: their row is to go. */
  readonly needless: readonly string[]
  /** Kernels that ran on the cpu without being allowed to. */
  readonly strayed: readonly string[]
  readonly text: string
}

export function judge(cpu: SuiteRun, xla: SuiteRun): Verdict {
  const wanted = new Set(cpu.specs.filter(spec => spec.passed).map(spec => spec.name))
  const excused = (name: string) => exclusions.some(row => row.spec === name)
  const ours = xla.specs.filter(spec => wanted.has(spec.name))
  const passed = ours.filter(spec => spec.passed)
  const failed = ours.filter(spec => !spec.passed && !excused(spec.name))
  const detours = Object.entries(xla.detours ?? {}).sort(([, a], [, b]) => b - a)
  const strayed = detours.map(([kernel]) => kernel).filter(kernel => detourReasons[kernel] === undefined)
  const text = [
    `cpu: ${wanted.size} passed, ${cpu.specs.length - wanted.size} failed`,
    `xla: ${passed.length} passed, ${failed.length} failed, ${wanted.size - passed.length - failed.length} excluded`,
    `xla: ${xla.compiled?.programs} programs compiled in ${Math.round((xla.compiled?.ms ?? 0) / 1000)} s`,
    `kernel calls that ran on cpu: ${detours.map(([kernel, calls]) => `${kernel} ${calls}`).join(", ") || "none"}`,
  ].join("\n")
  return {
    passed: passed.length,
    rate: passed.length / wanted.size,
    failed: failed.map(spec => `${spec.name}: ${spec.why}`),
    needless: passed.filter(spec => excused(spec.name)).map(spec => spec.name),
    strayed,
    text,
  }
}
