// Trainings that are killed again and again, and go on from their checkpoints: what both suites check.
import { spawn } from "node:child_process"
import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

export interface Ended {
  readonly weights: string
  readonly history: Readonly<Record<string, readonly number[]>>
  readonly steps: number
  readonly samples: number
  readonly resumedAt?: number
}

const script = join(import.meta.dirname, "child/checkpointed.mjs")

/** Runs it in a process of its own; with `lines`, kills it some milliseconds after it has said so many epochs. */
export function training(
  folder: string,
  every: number,
  kill?: { epochs: number; ms: number },
): Promise<Ended | undefined> {
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, [script, folder, String(every)], {
      stdio: ["ignore", "pipe", "pipe"],
    })
    let [said, error, armed] = ["", "", false]
    child.stderr.on("data", data => (error += data))
    child.stdout.on("data", data => {
      said += data
      if (kill === undefined || armed || said.split("\nepoch ").length <= kill.epochs) return
      armed = true
      setTimeout(() => child.kill("SIGKILL"), kill.ms)
    })
    child.on("close", code => {
      const last = said.trim().split("\n").at(-1) ?? ""
      if (code === 0) done(JSON.parse(last) as Ended)
      else if (armed) done(undefined)
      else failed(new Error(`the training ended with ${code}: ${error}${said}`))
    })
  })
}

/** Kills one at `kills` random points, lets it come to its end, and gives that end beside one of a training in peace. */
export async function killedTraining(kills: number, every: number, random: () => number) {
  const folder = () => join(mkdtempSync(join(tmpdir(), "shardlab-checkpoint-")), "run")
  const unbroken = (await training(folder(), 1_000_000))!
  const path = folder()
  let [killed, ended] = [0, undefined as Ended | undefined]
  while (killed < kills && ended === undefined) {
    ended = await training(path, every, { epochs: Math.floor(random() * 2), ms: Math.floor(random() * 300) })
    if (ended === undefined) killed++
  }
  ended ??= await training(path, every)
  return { unbroken, killed, ended: ended!, path }
}
