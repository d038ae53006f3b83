// The thread that C calls for keys and values. Its functions are registered here and not on the JS thread: a C thread that
// calls one waits until this thread answers, also while the JS thread is inside a call of PJRT itself. Values are memory of
// libc, freed by libc's own `free`, which is the deleter that PJRT calls when it has copied them.

import { workerData } from "node:worker_threads"
import { loadKoffi } from "../../koffi.js"
import { keyValueLayout } from "../pjrt/layout.js"
import { answerOn, Caller, type Line } from "./calls.js"
import type { Asked, Told } from "./meetingThread.js"
import type { Answer } from "./Store.js"

export type Role = keyof typeof keyValueLayout

export interface CallbackData {
  readonly roles: readonly Role[]
  readonly line: Line
  /** Answered with where the functions are. */
  readonly ready: Line
}

const { roles, line, ready } = workerData as CallbackData
const koffi = loadKoffi()
const caller = Caller.on<Asked, Told>(line)
const libc = koffi.load("libc.so.6")
const malloc = libc.func("uintptr_t malloc(size_t)") as (size: number) => number | bigint
const free = koffi.address(libc.symbol("free", "char"))
const prototype = koffi.pointer(koffi.proto("uintptr_t", ["uintptr_t"]))
const callbackError = koffi.proto("uintptr_t", ["int", "uintptr_t", "size_t"])

function textAt(words: BigUint64Array, offset: number): string {
  return Buffer.from(bytesAt(words, offset)).toString()
}

/** A pointer and the length after it. */
function bytesAt(words: BigUint64Array, offset: number): Uint8Array {
  const size = Number(words[(offset >> 3) + 1])
  return size === 0 ? new Uint8Array(0) : new Uint8Array(koffi.view(words[offset >> 3]!, size)).slice()
}

/** Where `words` lie is the C side's: writing there is the answer. */
function answerTo(role: Role, words: BigUint64Array): number | bigint {
  const at = keyValueLayout[role]
  const key = textAt(words, at.key)
  const timeoutMs = "timeout" in at ? Number(BigInt.asIntN(32, words[at.timeout >> 3]!)) : undefined
  const value = role === "put" ? { value: bytesAt(words, keyValueLayout.put.value) } : {}
  const { answer } = caller.call({ op: role, key, timeoutMs, ...value })
  if (!answer!.ok) return errorOf(answer!, words[at.error >> 3]!)
  if ("deleter" in at) giveValue(words, at, answer!.value ?? new Uint8Array(0))
  return 0
}

function giveValue(
  words: BigUint64Array,
  at: { readonly value: number; readonly deleter: number },
  value: Uint8Array,
): void {
  // Never of no bytes: the deleter is called for an empty value too.
  const memory = BigInt(malloc(Math.max(value.length, 1)))
  if (value.length > 0) new Uint8Array(koffi.view(memory, value.length)).set(value)
  words[at.value >> 3] = memory
  words[(at.value >> 3) + 1] = BigInt(value.length)
  words[at.deleter >> 3] = BigInt(free)
}

/** A `PJRT_Error*`, which the plugin itself makes. */
function errorOf({ code, message }: Extract<Answer, { ok: false }>, pointer: bigint): number | bigint {
  const text = Buffer.from(new Uint8Array(new ArrayBuffer(4 * message.length + 8)).buffer)
  const size = text.write(message)
  const make = koffi.decode(koffi.decode(pointer, "uintptr_t"), callbackError) as (
    code: number,
    text: number | bigint,
    size: number,
  ) => number | bigint
  return make(code, koffi.address(text), size)
}

const pointers = roles.map(role =>
  koffi.register((args: number | bigint) => {
    const words = new BigUint64Array(koffi.view(BigInt(args), keyValueLayout[role].size))
    return answerTo(role, words)
  }, prototype),
)

// The port keeps the thread alive, which registered functions do not.
answerOn<"where", readonly bigint[]>(ready, async () => pointers)
