// `PJRT_Client_Create` with its options. Not the client: client.ts keeps what this makes.

import type { CreateOptions, CreateValue } from "../deviceOptions.js"
import type { Callbacks } from "../world/World.js"
import type { PjrtApi } from "./api.js"
import { namedValueLayout, namedValueTypes } from "./layout.js"
import { allocate, allocateText, type Block, type Koffi } from "./memory.js"

interface Encoded {
  readonly type: number
  readonly word: bigint
  /** How many values, or bytes of text. */
  readonly size: number
  /** What the word points to. */
  readonly pointed?: unknown
}

/** The handle of a new client. `callbacks` are for one that spans processes; it keeps them as long as it lives. */
export function createClient(api: PjrtApi, options: CreateOptions, callbacks?: Callbacks): bigint {
  const { block, kept, count } = namedValues(api.koffi, options)
  const create = api.call("Client_Create").keep(block, kept)
  if (callbacks !== undefined)
    create.set("kvGet", callbacks.get).set("kvPut", callbacks.put).set("kvTryGet", callbacks.tryGet)
  return create.set("options", block.address).set("optionCount", count).invoke().get("client")
}

/** An array of `PJRT_NamedValue`, and what has to live as long as it. */
export function namedValues(
  koffi: Koffi,
  options: CreateOptions,
): { block: Block; kept: readonly unknown[]; count: number } {
  const entries = Object.entries(options)
  const block = allocate(koffi, entries.length * namedValueLayout.size)
  const kept: unknown[] = []
  for (const [i, [name, value]] of entries.entries()) {
    const text = allocateText(koffi, name)
    const encoded = encode(koffi, value)
    kept.push(text, encoded.pointed)
    const set = (offset: number, word: number | bigint) => {
      block.words[(i * namedValueLayout.size + offset) >> 3] = BigInt(word)
    }
    set(0, namedValueLayout.size)
    set(namedValueLayout.name, text.address)
    set(namedValueLayout.nameSize, text.bytes.length)
    set(namedValueLayout.type, encoded.type)
    set(namedValueLayout.value, encoded.word)
    set(namedValueLayout.valueSize, encoded.size)
  }
  return { block, kept, count: entries.length }
}

function encode(koffi: Koffi, value: CreateValue): Encoded {
  if (typeof value === "boolean") return { type: namedValueTypes.bool, word: value ? 1n : 0n, size: 1 }
  if (typeof value === "number")
    return { type: namedValueTypes.int64, word: BigInt.asUintN(64, BigInt(value)), size: 1 }
  if (typeof value === "string") {
    const text = allocateText(koffi, value)
    return {
      type: namedValueTypes.string,
      word: BigInt(text.address),
      size: text.bytes.length,
      pointed: text,
    }
  }
  if ("float" in value) {
    const bits = new Uint32Array(Float32Array.of(value.float).buffer)[0]!
    return { type: namedValueTypes.float, word: BigInt(bits), size: 1 }
  }
  const list = allocate(koffi, 8 * value.length)
  for (const [i, item] of value.entries()) list.words[i] = BigInt.asUintN(64, BigInt(item))
  return {
    type: namedValueTypes.int64List,
    word: BigInt(list.address),
    size: value.length,
    pointed: list,
  }
}
