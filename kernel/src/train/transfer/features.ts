// Features once instead of each epoch: the part of a network that is frozen gives the same for the same row, so it is run over
// the data once, and what trains is the rest, on what it gave. The rest shares its layers and its optimizer with the network.

import { fail } from "../../errors.js"
import { type FeedOptions, limited, tensorDataset } from "../feed/dataset.js"
import { oneEach } from "../feed/labels.js"
import type { Prepared, WholeData } from "../feed/split.js"
import type { Tf } from "../tf.js"
import { isFrozen } from "./freeze.js"
import { outputIn, upTo } from "./graph.js"

type LayersModel = import("@tensorflow/tfjs").LayersModel
type Layer = import("@tensorflow/tfjs").layers.Layer
type SymbolicTensor = import("@tensorflow/tfjs").SymbolicTensor
type Tensor = import("@tensorflow/tfjs").Tensor

/** Features of all rows may take as much memory. */
const limit = 1 << 30

export interface Cut {
  readonly base: LayersModel
  readonly head: LayersModel
  /** Takes the head's layers out of their second use. */
  close(): void
}

/** @throws BAD_VALUE when nothing in front is frozen. */
export function cutAtFrozen(tf: Tf, model: LayersModel): Cut {
  oneEach(model, "train", "cacheFeatures")
  const last = lastFrozen(model)
  if (last === undefined) {
    const fix =
      "Freeze the layers in front first: freeze(model, { until: ... }), or withHead(base, { classes })."
    throw fail("BAD_VALUE", {
      where: "train",
      name: "cacheFeatures",
      value: "true, and no part in front is frozen",
      fix,
    })
  }
  const features = outputIn(model, last)
  const base = tf.model({ inputs: model.inputs, outputs: features })
  const input = tf.input({ shape: features.shape.slice(1), dtype: features.dtype })
  const uses: Layer[] = []
  const made = new Map<SymbolicTensor, SymbolicTensor>([[features, input]])
  const again = (symbolic: SymbolicTensor): SymbolicTensor => {
    const known = made.get(symbolic)
    if (known !== undefined) return known
    const inputs = symbolic.inputs.map(again)
    const layer = symbolic.sourceLayer
    uses.push(layer)
    const results = [layer.apply(inputs.length === 1 ? inputs[0]! : inputs)].flat() as SymbolicTensor[]
    const node = layer.inboundNodes.find(({ outputTensors }) => outputTensors.includes(symbolic))!
    for (const [i, result] of results.entries()) made.set(node.outputTensors[i]!, result)
    return made.get(symbolic)!
  }
  const head = tf.model({ inputs: input, outputs: again(model.outputs[0]!) })
  head.compile({ optimizer: model.optimizer, loss: model.loss as never, metrics: model.metrics as never })
  return {
    base,
    head,
    close() {
      for (const layer of uses) {
        const node = layer.inboundNodes.pop()!
        for (const before of node.inboundLayers)
          before.outboundNodes = before.outboundNodes.filter(one => one !== node)
      }
    },
  }
}

/** The last layer through which all goes, everything up to which is frozen. */
function lastFrozen(model: LayersModel): Layer | undefined {
  const all = upTo(model, model.outputs[0]!.sourceLayer)
  for (const layer of model.layers.toReversed()) {
    if (layer.getClassName() === "InputLayer" || layer === model.outputs[0]!.sourceLayer || !all.has(layer))
      continue
    const before = upTo(model, layer)
    if (layer.inboundNodes.length !== 1 || layer.inboundNodes[0]!.outputTensors.length !== 1) continue
    if ([...before].some(one => one.getClassName() !== "InputLayer" && !isFrozen(one) && counts(one)))
      continue
    const after = [...all].filter(one => !before.has(one))
    const skips = after.some(one =>
      one.inboundNodes.some(node => node.inboundLayers.some(from => from !== layer && before.has(from))),
    )
    if (!skips) return layer
  }
  return undefined
}

/** Whether it learns, or acts otherwise while training. */
const counts = (layer: Layer) => layer.weights.length > 0 || /Dropout|Noise/.test(layer.getClassName())

/** The training data and what validates it, through the base. */
export async function throughBase(
  tf: Tf,
  { base, head, close }: Cut,
  prepared: Prepared,
  { feed, steps }: { feed: FeedOptions; steps: number | undefined },
): Promise<Prepared> {
  const { whole, validation } = prepared
  const row = base.outputs[0]!.shape.slice(1).reduce<number>((size, length) => size * (length ?? 1), 1)
  const rows = whole?.x[0]?.shape[0] ?? 0
  if (whole === undefined || rows * row * 4 > limit) {
    const value =
      whole === undefined
        ? "true for data that does not fit in memory"
        : `true for ${rows} rows of ${row} features`
    close()
    throw fail("BAD_VALUE", {
      where: "train",
      name: "cacheFeatures",
      value,
      fix: "Leave it out: the base then runs in each step.",
    })
  }
  const started = performance.now()
  const run = (x: Tensor) => inBatches(tf, base, x)
  const x = run(whole.x[0]!)
  const held: WholeData | undefined = validation && { ...validation, x: [run(validation.x[0]!)] }
  // Until they are there: what was left to each epoch is done now.
  await x.slice(0, 1).data()
  const dataset = tensorDataset(tf, { ...whole, x: [x] }, feed)
  say(base, head, {
    rows: rows + (held?.x[0]?.shape[0] ?? 0),
    row,
    seconds: (performance.now() - started) / 1000,
  })
  return {
    ...prepared,
    dataset: steps === undefined ? dataset : limited(dataset, steps),
    validation: held,
    tensors: [...prepared.tensors, x, ...(held?.x ?? [])],
  }
}

/** Rows that go through the base at once: always as many, so that one program is compiled for all. */
const atOnce = 256

function inBatches(tf: Tf, base: LayersModel, x: Tensor): Tensor {
  const rows = x.shape[0]!
  const parts: Tensor[] = []
  for (let from = 0; from < rows; from += atOnce) {
    const size = Math.min(atOnce, rows - from)
    const part = tf.tidy(() => {
      const own = tf.slice(x, from, size)
      const whole =
        size === atOnce
          ? own
          : tf.pad(own, [[0, atOnce - size], ...x.shape.slice(1).map((): [number, number] => [0, 0])])
      const made = base.predict(whole, { batchSize: atOnce }) as Tensor
      return size === atOnce ? made : tf.slice(made, 0, size)
    })
    parts.push(part)
    part.dataSync()
  }
  const whole = tf.concat(parts)
  for (const part of parts) part.dispose()
  return whole
}

function say(
  base: LayersModel,
  head: LayersModel,
  { rows, row, seconds }: { rows: number; row: number; seconds: number },
): void {
  const count = (value: number) => Math.round(value).toLocaleString("en-US")
  const layers = (model: LayersModel) =>
    model.layers.filter(layer => layer.getClassName() !== "InputLayer").length
  const mib = (rows * row * 4) / 2 ** 20
  console.log(
    `features: ${count(rows)} rows of ${count(row)} in ${seconds.toPrecision(2)} s (${mib.toPrecision(2)} MiB); ` +
      `each step runs ${layers(head)} of ${layers(base) + layers(head)} layers, ${count(head.countParams())} of ${count(base.countParams() + head.countParams())} weights`,
  )
}
