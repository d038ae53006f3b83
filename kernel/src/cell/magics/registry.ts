// All magics, in the order in which `%magics` lists them.

import { cache } from "./cache.js"
import { compress } from "./compress.js"
import { connect } from "./connect.js"
import { explain } from "./explain.js"
import { gpu } from "./gpu.js"
import { listMagic } from "./list.js"
import type { Magic } from "./Magic.js"
import { scale } from "./scale.js"
import { shards } from "./shards.js"
import { sql } from "./sql.js"
import { train } from "./train.js"
import { typecheck } from "./typecheck.js"
import { why } from "./why.js"

export const magics: readonly Magic[] = [
  sql,
  connect,
  explain,
  shards,
  cache,
  train,
  compress,
  scale,
  why,
  gpu,
  typecheck,
  listMagic(() => magics),
]

export function findMagic(name: string): Magic | undefined {
  return magics.find(magic => magic.name === name)
}
