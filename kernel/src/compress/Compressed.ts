// A compressed network: its file, the float32 file it was made from, what both measured, and a way to run it. Rows go in
// as the network takes them; what the training did to a table's columns is not part of the file.

import { renameSync, rmSync, writeFileSync } from "node:fs"
import { extname, resolve } from "node:path"
import { displaySymbol, type MimeBundle } from "../display.js"
import { fail } from "../errors.js"
import { loadTf } from "../train/tf.js"
import { type Network, runNetwork } from "./measure/compareScores.js"
import type { Report } from "./Report.js"
import { openSession, type Rows } from "./runtime/Session.js"
import { rowSize } from "./samples.js"
import { fits } from "./tensorSamples.js"

type Tensor = import("@tensorflow/tfjs").Tensor

export interface CompressedFields {
  readonly report: Report
  readonly bytes: Uint8Array
  readonly float32: Uint8Array
  readonly border: Border
}

/** Names of the file's input and output, and the shape of a row. */
export interface Border {
  readonly input: string
  readonly output: string
  readonly shape: readonly (number | null)[]
}

let saved = 0

export class Compressed {
  readonly report: Report
  /** The compressed ONNX file. */
  readonly bytes: Uint8Array
  /** The float32 ONNX file. */
  readonly float32: Uint8Array
  readonly #border: Border
  #opening: Promise<Network> | undefined

  constructor({ report, bytes, float32, border }: CompressedFields) {
    this.report = report
    this.bytes = bytes
    this.float32 = float32
    this.#border = border
  }

  /**
   * Writes the compressed file: beside the target first, then by a rename, so that nobody reads half of it.
   *
   * @throws WRONG_EXTENSION, NOT_WRITABLE.
   * @example await small.save("digits.onnx")
   */
  async save(path: string): Promise<void> {
    const extension = extname(path)
    if (extension !== ".onnx") throw wrongExtension(path, extension)
    const target = resolve(path)
    const part = `${target}.${process.pid}-${++saved}.part`
    try {
      writeFileSync(part, this.bytes)
      renameSync(part, target)
    } catch (error) {
      throw fail("NOT_WRITABLE", { path, problem: (error as Error).message }, error)
    } finally {
      rmSync(part, { force: true })
    }
  }

  /**
   * Runs the compressed network on onnxruntime: rows as the model takes them, one after the other or as a tensor.
   *
   * @example const scores = await small.predict(images)
   */
  async predict(x: Float32Array | Tensor): Promise<Tensor> {
    const rows = x instanceof Float32Array ? this.#rowsOf(x) : await this.#rowsOfTensor(x)
    this.#opening ??= this.#open()
    const { data, shape } = await runNetwork(await this.#opening, rows)
    return loadTf().tensor(data, [...shape])
  }

  /** Frees the runtime's memory. A later `predict` opens it again. */
  async close(): Promise<void> {
    const opening = this.#opening
    this.#opening = undefined
    await (await opening)?.session.close()
  }

  [displaySymbol](): MimeBundle {
    return this.report[displaySymbol]()
  }

  async #open(): Promise<Network> {
    const session = await openSession(this.bytes, { threads: this.report.threads })
    return { session, input: this.#border.input, output: this.#border.output }
  }

  #rowsOf(data: Float32Array): Rows {
    const { shape } = this.#border
    const row = shape.map(length => length ?? 1)
    const count = data.length / rowSize(row)
    if (shape.includes(null) || !Number.isInteger(count) || count === 0)
      throw this.#wrongRows(`${data.length} numbers`)
    return { shape: [count, ...row], data }
  }

  async #rowsOfTensor(x: Tensor): Promise<Rows> {
    if (!fits(x.shape.slice(1), this.#border.shape) || x.shape[0] === 0)
      throw this.#wrongRows(`of shape [${x.shape.join(", ")}]`)
    return { shape: x.shape, data: Float32Array.from(await x.data()) }
  }

  #wrongRows(value: string): Error {
    const shape = ["rows", ...this.#border.shape.map(length => length ?? "any")].join(", ")
    const fix = `Give a tensor of shape [${shape}], or the numbers of such rows one after the other.`
    return fail("BAD_VALUE", { where: "predict", name: "x", value, fix })
  }
}

function wrongExtension(path: string, extension: string): Error {
  const stem = path.slice(0, path.length - extension.length)
  const problem = extension === "" ? "has no extension" : `ends in \`${extension}\``
  return fail("WRONG_EXTENSION", { path, problem, supported: "`.onnx`", better: `${stem}.onnx` })
}
