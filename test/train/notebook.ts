// A notebook that trains a small network, for the tests of several processes, and what its output file says of it.
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { train } from "../../kernel/src/train/train.js"
import { xla } from "./onXla.js"

export interface NotebookOptions {
  readonly epochs: number
  /** Source of a cell before the training. */
  readonly before?: string
  /** A folder for checkpoints, every 5 steps. */
  readonly checkpoint?: string
  /** Pause after each epoch. */
  readonly pauseMs?: number
}

/** Its path. */
export function trainingNotebook(
  folder: string,
  { epochs, before, checkpoint, pauseMs = 0 }: NotebookOptions,
): string {
  const training = `import { tf, train } from "shardlab"
const glorot = (seed: number) => tf.initializers.glorotUniform({ seed })
const model = tf.sequential({ layers: [
  tf.layers.dense({ inputShape: [8], units: 16, activation: "relu", kernelInitializer: glorot(1) }),
  tf.layers.dense({ units: 1, kernelInitializer: glorot(2) }),
] })
const x = tf.randomNormal([100, 8], 0, 1, "float32", 3)
const y = tf.sum(tf.sin(x), 1, true)
const run = await train(model, {
  data: { x, y }, optimizer: "adam", loss: "meanSquaredError", epochs: ${epochs}, batchSize: 20,
  ${checkpoint === undefined ? "" : `checkpoint: { folder: ${JSON.stringify(checkpoint)}, every: 5 },`}
  callbacks: { onEpochEnd: async () => { await new Promise(done => setTimeout(done, ${pauseMs})) } },
})
console.log("losses " + JSON.stringify(run.history.loss) + " resumed " + run.resumedAt)`
  const cells = [...(before === undefined ? [] : [before]), training].map((source, i) => ({
    cell_type: "code",
    id: `cell-${i}`,
    source,
    metadata: {},
    outputs: [],
    execution_count: null,
  }))
  const path = join(folder, "in.ipynb")
  writeFileSync(path, JSON.stringify({ cells, metadata: {}, nbformat: 4, nbformat_minor: 5 }))
  return path
}

/** What the notebook's training gives in this process. */
export async function lossesHere({ epochs }: { epochs: number }): Promise<readonly number[]> {
  const tf = await xla()
  const glorot = (seed: number) => tf.initializers.glorotUniform({ seed })
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ inputShape: [8], units: 16, activation: "relu", kernelInitializer: glorot(1) }),
      tf.layers.dense({ units: 1, kernelInitializer: glorot(2) }),
    ],
  })
  const x = tf.randomNormal([100, 8], 0, 1, "float32", 3)
  const y = tf.sum(tf.sin(x), 1, true)
  const compile = { optimizer: "adam", loss: "meanSquaredError" }
  const { history } = await train(model, { data: { x, y }, ...compile, epochs, batchSize: 20 })
  return history.loss!
}

/** What the training cell printed. */
export function printed(path: string): string {
  const { cells } = JSON.parse(readFileSync(path, "utf8")) as { cells: { outputs: { text?: string }[] }[] }
  return cells.flatMap(cell => cell.outputs.map(output => output.text ?? "")).join("")
}

export function lossesOf(path: string): number[] {
  return JSON.parse(/losses (\[.*?\])/.exec(printed(path))?.[1] ?? "[]") as number[]
}
