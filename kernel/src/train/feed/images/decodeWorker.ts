// A worker thread that decodes PNG and JPEG files and resizes them. Answers each message with the pixels of all its images,
// or with the first that is none. Only threads run this file: ImageDecoder.ts starts them.

import { readFileSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { pathToFileURL } from "node:url"
import { parentPort } from "node:worker_threads"
import { type Pixels, resized } from "./resize.js"

export interface DecodeCall {
  readonly id: number
  /** Bytes of a file, or its path. */
  readonly images: readonly (Uint8Array | string)[]
  readonly height: number
  readonly width: number
  readonly channels: 1 | 3
}
export type DecodeAnswer =
  | { readonly id: number; readonly pixels: Uint8Array }
  | { readonly id: number; readonly index: number; readonly problem: string }

/** As much as we use of the two codecs, which are loaded when their first image comes. */
interface Codec {
  init(module: object): Promise<unknown>
  default(bytes: ArrayBuffer): Promise<Pixels>
}

const require = createRequire(import.meta.url)
/** Typed by the DOM's library only. */
const { Module } = (globalThis as unknown as { WebAssembly: { Module: new (bytes: Uint8Array) => object } })
  .WebAssembly
const codecs = new Map<string, Promise<Codec>>()

function codec(name: "jpeg" | "png", wasm: string): Promise<Codec> {
  const known = codecs.get(name)
  if (known !== undefined) return known
  const loading = (async () => {
    const folder = dirname(require.resolve(`@jsquash/${name}/package.json`))
    const loaded = (await import(pathToFileURL(join(folder, "decode.js")).href)) as Codec
    await loaded.init(new Module(readFileSync(join(folder, wasm))))
    return loaded
  })()
  codecs.set(name, loading)
  return loading
}

async function decoded(image: Uint8Array | string): Promise<Pixels> {
  const bytes = typeof image === "string" ? await readFile(image) : image
  // A copy of its own: the codecs take whole buffers.
  const buffer = new Uint8Array(bytes).buffer
  const begins = (...magic: number[]) => magic.every((byte, i) => bytes[i] === byte)
  if (begins(0x89, 0x50, 0x4e, 0x47))
    return (await codec("png", "codec/pkg/squoosh_png_bg.wasm")).default(buffer)
  if (begins(0xff, 0xd8, 0xff)) return (await codec("jpeg", "codec/dec/mozjpeg_dec.wasm")).default(buffer)
  const first = Buffer.from(bytes.subarray(0, 8)).toString("hex")
  throw new TypeError(
    bytes.length === 0 ? "it is empty" : `it is neither PNG nor JPEG (it begins with ${first})`,
  )
}

async function answer({ id, images, ...shape }: DecodeCall): Promise<DecodeAnswer> {
  const size = shape.height * shape.width * shape.channels
  const pixels = new Uint8Array(images.length * size)
  for (const [index, image] of images.entries()) {
    try {
      pixels.set(resized(await decoded(image), shape), index * size)
    } catch (error) {
      return { id, index, problem: error instanceof Error ? error.message : String(error) }
    }
  }
  return { id, pixels }
}

parentPort!.on("message", async (call: DecodeCall) => {
  const result = await answer(call)
  parentPort!.postMessage(result, "pixels" in result ? [result.pixels.buffer as ArrayBuffer] : [])
})
