// Several devices that train one model together. While a mesh runs, every program of TensorFlow.js is one that XLA cuts for
// its devices: batches are cut along `data`, so each device computes its rows and XLA sums the gradients up; weights that
// are cut along `model` are computed with where they lie. Results are those of one device: a loss is that of the whole
// batch, and batch normalisation sees all of its rows.

import type { MeshDevice } from "../../device/Device.js"
import { type MeshAxes, meshText, Sharding } from "../../device/sharding.js"
import { displaySymbol, type MimeBundle } from "../../display.js"
import { fail } from "../../errors.js"
import { ensureBackend } from "../backend.js"
import { activeXla } from "../install.js"
import { loadTf } from "../tf.js"
import type { Value } from "../Value.js"
import type { XlaBackend } from "../XlaBackend.js"
import type { Layout } from "./Layout.js"
import { type PlacedModel, type PlaceOptions, placesOf } from "./places.js"
import { sampleMesh } from "./sample.js"
import { type LayerCut, layerCuts, weightCuts } from "./weightCuts.js"

type Tensor = import("@tensorflow/tfjs").Tensor
type Layer = import("@tensorflow/tfjs").layers.Layer

export interface MeshOptions {
  /**
   * ZeRO-1: what the optimizer keeps of each weight (Adam: two numbers a weight) is cut over the `data` devices instead of
   * copied to each, unless it is cut along `model` already. Default false.
   */
  readonly shardOptimizer?: boolean
}

/** The mesh that `train`'s options ask for; undefined for one device. */
export function meshOf({
  devices,
  mesh: given,
  shardOptimizer,
}: {
  readonly devices?: number | "all" | undefined
  readonly mesh?: Mesh | undefined
  readonly shardOptimizer?: boolean | undefined
}): Mesh | undefined {
  if (given !== undefined) return given
  const count = devices === "all" ? (activeXla(loadTf())?.device.count ?? 1) : (devices ?? 1)
  if (count > 1) return new Mesh({ data: count }, { shardOptimizer: shardOptimizer === true })
  return undefined
}

/** What one device of a mesh holds, bytes. */
export interface DeviceMemory {
  readonly device: string
  readonly used: number
  readonly peak: number
}

export class Mesh {
  readonly #shardOptimizer: boolean
  readonly #cuts = new Map<Layer, LayerCut>()

  constructor(
    /** Devices along each axis. */
    readonly axes: MeshAxes,
    { shardOptimizer = false }: MeshOptions = {},
  ) {
    this.#shardOptimizer = shardOptimizer
  }

  /**
   * Runs `work` with everything on the mesh, and goes back to one device after it. Weights stay what they are: their memory
   * follows.
   *
   * @throws MESH_TOO_LARGE when there are fewer devices; MESH_BUSY inside another mesh; MESH_NEEDS_XLA without a plugin
   * @example await mesh({ data: 2 }).run(() => model.fit(x, y, { epochs: 3, batchSize: 128 }))
   */
  async run<T>(work: () => Promise<T> | T): Promise<T> {
    const { reason } = await ensureBackend()
    const tf = loadTf()
    const backend = activeXla(tf)
    if (backend?.device.mesh === undefined) {
      if (backend?.cutter.layout !== undefined) throw fail("MESH_BUSY", { mesh: meshText(this.axes) })
      throw fail("MESH_NEEDS_XLA", { reason: reason ?? `backend ${tf.getBackend()} is selected` })
    }
    const { device } = backend
    const layout = new MeshLayout(backend, device.mesh!(this.axes), this)
    backend.moveTo(layout.device, layout)
    const stop = sampleMesh(layout.device)
    try {
      return await work()
    } finally {
      stop()
      backend.moveTo(device)
      backend.leaveOthers()
    }
  }

