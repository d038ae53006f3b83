// StableHLO text to the handle of a loaded executable: from the disk when an earlier process compiled the same program,
// else by XLA, on this thread or on another. Not the executable: PjrtExecutable runs what the handle stands for.

import { createHash } from "node:crypto"
import { readFileSync, statSync } from "node:fs"
import { cpus } from "node:os"
import type { CompileCache } from "../compileCache.js"
import { type Call, PjrtError } from "./api.js"
import type { Client } from "./client.js"
import { partitioned, singleDevice } from "./compileOptions.js"
import { programLayout } from "./layout.js"
import { addressOf, allocate, allocateText, readBytes } from "./memory.js"

export interface Compiled {
  readonly handle: bigint
  /** True when it came from the disk. */
  readonly fromDisk: boolean
}

export interface CompilerOptions {
  /** The plugin's library. */
  readonly path: string
  /** What the client was created with. */
  readonly create: Readonly<Record<string, unknown>>
  /** None: every program is compiled. */
  readonly cache: CompileCache | undefined
}

export class Compiler {
  readonly #cache: CompileCache | undefined
  readonly #identity: string
  /** For one device, which among those of several processes has to be named. */
  readonly #alone: Uint8Array

  constructor(
    private readonly client: Client,
    { path, create, cache }: CompilerOptions,
  ) {
    this.#cache = cache
    this.#alone = client.span === undefined ? singleDevice : partitioned([client.deviceId(client.device)])
    this.#identity = cache === undefined ? "" : identityOf(client, path, create)
  }

  /** `options` are the bytes of a CompileOptionsProto. */
  compile(stablehlo: string, options: Uint8Array = this.#alone): Compiled {
    return this.client.attempt("compiling a program", () => {
      const key = this.#key(stablehlo, options)
      const kept = this.#load(key)
      if (kept !== undefined) return { handle: kept, fromDisk: true }
      const handle = this.#call(stablehlo, options).invoke().get("executable")
      this.#keep(key, handle)
      return { handle, fromDisk: false }
    })
  }

  /** The same while the event loop goes on. */
  async compileAsync(stablehlo: string, options: Uint8Array = this.#alone): Promise<Compiled> {
    const doing = "compiling a program"
    const key = this.#key(stablehlo, options)
    const kept = this.client.attempt(doing, () => this.#load(key))
    if (kept !== undefined) return { handle: kept, fromDisk: true }
    const call = this.client.attempt(doing, () => this.#call(stablehlo, options))
    try {
      await call.invokeAsync()
    } catch (error) {
      throw this.client.explain(doing, error)
    }
    const handle = call.get("executable")
    this.client.attempt(doing, () => this.#keep(key, handle))
    return { handle, fromDisk: false }
  }

  #call(stablehlo: string, options: Uint8Array): Call<"Client_Compile"> {
    const { api, handle } = this.client
    const code = allocateText(api.koffi, stablehlo)
    const format = allocateText(api.koffi, "mlir")
    const program = allocate(api.koffi, programLayout.size)
    program.words[0] = BigInt(programLayout.size)
    program.words[programLayout.code >> 3] = BigInt(code.address)
    program.words[programLayout.codeSize >> 3] = BigInt(code.bytes.length)
    program.words[programLayout.format >> 3] = BigInt(format.address)
    program.words[programLayout.formatSize >> 3] = BigInt(format.bytes.length)
    return api
      .call("Client_Compile")
      .keep(code, format, program, options)
      .set("client", handle)
      .set("program", program.address)
      .set("options", addressOf(api.koffi, options))
      .set("optionsSize", options.length)
  }

  #key(stablehlo: string, options: Uint8Array): string {
    if (this.#cache === undefined) return ""
    return createHash("sha256")
      .update(this.#identity)
      .update(`\0${Buffer.from(options).toString("hex")}\0`)
      .update(stablehlo)
      .digest("hex")
  }

  /** A kept program; what the plugin refuses is forgotten. */
  #load(key: string): bigint | undefined {
    const bytes = this.#cache?.read(key)
    if (bytes === undefined) return undefined
    const { api, handle } = this.client
    // In memory of its own: a small Buffer lies in Node's pool.
    const block = new Uint8Array(new ArrayBuffer(bytes.length))
    block.set(bytes)
    try {
      return api
        .call("Executable_DeserializeAndLoad")
        .keep(block)
        .set("client", handle)
        .set("bytes", addressOf(api.koffi, block))
        .set("size", block.length)
        .invoke()
        .get("executable")
    } catch (error) {
      if (!(error instanceof PjrtError)) throw error
      this.#cache?.drop(key)
      return undefined
    }
  }

  /** Leaves a program for the next process. A plugin that cannot serialise has no cache, which is no error. */
  #keep(key: string, loaded: bigint): void {
    const cache = this.#cache
    if (cache === undefined) return
    const { api } = this.client
    try {
      const executable = api
        .call("LoadedExecutable_GetExecutable")
        .set("loaded", loaded)
        .invoke()
        .get("executable")
      try {
        const call = api.call("Executable_Serialize").set("executable", executable).invoke()
        cache.write(key, readBytes(api.koffi, call.get("bytes"), Number(call.get("size"))))
        api.callBack(call.get("deleter"), call.get("owner"))
      } finally {
        api.call("Executable_Destroy").set("executable", executable).invoke()
      }
    } catch (error) {
      if (!(error instanceof PjrtError)) throw error
    }
  }
}

/** Everything but the program that its machine code depends on. */
function identityOf(client: Client, path: string, create: Readonly<Record<string, unknown>>): string {
  const { size, mtimeMs } = statSync(path)
  const { api } = client
  const plugin = [path, size, mtimeMs, api.minor, [...api.attributes()], client.platformVersion()]
  return JSON.stringify([plugin, create, client.platform, client.deviceKind(), cpuFeatures()])
}

/** XLA compiles for the very processor, so a home that several machines share must tell them apart. */
function cpuFeatures(): string {
  const model = cpus()[0]?.model ?? process.arch
  try {
    return `${model} ${/^(?:flags|Features)\s*:(.*)$/m.exec(readFileSync("/proc/cpuinfo", "utf8"))?.[1]}`
  } catch {
    return model
  }
}
