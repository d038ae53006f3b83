// Cuts what is pending into one program, finds its compiled form by its key, and runs it: results become leaves, and
// memory that nobody owns any more is donated to them. Knows nodes, values and a device, but no kernel and no tfjs.

import type { Device, DeviceBuffer, Executable, HostArray } from "../device/Device.js"
import type { Sharding } from "../device/sharding.js"
import { autocast } from "../ir/autocast.js"
import type { Node } from "../ir/node.js"
import { type Program, programKey, reachable, type Spread, verify } from "../ir/program.js"
import { simplify } from "../ir/simplify.js"
import { toStableHlo } from "../ir/stablehlo.js"
import { typeName } from "../ir/types.js"
import { CompileStorm } from "./CompileStorm.js"
import { currentPrecision } from "./currentPrecision.js"
import { type Layout, liesRight, Places } from "./parallel/Layout.js"
import { type Room, withRoom } from "./room.js"
import { PackUploads, type ScalarPack } from "./ScalarPack.js"
import { Leaf, leafOf, type Value } from "./Value.js"

/** One program that ran, with what stood at each parameter and result: enough to run it again. */
export interface Run {
  readonly key: string
  readonly program: Program
  readonly executable: Executable
  readonly parameters: readonly (Leaf | PackSource)[]
  /** Parameters whose memory a result takes over, and which result. */
  readonly aliases: ReadonlyMap<number, number>
  readonly donated: readonly number[]
  /** Values behind each result, at least one each. */
  readonly results: readonly (readonly Value[])[]
  /** Arrays that the step itself wrote on the host, with what was in them: see `Cutter.withScratch`. */
  readonly scratch: ReadonlyMap<Leaf, HostArray>
}

export interface PackSource {
  readonly pack: ScalarPack
  readonly values: Float32Array | Int32Array
  readonly seeds: readonly number[]
}

/** Results that have been computed but not yet handed out: an interrupt may fall in between. */
interface Landing {
  readonly buffers: readonly DeviceBuffer[]
  readonly place: (buffer: DeviceBuffer, index: number) => void
  readonly dead: readonly Leaf[]
  next: number
}

const cacheLimit = 256
/** Buffers above this many elements leave the host once the device has them. */
const hostCopyLimit = 16_384

export class Cutter {
  /** What the last cut ran; undefined when it had nothing to do. */
  last: Run | undefined
  /** `compiles` counts the programs that were new to this process, `fromDisk` those of them that another one had compiled. */
  readonly counts = { compiles: 0, fromDisk: 0, compileMs: 0, runs: 0, storms: 0 }
  /** Notices programs that differ from step to step. */
  readonly storm = new CompileStorm()
  uploads: PackUploads
  /** Who says how values lie when the device is a mesh. */
  layout: Layout | undefined
  readonly pending = new Set<Value>()
  /** What to do when the device is full; without it, the device's error stands. */
  room: Room | undefined
  /** What a program that failed would have taken over: a variable goes back to it (patches/optimizers.ts). */
  spared: readonly Leaf[] = []
  private isScratch: ((leaf: Leaf) => boolean) | undefined
  private graves: Leaf[] = []
  private cache = new Map<string, Executable>()
  private readonly caches = new Map<Device, Map<string, Executable>>()
  /** Programs that are being compiled off this thread. */
  private readonly ahead = new Map<string, Promise<void>>()
  private landing: Landing | undefined
  private seedState = 0x9e3779b9

  constructor(private device: Device) {
    this.uploads = new PackUploads(device)
    this.caches.set(device, this.cache)
  }

  /** Programs run on `device` from here on. Nothing may be pending; memory follows when it is used. */
  moveTo(device: Device, layout: Layout | undefined): void {
    this.land()
    this.layout = layout
    this.uploads.free()
    this.uploads = new PackUploads(device)
    this.device = device
    this.cache = this.caches.get(device) ?? new Map()
    this.caches.set(device, this.cache)
  }

  remember(value: Value): void {
    this.pending.add(value)
  }

  forget(value: Value): void {
    this.pending.delete(value)
  }

