// The peer: TensorFlow's own backend `tensorflow`, from the tfjs-node or tfjs-node-gpu that the user installed beside the
// notebook. Looked for and loaded when `tf.setBackend("tensorflow")` asks for it, never before; it joins our tfjs, so models
// and tensors move between it and `xla`.

import { existsSync, readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"
import util from "node:util"
import { fail } from "../errors.js"
import { loadCore, type Tf } from "./tf.js"

type Require = ReturnType<typeof createRequire>

export interface Peer {
  readonly name: string
  readonly version: string
  /** Its package's folder. */
  readonly folder: string
}

const names = ["@tensorflow/tfjs-node-gpu", "@tensorflow/tfjs-node"]
const shared = ["@tensorflow/tfjs-core", "@tensorflow/tfjs-layers", "@tensorflow/tfjs"]

/** In the folder of the notebook or above it, else beside the kernel. */
export function findPeer(folder = process.cwd()): Peer | undefined {
  for (const name of names) {
    for (const place of [join(folder, "notebook.js"), import.meta.url]) {
      const bases = createRequire(place).resolve.paths(name) ?? []
      const found = bases.map(base => join(base, name)).find(path => existsSync(join(path, "package.json")))
      if (found === undefined) continue
      const { version } = JSON.parse(readFileSync(join(found, "package.json"), "utf8")) as { version: string }
      return { name, version, folder: found }
    }
  }
  return undefined
}

/** Has `tf.setBackend("tensorflow")` load the peer first. */
export function loadPeerOnDemand(tf: Tf): void {
  const core = loadCore() as unknown as { setBackend: Tf["setBackend"] }
  const { setBackend } = core
  core.setBackend = name => {
    if (name === "tensorflow" && tf.findBackend(name) === null) loadPeer()
    return setBackend(name)
  }
}

/** @throws PEER_MISSING, PEER_BROKEN */
function loadPeer(): void {
  const peer = findPeer()
  if (peer === undefined) throw fail("PEER_MISSING", { folder: process.cwd() })
  const require = createRequire(join(peer.folder, "package.json"))
  shareTfjs(require)
  mendUtil()
  try {
    require(peer.folder)
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n", 1)[0]! : String(error)
    throw fail("PEER_BROKEN", { ...peer, reason: reason.replace(/\.$/, "") }, error)
  }
}

/** Our tfjs for what the peer would load for itself: two of them would share no classes. */
function shareTfjs(theirs: Require): void {
  const ours = createRequire(import.meta.url)
  const fromOurs = createRequire(ours.resolve("@tensorflow/tfjs"))
  for (const name of shared) {
    const [file, other] = [fromOurs.resolve(name), resolved(theirs, name)]
    ours(file)
    if (other !== undefined && other !== file) ours.cache[other] ??= ours.cache[file]
  }
}

function resolved(require: Require, name: string): string | undefined {
  try {
    return require.resolve(name)
  } catch {
    return undefined
  }
}

/** tfjs-node 4.22 calls two functions that Node 23 took away. */
export function mendUtil(target: object = util): void {
  const lacking = target as { isNullOrUndefined?: unknown; isArray?: unknown }
  lacking.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined
  lacking.isArray ??= Array.isArray
}
