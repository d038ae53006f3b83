// PNG and JPEG files as pixels, decoded in worker threads: against Pillow's own decoding and resizing, from bytes and from
// paths, trained on and fed again by the recipe; files that are none.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { compress } from "../../kernel/lib/compress/compress.js"
import { ensureBackend } from "../../kernel/lib/train/backend.js"
import { fromColumns, type SourceBatch } from "../../kernel/lib/train/feed/BatchSource.js"
import { imageShape } from "../../kernel/lib/train/feed/images/ImageOptions.js"
import { imageSource } from "../../kernel/lib/train/feed/images/imageSource.js"
import { loadTf } from "../../kernel/lib/train/tf.js"
import { train } from "../../kernel/lib/train/train.js"

interface Golden {
  readonly name: string
  readonly base64: string
  /** By `height x width x channels`. */
  readonly resized: Readonly<Record<string, readonly number[]>>
}
const { images } = JSON.parse(readFileSync(join(import.meta.dirname, "images.json"), "utf8")) as {
  images: Golden[]
}
const bytesOf = (name: string) =>
  new Uint8Array(Buffer.from(images.find(image => image.name === name)!.base64, "base64"))
const folder = mkdtempSync(join(tmpdir(), "shardlab-images-"))
beforeAll(() => ensureBackend())
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function pixels(columns: Record<string, ArrayLike<unknown>>, size: [number, number], channels: 1 | 3) {
  const shape = imageShape({ column: "photo", size, channels })
  const batches: SourceBatch[] = []
  for await (const batch of imageSource(fromColumns(columns), shape, { where: "train" }).batches())
    batches.push(batch)
  return batches.flatMap(batch => Array.from(batch.columns.photo as ArrayLike<Uint8Array | null>))
}

const cases = images.flatMap(image => Object.keys(image.resized).map(key => [image.name, key] as const))
test.each(cases)("%s at %s is what Pillow makes of it", async (name, key) => {
  const [height, width, channels] = key.split("x").map(Number) as [number, number, 1 | 3]
  const [found] = await pixels({ photo: [bytesOf(name)] }, [height, width], channels)
  const wanted = images.find(image => image.name === name)!.resized[key]!
  const worst = Math.max(...wanted.map((value, i) => Math.abs(value - found![i]!)))
  // Pillow rounds once more between the two directions; JPEG decoders may differ by a little.
  expect(worst).toBeLessThanOrEqual(name.endsWith(".jpg") ? 4 : 1)
})

test("paths and bytes give the same, gaps stay gaps, and the order is that of the rows", async () => {
  const path = join(folder, "colour.png")
  writeFileSync(path, bytesOf("colour.png"))
  const photo = Array.from({ length: 23 }, (_, i) =>
    i === 5 ? null : i % 3 === 0 ? path : bytesOf(i % 3 === 1 ? "colour.png" : "photo.jpg"),
  )
  const found = await pixels({ photo }, [4, 5], 3)
  expect(found).toHaveLength(23)
  expect(found[5]).toBeNull()
  expect(found[3]).toEqual(found[1])
  expect(found[2]).not.toEqual(found[1])
})

test.each([
  [
    "no image",
    Buffer.from("hello world"),
    /row 2 \(from 0\) of column `photo`.*neither PNG nor JPEG \(it begins with 68656c6c/,
  ],
  ["nothing", new Uint8Array(0), /row 2 .*it is empty/],
  ["half a PNG", bytesOf("colour.png").subarray(0, 60), /row 2 .*no image that can be read/],
  ["no file", "/nowhere/a.png", /row 2 .*ENOENT.*\/nowhere\/a.png/],
  ["a number", 7, /row 2 .*a number, not bytes and no path/],
])("%s is said by row and column, and the threads go on", async (_, bad, message) => {
  const fine = bytesOf("grey.png")
  await expect(pixels({ photo: [fine, fine, bad, fine] }, [4, 4], 1)).rejects.toThrow(message)
  expect(await pixels({ photo: [fine] }, [4, 4], 1)).toHaveLength(1)
})

test("a training on files, on the device and streamed; compression feeds the same rows by the recipe", async () => {
  const tf = loadTf()
  const photo = Array.from({ length: 60 }, (_, i) => bytesOf(i % 2 === 0 ? "colour.png" : "grey.png"))
  const kind = photo.map((_, i) => (i % 2 === 0 ? "colour" : "grey"))
  const data = fromColumns({ photo, kind })
  const made = () => {
    const initializer = (seed: number) => tf.initializers.glorotUniform({ seed })
    const model = tf.sequential({
      layers: [
        tf.layers.conv2d({
          inputShape: [8, 8, 3],
          filters: 4,
          kernelSize: 3,
          activation: "relu",
          kernelInitializer: initializer(1),
        }),
        tf.layers.flatten(),
        tf.layers.dense({ units: 2, activation: "softmax", kernelInitializer: initializer(2) }),
      ],
    })
    model.compile({
      optimizer: tf.train.adam(0.02),
      loss: "sparseCategoricalCrossentropy",
      metrics: ["accuracy"],
    })
    return model
  }
  const options = {
    data,
    label: "kind",
    images: { column: "photo", size: 8 },
    batchSize: 20,
    epochs: 5,
    shuffle: false,
  }
  const model = made()
  const run = await train(model, options)
  expect(run.history.acc!.at(-1)).toBe(1)
  expect(run.recipe).toMatchObject({ images: { column: "photo", height: 8, width: 8, channels: 3 } })
  expect(run.recipe!.features[0]!.scale).toBeCloseTo(1 / 255, 10)
  const streamed = await train(made(), { ...options, stream: true })
  expect(streamed.history.loss!.at(-1)).toBeCloseTo(run.history.loss!.at(-1)!, 5)
  const small = await compress(model, { to: "int8", calibrate: data, evaluate: data })
  expect(small.report.rows.map(({ score }) => score)).toEqual([1, 1])
})

test.each([
  [{ column: "photo" }, /`images.size` is missing.*size: 32/],
  [{ column: "photo", size: 8, channels: 2 }, /`images.channels` is 2/],
  [{ colum: "photo", size: 8 }, /no option `colum`.*Did you mean `column`/],
])("%j is refused", (options, message) => {
  expect(() => imageShape(options as never)).toThrow(message)
})