  /** Takes a leaf that lost its last owner. Pending nodes may still read it, so it is freed after the next cut. */
  bury(leaf: Leaf): void {
    if (this.pending.size === 0) leaf.free()
    else this.graves.push(leaf)
  }

  /** Where the random numbers stand: `setSeed` of it goes on from there. */
  get seed(): number {
    return this.seedState
  }

  /** Makes random numbers repeat from here on. */
  setSeed(seed: number): void {
    this.seedState = seed | 0
  }

  /** A new i32 (the state of a Weyl sequence, mixed where it is used). */
  nextSeed(): number {
    this.seedState = (this.seedState + 0x6d2b79f5) | 0
    return this.seedState
  }

  run(packs: readonly ScalarPack[], except: ReadonlySet<Value>): void {
    this.land()
    this.last = undefined
    this.dropSpared()
    const results = this.resultsOf(packs, except)
    for (const values of results) for (const value of values) this.pending.delete(value)
    const dead = this.takeDead(except)
    if (results.length > 0) this.runResults(results, packs, dead)
    else for (const leaf of dead) leaf.free()
    for (const pack of packs) pack.reset()
  }

  /**
   * Compiles what `run` would have to compile, without blocking the thread; undefined when it would not. What fails here
   * fails again in `run`, where the error is told.
   */
  prepare(packs: readonly ScalarPack[], except: ReadonlySet<Value>): Promise<void> | undefined {
    this.land()
    const results = this.resultsOf(packs, except)
    if (results.length === 0) return undefined
    const taken = new Set(results.flat())
    const kept = keptOf(this.pending, except).filter(value => !taken.has(value))
    const cut = cutOf(results, this.lendable(this.deadBut(kept)), this.layout)
    const key = programKey(cut.program, cut.order)
    if (this.cache.has(key)) return undefined
    const known = this.ahead.get(key)
    if (known !== undefined) return known
    const started = this.compileAhead(key, cut).finally(() => this.ahead.delete(key))
    this.ahead.set(key, started)
    return started
  }

  /**
   * While a step's end is run: which of its dead leaves it wrote itself (a mask, a range). Their memory is taken over by no
   * result, and their content is kept with the run, for a replay needs both again.
   */
  withScratch<T>(isScratch: (leaf: Leaf) => boolean, end: () => T): T {
    this.isScratch = isScratch
    try {
      return end()
    } finally {
      this.isScratch = undefined
    }
  }

  /** Finishes handing out results after an interrupt in the middle of it. */
  land(): void {
    const landing = this.landing
    if (landing === undefined) return
    for (; landing.next < landing.buffers.length; landing.next++)
      landing.place(landing.buffers[landing.next]!, landing.next)
    for (const leaf of landing.dead) leaf.free()
    this.landing = undefined
  }

  /** Runs a compiled program again on other memory, and hands each result to `place`. */
  rerun(
    { executable, donated }: Pick<Run, "executable" | "donated">,
    inputs: readonly DeviceBuffer[],
    place: Landing["place"],
    renewed?: readonly (number | undefined)[],
  ): void {
    this.counts.runs++
    const buffers = withRoom(this.room, () => executable.run(inputs, donated, renewed))
    this.landing = { buffers, place, dead: [], next: 0 }
    this.land()
  }

  /** True when nothing is pending but `except`; then leaves that died since are freed as well. */
  isIdle(except: ReadonlySet<Value>): boolean {
    this.land()
    for (const value of this.pending) if (!except.has(value)) return false
    for (const leaf of this.takeDead(except)) leaf.free()
    return true
  }

  /** What is pending, in groups of one node. */
  private resultsOf(packs: readonly ScalarPack[], except: ReadonlySet<Value>): Value[][] {
    const groups = new Map<Node, Value[]>()
    const packNodes = new Set(packs.map(pack => pack.node))
    for (const value of this.pending) {
      // A kept value must not outlive the scalars it reads.
      if (except.has(value) && !reachable([value.node!]).some(node => packNodes.has(node))) continue
      const group = groups.get(value.node!)
      if (group === undefined) groups.set(value.node!, [value])
      else group.push(value)
    }
    return [...groups].sort(([a], [b]) => a.id - b.id).map(([, values]) => values)
  }

