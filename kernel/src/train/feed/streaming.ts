// Batches for tfjs's fitDataset from a source that is read anew each epoch: its shards in an order of their own each epoch,
// the next rows read while the device works, and rows drawn at random from a buffer that is refilled as they leave. The order
// depends on the seed, the epoch and the number of shards only.

import { ahead } from "./ahead.js"
import type { BatchSource, SourceBatch } from "./BatchSource.js"
import { type FeedOptions, ofEpoch, type TfDataset, type TrainBatch, weighed } from "./dataset.js"
import type { RowMaker, Rows } from "./RowMaker.js"
import { shuffle } from "./random.js"
import { ownRows } from "./share.js"

/** Rows the shuffle buffer holds where nobody says: enough to mix some shards, small enough for any machine; fewer of wide rows. */
const bufferRows = 65_536
const bufferBytes = 256 << 20
const partRows = 16_384
const partBytes = 64 << 20

export interface Shaping {
  readonly maker: RowMaker
  toTensors(rows: Rows): TrainBatch
}

/** `shards`: what the source can be cut into, in its order. */
export function streamDataset(
  shards: readonly BatchSource[],
  shaping: Shaping,
  rows: number,
  options: FeedOptions,
): TfDataset {
  const place = { epoch: 0, skip: 0, rows: 0 }
  return {
    place,
    size: Math.ceil(rows / options.batchSize),
    async iterator() {
      const batches = shuffledRows(shards, shaping.maker, options, ofEpoch(options.seed, place.epoch))
      let { skip } = place
      return {
        async next() {
          for (; skip > 0; skip--) await batches.next()
          const { done, value } = await batches.next()
          if (done) return { done: true, value: null }
          place.rows = value.count
          return { done: false, value: weighed(shaping.toTensors(ownRows(value, options.share))) }
        },
        async close() {
          await batches.return(undefined)
        },
      }
    },
  }
}

/** All rows of one epoch, a batch at a time. */
export async function* shuffledRows(
  shards: readonly BatchSource[],
  maker: RowMaker,
  { batchSize, shuffle: mixing, buffer: asked }: FeedOptions,
  random: () => number,
): AsyncGenerator<Rows, undefined> {
  const rowBytes = 4 * maker.width
  const fitting = Math.min(bufferRows, Math.max(batchSize, Math.floor(bufferBytes / rowBytes)))
  const keep = mixing ? (asked ?? fitting) : 0
  const part = Math.min(partRows, Math.max(1, Math.floor(partBytes / rowBytes)))
  const buffer = new RowBuffer(maker, keep + batchSize + part)
  const draw = (count: number) => (mixing ? buffer.drawRandom(count, random) : buffer.drawOldest(count))
  const order = mixing ? permuted(shards, random) : shards
  for await (const batch of ahead(oneByOne(order, part))) {
    const made = maker.make(batch, { weights: true })
    maker.normalise(made.x)
    buffer.add(made)
    while (buffer.held - keep >= batchSize) yield draw(batchSize)
  }
  while (buffer.held > 0) yield draw(Math.min(batchSize, buffer.held))
  return undefined
}

function permuted<T>(list: readonly T[], random: () => number): readonly T[] {
  const order = Int32Array.from(list, (_, i) => i)
  shuffle(order, random)
  return Array.from(order, i => list[i]!)
}

async function* oneByOne(sources: readonly BatchSource[], rows: number): AsyncGenerator<SourceBatch> {
  for (const source of sources) yield* source.batches(rows)
}

/** Rows that wait to be drawn. */
class RowBuffer {
  held = 0
  readonly #width: number
  #x: Float32Array
  #y: Float32Array
  #w: Float32Array | undefined

  constructor({ width, weighs }: RowMaker, capacity: number) {
    this.#width = width
    this.#x = new Float32Array(capacity * width)
    this.#y = new Float32Array(capacity)
    this.#w = weighs ? new Float32Array(capacity) : undefined
  }

  add({ count, x, y, w }: Rows): void {
    this.#grow(this.held + count)
    this.#x.set(x, this.held * this.#width)
    this.#y.set(y, this.held)
    this.#w?.set(w!, this.held)
    this.held += count
  }

  /** Random rows; the last one held takes the place of each. */
  drawRandom(count: number, random: () => number): Rows {
    const drawn = this.#blank(count)
    const width = this.#width
    for (let i = 0; i < count; i++) {
      const from = Math.floor(random() * this.held)
      this.#copy(from, drawn, i)
      this.held--
      this.#x.copyWithin(from * width, this.held * width, (this.held + 1) * width)
      this.#y[from] = this.#y[this.held]!
      if (this.#w !== undefined) this.#w[from] = this.#w[this.held]!
    }
    return drawn
  }

  drawOldest(count: number): Rows {
    const drawn = this.#blank(count)
    for (let i = 0; i < count; i++) this.#copy(i, drawn, i)
    this.#x.copyWithin(0, count * this.#width, this.held * this.#width)
    this.#y.copyWithin(0, count, this.held)
    this.#w?.copyWithin(0, count, this.held)
    this.held -= count
    return drawn
  }

  #blank(count: number): Rows {
    const w = this.#w && new Float32Array(count)
    return { count, x: new Float32Array(count * this.#width), y: new Float32Array(count), w }
  }

  #copy(from: number, to: Rows, at: number): void {
    const width = this.#width
    to.x.set(this.#x.subarray(from * width, (from + 1) * width), at * width)
    to.y[at] = this.#y[from]!
    if (this.#w !== undefined) to.w![at] = this.#w[from]!
  }

  /** A source may give more rows at once than it was asked for. */
  #grow(rows: number): void {
    if (rows <= this.#y.length) return
    const grown = (old: Float32Array, size: number) => {
      const larger = new Float32Array(size)
      larger.set(old)
      return larger
    }
    this.#x = grown(this.#x, rows * this.#width)
    this.#y = grown(this.#y, rows)
    this.#w = this.#w && grown(this.#w, rows)
  }
}
