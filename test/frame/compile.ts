// Type-checks a few lines beside the frames' sources, for types.test.ts: what tsc says a line, and how long it takes.
import { resolve } from "node:path"
import ts from "typescript"

const file = resolve(import.meta.dirname, "checked.ts")
const options: ts.CompilerOptions = {
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  types: ["node"],
}

function program(text: string, before?: ts.Program): ts.Program {
  const host = ts.createCompilerHost(options)
  const read = host.getSourceFile
  host.getSourceFile = (name, target, ...rest) => {
    if (name === file) return ts.createSourceFile(name, text, target, true)
    return before?.getSourceFile(name) ?? read(name, target, ...rest)
  }
  const exists = host.fileExists
  host.fileExists = name => name === file || exists(name)
  return ts.createProgram([file], options, host, before)
}

/** All messages of each line, joined; empty for a line that compiles. A statement has to stand on one line. */
export function messagesByLine(lines: readonly string[]): string[] {
  const checked = program(lines.join("\n"))
  const messages = lines.map(() => "")
  for (const found of checked.getSemanticDiagnostics(checked.getSourceFile(file))) {
    const line = found.file!.getLineAndCharacterOfPosition(found.start!).line
    messages[line] += ts.flattenDiagnosticMessageText(found.messageText, "\n")
  }
  return messages
}

export interface CheckCost {
  readonly ms: number
  /** Types that the checker instantiated: the same on every machine, which time is not. */
  readonly instantiations: number
}

/** What the checker needs for `lines` beyond what their imports cost; fails when they do not compile. */
export function checkCost(imports: readonly string[], lines: readonly string[]): CheckCost {
  const warm = program([...imports, "export {}"].join("\n"))
  warm.getSemanticDiagnostics(warm.getSourceFile(file))
  const checked = program([...imports, ...lines].join("\n"), warm)
  const start = performance.now()
  const found = checked.getSemanticDiagnostics(checked.getSourceFile(file))
  const ms = performance.now() - start
  if (found.length > 0) throw new Error(ts.flattenDiagnosticMessageText(found[0]!.messageText, "\n"))
  return { ms, instantiations: checked.getInstantiationCount() }
}

/** Thirty chained steps on a hundred columns. */
export function longChain(): readonly [imports: readonly string[], lines: readonly string[]] {
  const kinds = ["Int64", "Float64", "Utf8", "Timestamp"]
  const columns = Array.from({ length: 100 }, (_, i) => `c${i}: ${kinds[i % 4]}`)
  const steps = Array.from(
    { length: 30 },
    (_, i) => `.with(f => ({ n${i}: f.c${4 * (i % 25)}.add(1) })).filter(f => f.n${i}.gt(${i}))`,
  )
  return [
    [
      'import type { DataFrame } from "../../kernel/src/frame/DataFrame.js"',
      'import type { Float64, Int64, Timestamp, Utf8 } from "../../kernel/src/frame/types.js"',
    ],
    [
      `declare const wide: DataFrame<{ ${columns.join("; ")} }>`,
      `export const end = wide${steps.join("\n")}`,
    ],
  ]
}