  /** Leaves without an owner that no kept value reads. */
  private deadBut(kept: readonly Value[]): Leaf[] {
    if (this.graves.length === 0) return []
    const read = new Set(reachable(kept.map(value => value.node!)))
    // Somebody may have taken one up again since.
    return this.graves.filter(leaf => leaf.owners === 0 && !read.has(leaf.node))
  }

  private takeDead(except: ReadonlySet<Value>): Leaf[] {
    if (this.graves.some(leaf => leaf.owners > 0)) this.graves = this.graves.filter(leaf => leaf.owners === 0)
    const dead = this.deadBut(keptOf(this.pending, except))
    if (dead.length === this.graves.length) this.graves = []
    else if (dead.length > 0) {
      const gone = new Set(dead)
      this.graves = this.graves.filter(leaf => !gone.has(leaf))
    }
    return dead
  }

  private runResults(results: Value[][], packs: readonly ScalarPack[], dead: Leaf[]): void {
    const nodes = results.map(values => values[0]!.node!)
    try {
      const own = dead.filter(leaf => this.wroteItself(leaf))
      // Copies, as whoever wrote the arrays may write other numbers into them.
      const scratch = new Map(own.map(leaf => [leaf, leaf.host!.slice()]))
      const cut = cutOf(results, this.lendable(dead), this.layout)
      const { program } = cut
      const key = programKey(program, cut.order)
      const executable = this.compiled(key, cut)
      const parameters = program.parameters.map(node => leafOf(node) ?? packSource(node, packs))
      const donated = [...program.aliases.keys()]
      const inputs = parameters.map(source => this.bufferOf(source))
      const place: Landing["place"] = (buffer, i) => {
        const leaf = new Leaf(nodes[i]!.type, { buffer })
        leaf.sharding = buffer.sharding
        settle(results[i]!, leaf)
      }
      this.counts.runs++
      const buffers = withRoom(this.room, () => executable.run(inputs, donated))
      this.landing = { buffers, place, dead, next: 0 }
      this.last = {
        key,
        program,
        executable,
        parameters,
        aliases: program.aliases,
        donated,
        results,
        scratch,
      }
    } catch (error) {
      for (const value of results.flat()) value.failure = error
      this.spared = dead
      throw error
    }
    this.land()
  }

  /** Frees what was spared and nobody took back. */
  dropSpared(): void {
    for (const leaf of this.spared) if (leaf.owners === 0) leaf.free()
    this.spared = []
  }

  private wroteItself(leaf: Leaf): boolean {
    return leaf.host !== undefined && this.isScratch?.(leaf) === true
  }

  private lendable(dead: readonly Leaf[]): readonly Leaf[] {
    return this.isScratch === undefined ? dead : dead.filter(leaf => !this.wroteItself(leaf))
  }

  /** The device memory of a parameter, uploaded when the host alone has it. */
  bufferOf(source: Leaf | PackSource): DeviceBuffer {
    if (!(source instanceof Leaf)) return this.uploads.upload(source.pack.node, source.values)
    if (source.buffer !== undefined && !(this.device.owns(source.buffer) && liesRight(source)))
      source.toHost()
    if (source.buffer === undefined) {
      const { dtype, shape } = source.node.type
      source.buffer = withRoom(this.room, () =>
        this.device.upload(source.host!, dtype, shape, source.sharding),
      )
      if (source.host!.length > hostCopyLimit) source.host = undefined
    }
    return source.buffer
  }

  /** The scalars of a step with fresh random numbers, for a step that runs later. */
  packValues(source: PackSource): Float32Array | Int32Array {
    for (const slot of source.seeds) source.values[slot] = this.nextSeed()
    return source.values.slice()
  }

  /** A pack as the step had it, with fresh random numbers where it had any. */
  packBuffer(source: PackSource): DeviceBuffer {
    for (const slot of source.seeds) source.values[slot] = this.nextSeed()
    return this.uploads.upload(source.pack.node, source.values)
  }

  private compiled(key: string, { program, results }: Cut): Executable {
    const known = this.cache.get(key)
    if (known !== undefined) return known
    verify(program)
    const start = performance.now()
    const executable = this.device.compile(toStableHlo(simplify(program)), results)
    return this.learn(key, program, executable, start)
  }

