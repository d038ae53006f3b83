// Batches that are rows of whole tensors on the device: once a step that gathers them is captured, a batch is its row
// numbers and nothing else. Here is where those numbers stand among the memory that such a step reads.

import type { Node } from "../../ir/node.js"
import { currentPrecision } from "../currentPrecision.js"
import { Leaf, leafOf } from "../Value.js"
import type { XlaBackend } from "../XlaBackend.js"
import type { Batch } from "./batch.js"

type Tensor = import("@tensorflow/tfjs").Tensor

/** What a batch was gathered from, and by which row numbers (int32, one a row). */
export interface Picked {
  readonly whole: readonly Tensor[]
  readonly rows: Tensor
}

/** A kind of batch, for as long as the tensors that it is gathered from are the same memory. */
export class Pick {
  private readonly nodes: readonly (Node | undefined)[]
  private readonly precision = currentPrecision()

  private constructor(
    readonly kind: string,
    private readonly whole: readonly Tensor[],
    private readonly leaves: readonly Leaf[],
    /** Of the leaves: the row numbers. */
    private readonly at: number,
    backend: XlaBackend,
  ) {
    this.nodes = whole.map(({ dataId }) => backend.value(dataId).node)
  }

  /** Undefined when a step does not read its row numbers from memory of their own. */
  static of(backend: XlaBackend, { whole, rows }: Picked, { key, leaves }: Batch): Pick | undefined {
    const node = backend.value(rows.dataId).node
    const at = node === undefined ? -1 : leaves.indexOf(leafOf(node)!)
    return at < 0 ? undefined : new Pick(key, whole, leaves, at, backend)
  }

  holds(backend: XlaBackend, whole: readonly Tensor[]): boolean {
    if (whole.length !== this.whole.length || this.precision !== currentPrecision()) return false
    for (const [i, tensor] of whole.entries()) {
      if (tensor !== this.whole[i] || tensor.isDisposed) return false
      if (backend.value(tensor.dataId).node !== this.nodes[i]) return false
    }
    return true
  }

  /** The batch of other rows; whoever takes it releases its `rows`. */
  batch(rows: Int32Array): Batch & { readonly rows: Leaf } {
    const leaf = new Leaf({ dtype: "i32", shape: [rows.length] }, { host: rows })
    leaf.owners = 1
    return { key: this.kind, leaves: this.leaves.with(this.at, leaf), rows: leaf }
  }
}
