// The code in the READMEs compiles against the kernel's own typings, so that what a newcomer copies runs.
import { readFileSync } from "node:fs"
import { resolve } from "node:path"
import { expect, test } from "vitest"
import { inProcessChecker } from "../kernel/src/cell/inProcessChecker.js"

const root = resolve(import.meta.dirname, "..")

/** TypeScript blocks of a Markdown file. */
function blocks(file: string): string[] {
  return [...readFileSync(resolve(root, file), "utf8").matchAll(/```ts\n(.*?)```/gs)].map(found => found[1]!)
}

test("the README's example compiles, but for the line that says that it does not run", async () => {
  const checker = inProcessChecker({ cwd: resolve(root, "notebooks") })
  const [example, cluster, skewed] = blocks("README.md")
  const lines = example!.split("\n")
  const wrong = lines.findIndex(line => line.includes("does not run"))
  expect(lines[wrong]).toContain("f.dealy")
  const prelude = `import type { DataFrame, Int64, Utf8 } from "shardlab"
import type { LayersModel } from "@tensorflow/tfjs"
declare const model: LayersModel, sample: DataFrame, test: DataFrame
`
  const types = "read.parquet<{ origin: Utf8; delay: Int64 }>"
  const code = prelude + lines.join("\n").replace("read.parquet", types)
  const { diagnostics } = await checker.check(code, { id: "readme", n: 1 })
  expect(diagnostics.map(({ line, message }) => [line - 3, message])).toEqual([
    [wrong + 1, expect.stringContaining("Did you mean 'delay'?")],
  ])
  const second = cluster!.replace(
    "cluster.read.parquet",
    "cluster.read.parquet<{ origin: Utf8; delay: Int64 }>",
  )
  const imports = 'import { count, desc, mean, type Int64, type Utf8 } from "shardlab"\n'
  expect((await checker.check(imports + second, { id: "readme", n: 2 })).diagnostics).toEqual([])
  const third = skewed!
    .replace("cluster.read.parquet(", "cluster.read.parquet<{ customer: Int64; amount: Int64 }>(")
    .replace("cluster.read.parquet(", "cluster.read.parquet<{ customer: Int64; segment: Utf8 }>(")
  const names = `import { connect, count, sum, type Int64, type Utf8 } from "shardlab"
const cluster = await connect("spark")
`
  expect((await checker.check(names + third, { id: "readme", n: 3 })).diagnostics).toEqual([])
}, 60_000)

test("the example of tf.compile compiles in a cell, and an argument of another type does not", async () => {
  const checker = inProcessChecker({ cwd: resolve(root, "notebooks") })
  const [example] = blocks("kernel/src/train/step/README.md")
  expect((await checker.check(example!, { id: "step", n: 1 })).diagnostics).toEqual([])
  const wrong = example!.replace("step(tf.ones([4, 3]))", "step(3)")
  const { diagnostics } = await checker.check(wrong, { id: "step", n: 2 })
  expect(diagnostics.map(({ message }) => message)).toEqual([expect.stringContaining("'Tensor")])
}, 60_000)
