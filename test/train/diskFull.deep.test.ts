// A disk that is really full while a training checkpoints: a small memory file system, which takes root to mount.
import { spawnSync } from "node:child_process"
import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { fromColumns } from "../../kernel/src/train/feed/BatchSource.js"
import type { Tf } from "../../kernel/src/train/tf.js"
import { train } from "../../kernel/src/train/train.js"
import { xla } from "./onXla.js"

const disk = mkdtempSync(join(tmpdir(), "shardlab-full-"))
const mount = (...options: string[]) =>
  spawnSync("mount", ["-t", "tmpfs", ...options, "tmpfs", disk], { stdio: "ignore" }).status === 0
const mounted = mount("-o", "size=160k")
let tf: Tf
beforeAll(async () => {
  tf = await xla()
})
afterAll(() => {
  if (mounted) spawnSync("umount", [disk])
  rmSync(disk, { recursive: true, force: true })
})

test.skipIf(!mounted)(
  "the run ends by name, whole checkpoints stay, and with more room it goes on to the same end",
  async () => {
    const model = () => {
      const glorot = (seed: number) => tf.initializers.glorotUniform({ seed })
      const made = tf.sequential({
        layers: [
          tf.layers.dense({ inputShape: [2], units: 2000, activation: "tanh", kernelInitializer: glorot(1) }),
          tf.layers.dense({ units: 1, kernelInitializer: glorot(2) }),
        ],
      })
      made.compile({ optimizer: tf.train.adam(0.001), loss: "meanSquaredError" })
      return made
    }
    const weightsOf = (made: ReturnType<typeof model>) =>
      made.getWeights().map(weight => [...weight.dataSync()])
    const a = Float32Array.from({ length: 64 }, (_, i) => Math.cos(i))
    const data = fromColumns({ a, b: a.map(Math.sin), y: a.map(value => 2 * value) })
    const options = { data, label: "y", batchSize: 16, epochs: 4 }
    const checkpoint = { folder: join(disk, "run"), keep: 1 }
    const stopped = model()
    const fresh = weightsOf(stopped)
    // One checkpoint is about 100 kB: a second does not fit beside it.
    const error = await train(stopped, { ...options, checkpoint }).catch(reason => reason)
    expect(error).toMatchObject({ code: "CHECKPOINT_FAILED", message: expect.stringContaining("ENOSPC") })
    expect(weightsOf(stopped)).not.toEqual(fresh)
    expect(readdirSync(checkpoint.folder)).toEqual(["step-000000004"])
    expect(mount("-o", "remount,size=1m")).toBe(true)
    const [whole, resumed] = [model(), model()]
    await train(whole, options)
    const run = await train(resumed, { ...options, checkpoint, resume: true })
    expect(run.resumedAt).toBe(4)
    expect(weightsOf(resumed)).toEqual(weightsOf(whole))
  },
)
