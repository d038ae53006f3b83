// `%compress` says only what `compress` takes.
import { expect, test } from "vitest"
import { compress } from "../../kernel/src/cell/magics/compress.js"
import { magicCall } from "../../kernel/src/cell/magics/magicArguments.js"
import { checkCompressOptions } from "../../kernel/src/compress/compressOptions.js"
import { fromColumns } from "../../kernel/src/train/feed/BatchSource.js"

const expanded = (line: string) => compress.expand(magicCall(compress, line, "")).code?.[0]

test("stands for the call that it names", () => {
  expect(expanded("model --to int8 --calibrate sample --evaluate test")).toBe(
    'await (await import("shardlab")).compress(model, { to: "int8", calibrate: sample, evaluate: test })',
  )
  expect(expanded("model --to int8 --calibrate s --features a,b --label y --threads 2 --run run")).toContain(
    'features: ["a","b"], label: "y", threads: 2, run: run',
  )
})

test("needs the format and the rows", () => {
  expect(() => expanded("model --calibrate s")).toThrow("%compress: `to` is missing")
  expect(() => expanded("model --to int8")).toThrow("%compress: `calibrate` is missing")
  expect(() => expanded("model --to int9 --calibrate s")).toThrow(
    "It must be one of: int8. Did you mean `int8`?",
  )
})

test("has no option that the call does not know", () => {
  const given = { to: "int8", calibrate: fromColumns({}) } as const
  for (const { name } of compress.options)
    if (!(name in given)) expect(() => checkCompressOptions({ ...given, [name]: undefined })).not.toThrow()
})