  /**
   * Says how the weights of one layer are cut along `model`, in place of the rule: dense layers in pairs, the first by columns
   * (what it gives), the second by rows (what it takes); embeddings by rows; all others whole. Gives the mesh back.
   *
   * @throws BAD_VALUE
   * @example mesh({ model: 2 }).cut(model.layers[0], "whole")
   */
  cut(layer: Layer, cut: LayerCut): this {
    if (!layerCuts.includes(cut))
      throw fail("BAD_VALUE", {
        where: "mesh.cut",
        name: "cut",
        value: String(cut),
        fix: `Give one of ${layerCuts.join(", ")}.`,
      })
    // XLA's partitioner (2026-06) crashes on some programs whose embeddings are cut by columns.
    if (cut === "columns" && layer.getClassName() === "Embedding")
      throw fail("BAD_VALUE", {
        where: "mesh.cut",
        name: layer.name,
        value: "an embedding, cut by columns",
        fix: 'Embeddings are cut by "rows", or stay "whole".',
      })
    this.#cuts.set(layer, cut)
    return this
  }

  /** @internal */
  placing(model: PlacedModel): PlaceOptions {
    const devices = this.axes.model ?? 1
    const cuts = devices > 1 ? weightCuts(model.layers ?? [], devices, this.#cuts) : new Map()
    return { shardOptimizer: this.#shardOptimizer, cuts }
  }

  /** What each device of this process holds now, of everything that lives there; empty outside `run`. */
  memory(): readonly DeviceMemory[] {
    const device = activeXla(loadTf())?.device as MeshDevice | undefined
    if (device?.memoryOfEach === undefined) return []
    const name = (i: number) => device.deviceIds[device.ownPlaces[i]!]!
    return device.memoryOfEach().map(({ used, peak }, i) => ({ device: name(i), used, peak }))
  }

  [displaySymbol](): MimeBundle {
    return { "text/plain": `mesh ${meshText(this.axes)}${this.#shardOptimizer ? ", optimizer sharded" : ""}` }
  }
}

/** While the mesh runs: which models are trained there, and so where their variables lie. */
class MeshLayout implements Layout {
  readonly #models = new Map<PlacedModel, PlaceOptions>()
  readonly #rows: Sharding

  constructor(
    private readonly backend: XlaBackend,
    readonly device: MeshDevice,
    private readonly mesh: Mesh,
  ) {
    this.#rows = new Sharding(device.axes, ["data"])
  }

  /** A batch that does not divide is computed whole by each device: the same result, without the gain. */
  enter(model: object, batch: readonly Tensor[]): void {
    const placed = model as PlacedModel
    if (!this.#models.has(placed)) this.#models.set(placed, this.mesh.placing(placed))
    if (!this.#rows.isReplicated) for (const tensor of batch) this.backend.spread(tensor.dataId, this.#rows)
  }

  placed(): ReadonlyMap<Value, Sharding> {
    const places = new Map<Value, Sharding>()
    for (const [model, options] of this.#models) {
      for (const [variable, sharding] of placesOf(loadTf(), model, this.device.axes, options))
        places.set(this.backend.value(variable.dataId), sharding)
    }
    return places
  }
}

/**
 * Devices that train together: `data` devices share the rows of a batch, `model` devices the weights of a layer. On a CPU
 * the devices are virtual, as many as you like, and bring no speed: they are for learning and for tests.
 *
 * @throws BAD_VALUE for an axis of another name or a size that is no whole number
 * @example await mesh({ data: 2 }).run(() => model.fit(x, y, { epochs: 3, batchSize: 128 }))
 */
export function mesh(axes: { readonly data?: number; readonly model?: number }, options?: MeshOptions): Mesh {
  for (const [name, size] of Object.entries(axes)) {
    if (name !== "data" && name !== "model")
      throw fail("BAD_VALUE", { where: "mesh", name, value: size, fix: "The axes are `data` and `model`." })
    if (!(Number.isSafeInteger(size) && size > 0))
      throw fail("BAD_VALUE", { where: "mesh", name, value: size, fix: "Give a whole number from 1 on." })
  }
  return new Mesh({ ...axes }, options)
}
