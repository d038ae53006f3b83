// Magics: what stands for what, where a `%` is one, and what is said of a wrong one.
import { describe, expect, test } from "vitest"
import { expandMagics, magicLines } from "../../kernel/src/cell/expandMagics.js"
import { explain } from "../../kernel/src/cell/magics/explain.js"
import { magicCall } from "../../kernel/src/cell/magics/magicArguments.js"
import { magics } from "../../kernel/src/cell/magics/registry.js"
import { train } from "../../kernel/src/cell/magics/train.js"
import { explainModes } from "../../kernel/src/frame/Engine.js"
import { fromColumns } from "../../kernel/src/train/feed/BatchSource.js"
import { checkTrainOptions } from "../../kernel/src/train/trainOptions.js"

const typescript = (code: string) => expandMagics(code).text.typescript
const problems = (code: string) =>
  expandMagics(code).diagnostics.map(({ code: name, message }) => `${name}: ${message}`)

test("a magic is a call that a cell could make", () => {
  expect(typescript("%explain late")).toBe("await late.explain()")
  expect(typescript("%explain late --mode cost")).toBe('await late.explain("cost")')
  expect(typescript("%cache")).toBe('await (await import("shardlab")).caches()')
  expect(typescript("%cache clear")).toBe('await (await import("shardlab")).caches.clear()')
  expect(typescript("%shards flights")).toBe("await flights.shards()")
  expect(typescript("%train net --data flights --label late --features hour,month --batch-size 64")).toBe(
    'await (await import("shardlab")).train(net, { data: flights, label: "late", features: ["hour","month"], batchSize: 64 })',
  )
  expect(
    typescript(
      "%train net --data d --label y --steps 50 --ema 0.99 --clip {norm: 1} --checkpoint runs/a --resume",
    ),
  ).toBe(
    'await (await import("shardlab")).train(net, { data: d, label: "y", steps: 50, ema: 0.99, clip: {norm: 1}, checkpoint: "runs/a", resume: true })',
  )
  expect(typescript("%scale pool --target 8 --max 4")).toBe(
    'pool.autoscale((await import("shardlab")).scale.hpa({ metric: "backlogPerWorker", min: 1, target: 8, max: 4 }))',
  )
})

test("SQL keeps its own characters, and frames come in as TypeScript", () => {
  expect(typescript("%%sql late\nselect `a` from ${flights.limit(5)} where b = '\\d${'")).toBe(
    "const late = (await import(\"shardlab\")).sql`select \\`a\\` from ${flights.limit(5)} where b = '\\\\d\\${'`",
  )
})

test("only at the start of a line, and not inside a text, a comment or an expression", () => {
  const code = "const a = 7\n%explain f\nconst b = `\n%explain f\n`\n/*\n%explain f\n*/\nconst c = a\n% b"
  expect(magicLines(code).map(({ start }) => start)).toEqual([12])
  expect(expandMagics("const x = (7\n%explain f)").diagnostics).toEqual([])
})

test("a misspelt magic, option or value names the nearest one", () => {
  expect(problems("%explian late")).toEqual([
    expect.stringMatching(/^UNKNOWN_MAGIC: There is no magic `%explian`\. Did you mean `explain`\?/),
  ])
  expect(problems("%train m --data d --label l --epoch 5")).toEqual([
    expect.stringMatching(
      /^UNKNOWN_OPTION: `%train` has no option `epoch`\. Did you mean `epochs`\?.*--batchSize/,
    ),
  ])
  expect(problems("%train m --data d --label l --chekpoint runs")).toEqual([
    expect.stringContaining("Did you mean `checkpoint`?"),
  ])
  expect(problems("%explain late --mode costs")).toEqual([expect.stringContaining("Did you mean `cost`?")])
  expect(problems("%cache cler")).toEqual([expect.stringContaining("Did you mean `clear`?")])
  expect(problems("%typecheck offf")).toEqual([expect.stringContaining("Did you mean `off`?")])
  expect(problems("%train m --data d")).toEqual([
    expect.stringMatching(/`label` is missing.*Such as: %train/),
  ])
  expect(problems("%train m --data d --label l --epochs many")).toEqual([
    expect.stringContaining("It must be a number"),
  ])
  expect(problems("%sql select 1")).toEqual([expect.stringContaining("Write `%%sql late`")])
})

test("a wrong magic is underlined where it stands", () => {
  const [problem] = expandMagics("const a = 1\n  %shrads f").diagnostics
  expect(problem).toMatchObject({ line: 2, column: 3 })
})

describe.each(magics)("$name", magic => {
  test("says what it does, takes and stands for", () => {
    const called = `${magic.kind === "cell" ? "%%" : "%"}${magic.name}`
    const [help] = expandMagics(`${called}?`).displays
    expect(help!["text/plain"]).toContain(`${called}: ${magic.doc}`)
    for (const option of magic.options) expect(help!["text/plain"]).toContain(`--${option.name}`)
    const stands = typescript(magic.example)
    if (stands !== "") expect(help!["text/plain"]).toContain(stands.split("\n")[0])
  })

  test("has an example that it takes", () => {
    expect(problems(magic.example)).toEqual([])
  })
})

test("%magics lists every magic", () => {
  const [listing] = expandMagics("%magics").displays
  for (const { example } of magics) expect(listing!["text/plain"]).toContain(example.split("\n")[0])
})

test("%train has no option that the call does not know", () => {
  const data = fromColumns({ a: [1], late: [0] })
  for (const { name } of train.options)
    expect(() =>
      checkTrainOptions({ data, label: "late", ...(name === "data" ? {} : { [name]: undefined }) }),
    ).not.toThrow(/has no option/)
  expect(() => magicCall(train, "m --data d --label l --depth bf16", "")).toThrow(/no option `depth`/)
})

test("%explain has the modes of frames", () => {
  expect(explain.options.map(({ type }) => type)).toEqual([explainModes])
})

test("an object alone in a cell is an object, a block stays a block", () => {
  expect(typescript("{ a: 1, b: 2 }")).toBe("({ a: 1, b: 2 }\n)")
  expect(typescript("  { a } // why")).toBe("(  { a } // why\n)")
  for (const block of ["{ const a = 1 }", "{ a: 1 };", "{ a: 1 }\nf()", "{ a: 1 }\n[0]", "{ a: 1"])
    expect(typescript(block)).toBe(block)
})
