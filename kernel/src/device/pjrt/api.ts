// A loaded plugin as callable functions. `call` gives a function with an argument struct of its own, to be filled and
// invoked again and again; an error that C returns becomes a thrown PjrtError. Not the client: nothing here knows devices.

import type { KoffiFunc, TypeObject } from "koffi"
import { loadKoffi } from "../../koffi.js"
import {
  apiLayout,
  type FieldOf,
  type FunctionName,
  functions,
  namedValueLayout,
  namedValueTypes,
} from "./layout.js"
import { allocate, type Block, type Koffi, readText, readWords } from "./memory.js"

/** What a plugin returned instead of success: its code (absl's) and the first line of its text. */
export class PjrtError extends Error {
  override readonly name = "PjrtError"
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message)
  }
}

/** Argument structs are larger than any plugin's own: a plugin accepts that, and refuses smaller ones. */
const argsBytes = 512

type Native = KoffiFunc<(args: number) => number>

/** One function of the API and its argument struct. Not reentrant: read the results before the next `invoke`. */
export class Call<F extends FunctionName> {
  readonly #words: BigUint64Array
  readonly #address: number
  readonly #fields: Readonly<Record<string, number>>
  // biome-ignore lint/correctness/noUnusedPrivateClassMembers: it keeps the memory alive that the native side points to
  #pointed: readonly unknown[] = []

  constructor(
    private readonly api: PjrtApi,
    readonly native: Native,
    name: F,
    block: Block,
  ) {
    this.#words = block.words
    this.#address = block.address
    this.#fields = functions[name].fields
    this.#words[0] = BigInt(argsBytes)
  }

  get address(): number {
    return this.#address
  }

  /** Writes a field; 32-bit fields are followed by padding, so a whole word is right for them too. */
  set(field: FieldOf<F>, value: bigint | number): this {
    this.#words[this.#fields[field]! >> 3] = typeof value === "bigint" ? value : BigInt(value)
    return this
  }

  /** Holds on to what the fields point to, for as long as this call is in use. */
  keep(...pointed: readonly unknown[]): this {
    this.#pointed = pointed
    return this
  }

  get(field: FieldOf<F>): bigint {
    return this.#words[this.#fields[field]! >> 3]!
  }

  /** A field of 32 bits, or a count. */
  int(field: FieldOf<F>): number {
    return Number(BigInt.asIntN(32, this.get(field)))
  }

  /** A field of one byte; the rest of its word may hold anything. */
  flag(field: FieldOf<F>): boolean {
    return (this.get(field) & 0xffn) !== 0n
  }

  invoke(): this {
    const error = this.native(this.#address)
    if (error !== 0) throw this.api.takeError(error)
    return this
  }

  /** The same on a thread of libuv's pool. Nothing may be set or read meanwhile. */
  invokeAsync(): Promise<this> {
    return new Promise((resolve, reject) => {
      this.native.async(this.#address, (failure: unknown, error: number) => {
        if (failure) reject(failure)
        else if (error !== 0) reject(this.api.takeError(error))
        else resolve(this)
      })
    })
  }
}

export class PjrtApi {
  /** 0 so far; another number is another API. */
  readonly major: number
  readonly minor: number
  readonly #table: BigUint64Array
  readonly #prototype: TypeObject
  #deleter: TypeObject | undefined

  constructor(
    readonly koffi: Koffi,
    address: bigint,
  ) {
    const head = readWords(koffi, address, 5)
    const version = head[apiLayout.minorVersion >> 3]!
    this.major = Number(version & 0xffffffffn)
    this.minor = Number(version >> 32n)
    this.#table = readWords(koffi, address, Number(head[0]) >> 3)
    this.#prototype = koffi.proto("uintptr_t", ["uintptr_t"])
  }

  call<F extends FunctionName>(name: F): Call<F> {
    const pointer = this.#table[functions[name].slot >> 3]
    if (!pointer) throw new PjrtError(12, `the plugin has no PJRT_${name}`)
    const native = this.koffi.decode(pointer, this.#prototype) as Native
    return new Call(this, native, name, allocate(this.koffi, argsBytes))
  }

  /** Calls a C function of one pointer that the plugin handed out, such as a deleter. */
  callBack(pointer: bigint, argument: bigint): void {
    if (pointer === 0n) return
    this.#deleter ??= this.koffi.proto("void", ["uintptr_t"])
    const native = this.koffi.decode(pointer, this.#deleter) as (argument: bigint) => void
    native(argument)
  }

  /** A C function that calls `listener(error, context)` on the JS thread, whichever thread calls it. */
  registerReady(listener: (error: number, context: number) => void): bigint {
    const prototype = this.koffi.proto("void", ["uintptr_t", "uintptr_t"])
    return this.koffi.register(listener, this.koffi.pointer(prototype))
  }

  /** Reads and frees a `PJRT_Error*`. */
  takeError(error: number): PjrtError {
    const text = this.call("Error_Message").set("error", error)
    text.native(text.address)
    const message = readText(this.koffi, text.get("message"), Number(text.get("size")))
    const code = this.call("Error_GetCode").set("error", error)
    code.native(code.address)
    const destroy = this.call("Error_Destroy").set("error", error)
    destroy.native(destroy.address)
    return new PjrtError(code.int("code"), firstLine(message))
  }

  /** Integers and lists of integers among the plugin's attributes, by name. */
  attributes(): Map<string, readonly number[]> {
    const call = this.call("Plugin_Attributes").invoke()
    const stride = namedValueLayout.size >> 3
    const words = readWords(this.koffi, call.get("attributes"), Number(call.get("count")) * stride)
    const found = new Map<string, readonly number[]>()
    for (let at = 0; at < words.length; at += stride) {
      const field = (offset: number) => words[at + (offset >> 3)]!
      const name = readText(
        this.koffi,
        field(namedValueLayout.name),
        Number(field(namedValueLayout.nameSize)),
      )
      const type = Number(field(namedValueLayout.type) & 0xffffffffn)
      const value = field(namedValueLayout.value)
      if (type === namedValueTypes.int64) found.set(name, [Number(value)])
      else if (type === namedValueTypes.int64List) {
        const size = Number(field(namedValueLayout.valueSize))
        found.set(name, Array.from(readWords(this.koffi, value, size), Number))
      }
    }
    return found
  }
}

/** A plugin must stay loaded for the life of the process: koffi unloads a library that is garbage-collected. */
const loaded: unknown[] = []

/** Loads the library and reads its API. Its own messages stay off stderr: XLA reads the level when it starts. */
export function loadApi(path: string): PjrtApi {
  process.env.TF_CPP_MIN_LOG_LEVEL ??= "3"
  const koffi = loadKoffi()
  const library = koffi.load(path)
  loaded.push(library)
  const address = library.func("GetPjrtApi", "void*", [])() as bigint
  return new PjrtApi(koffi, address)
}

/** XLA adds stack and version traces below the line that says what was wrong. */
function firstLine(message: string): string {
  return message.split("\n", 1)[0]!.trim().replace(/\.$/, "")
}
