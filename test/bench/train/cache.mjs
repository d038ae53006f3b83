// What the compile cache on disk saves: the time from the start of a fit to the end of its first step, in a first process
// and in a second one. `npm run bench:train -- cache`. The aim: the second needs at most a quarter of the first.

import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const child = fileURLToPath(new URL("firstStep.mjs", import.meta.url))
const worst = []
for (const network of ["mlp", "cnn", "lstm"]) {
  const cache = mkdtempSync(join(tmpdir(), "shardlab-cache-"))
  const start = () => {
    const env = { ...process.env, SHARDLAB_COMPILE_CACHE: cache }
    return JSON.parse(execFileSync(process.execPath, [child, network], { env, encoding: "utf8" }))
  }
  try {
    const [first, second] = [start(), start()]
    const share = second.ms / first.ms
    worst.push(share)
    console.log(
      `${network.padEnd(5)} first process ${first.ms.toFixed(0).padStart(6)} ms (${first.compiles} programs compiled)   ` +
        `second ${second.ms.toFixed(0).padStart(5)} ms (${second.fromDisk} of ${second.compiles} from disk)   ${(100 * share).toFixed(0)} %`,
    )
  } finally {
    rmSync(cache, { recursive: true, force: true })
  }
}
console.log(`aim: at most 25 %; the worst here is ${(100 * Math.max(...worst)).toFixed(0)} %`)