  private async compileAhead(key: string, { program, results }: Cut): Promise<void> {
    const [start, { cache, device }] = [performance.now(), this]
    try {
      verify(program)
      const executable = await device.compileAsync(toStableHlo(simplify(program)), results)
      // Somebody may have been unable to wait, or everything has moved to another device.
      if (cache !== this.cache || cache.has(key)) executable.free()
      else this.learn(key, program, executable, start)
    } catch {
      // Told by the cut that needs it.
    }
  }

  private learn(key: string, program: Program, executable: Executable, start: number): Executable {
    this.counts.compiles++
    if (executable.fromDisk) this.counts.fromDisk++
    this.counts.compileMs += performance.now() - start
    this.storm.compiled(program, this.counts.runs)
    this.counts.storms = this.storm.count
    this.cache.set(key, executable)
    this.evict()
    return executable
  }

  /** Drops the oldest program. It is not freed: a captured step may still hold it, and the garbage collector knows. */
  private evict(): void {
    if (this.cache.size <= cacheLimit) return
    const [oldest] = this.cache.keys()
    this.cache.delete(oldest!)
  }
}

function keptOf(pending: ReadonlySet<Value>, except: ReadonlySet<Value>): Value[] {
  return [...pending].filter(value => except.has(value))
}

/** Hands a result to the values that wait for it; those disposed meanwhile have no node any more. */
function settle(values: readonly Value[], leaf: Leaf): void {
  for (const value of values) {
    if (value.node === undefined) continue
    value.node = leaf.node
    leaf.owners++
  }
  if (leaf.owners === 0) leaf.free()
}

interface Cut {
  readonly program: Program
  readonly order: readonly Node[]
  /** On a mesh: how each result lies. */
  readonly results: readonly Sharding[] | undefined
}

/** Parameters in order of first use, so that equal steps give equal programs wherever their memory came from. */
function cutOf(
  results: readonly (readonly Value[])[],
  dead: readonly Leaf[],
  layout: Layout | undefined,
): Cut {
  const recorded = results.map(values => values[0]!.node!)
  const outputs = autocast(recorded, currentPrecision())
  const order = reachable(outputs)
  const parameters = new Set<Node>()
  for (const node of order) {
    for (const input of node.inputs) if (input.op === "parameter") parameters.add(input)
  }
  const list = [...parameters]
  const places = layout && new Places(layout)
  const spread = places?.spread(list, results)
  const aliases = aliasesOf(list, outputs, dead, spread)
  const program = { parameters: list, outputs, aliases, ...(spread && { spread }) }
  return { program, order, results: places && results.map(places.result, places) }
}

/**
 * Pairs each dead parameter with a result of its type that may reuse its memory. Optimizers drop old values in the order
 * in which they make new ones, so pairing both sides in order gives a weight's memory to the same weight.
 */
function aliasesOf(
  parameters: readonly Node[],
  outputs: readonly Node[],
  dead: readonly Leaf[],
  spread: Spread | undefined,
): Map<number, number> {
  const place = new Map(parameters.map((node, index) => [node, index]))
  const free = new Map<string, number[]>()
  for (const [index, output] of outputs.entries()) {
    const name = typeName(output.type) + (spread?.outputs[index] ?? "")
    const list = free.get(name)
    if (list === undefined) free.set(name, [index])
    else list.push(index)
  }
  const aliases = new Map<number, number>()
  for (const leaf of dead.toSorted((a, b) => a.died - b.died)) {
    const index = place.get(leaf.node)
    if (index === undefined) continue
    const output = free.get(typeName(leaf.node.type) + (spread?.parameters[index] ?? ""))?.shift()
    if (output !== undefined) aliases.set(index, output)
  }
  // Equal pairs are equal programs, whichever died first.
  return new Map([...aliases].sort(([a], [b]) => a - b))
}

function packSource(node: Node, packs: readonly ScalarPack[]): PackSource {
  const pack = packs.find(candidate => candidate.node === node)
  if (pack === undefined) throw new RangeError(`nothing stands behind the parameter ${typeName(node.type)}`)
  return { pack, values: pack.values, seeds: [...pack.seeds] }
}
