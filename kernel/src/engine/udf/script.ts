// A function with all that it mentions as one script that is complete in itself: values and helper functions are written
// out, imports are bundled by esbuild. Each function's text begins on a line of its own, so that a stack can be traced back
// to where the user wrote it. What a function mentions is found elsewhere (driver/pool/bundle.ts).

import { serialize } from "node:v8"
import { buildSync } from "esbuild"
import { fail } from "../../errors.js"
import type { FunctionCode, FunctionPlace } from "../../frame/UserFunction.js"

export type Piece =
  | { readonly kind: "code"; readonly name: string; readonly source: string }
  | { readonly kind: "import"; readonly name: string; readonly specifier: string; readonly exported?: string }
  | { readonly kind: "data"; readonly name: string; readonly value: unknown }
  | { readonly kind: "portable"; readonly name: string }

export interface ScriptOptions {
  readonly name: string
  readonly where: string
  /** Where imports are looked for. */
  readonly baseDir: string
  /** Specifier to file, whatever the folder has. */
  readonly overrides: Readonly<Record<string, string>>
}

export function scriptOf(source: string, pieces: readonly Piece[], options: ScriptOptions): FunctionCode {
  const lines: string[] = []
  const places: FunctionPlace[] = []
  for (const piece of pieces) if (piece.kind === "import") lines.push(importLine(piece))
  lines.push("const __shardlab_function = (() => {")
  for (const piece of pieces) {
    if (piece.kind === "code") add(piece.name, piece.source, `const ${piece.name} = (`, ");")
    else if (piece.kind === "data") lines.push(dataLine(piece.name, piece.value))
    else if (piece.kind === "portable") throw unpackable(piece.name, options)
  }
  add(options.name, source, "return (", ");")
  lines.push("})()")

  function add(name: string, text: string, before: string, after: string): void {
    const count = text.split("\n").length
    places.push({ name, line: lines.length + 2, lines: count })
    lines.push(before, ...text.replace(/__shardlab_import\(/g, "import(           ").split("\n"), after)
  }
  const imports = lines.some(line => /\bimport\b\s*[({*]|^import\b/.test(line))
  if (!imports) return { name: options.name, script: finished(lines), places }
  return { name: options.name, places, ...bundled(lines, options) }
}

function finished(lines: readonly string[]): string {
  return `${lines.join("\n")}\nreturn __shardlab_function`
}

function importLine({ name, specifier, exported }: Extract<Piece, { kind: "import" }>): string {
  const from = JSON.stringify(specifier)
  return exported === undefined
    ? `import * as ${name} from ${from}`
    : `import { ${JSON.stringify(exported)} as ${name} } from ${from}`
}

function dataLine(name: string, value: unknown): string {
  const plain = value === null || ["string", "boolean"].includes(typeof value)
  if (plain || (typeof value === "number" && Number.isFinite(value) && !Object.is(value, -0)))
    return `const ${name} = ${JSON.stringify(value)};`
  const bytes = serialize(value).toString("base64")
  return `const ${name} = require("node:v8").deserialize(Buffer.from("${bytes}", "base64"));`
}

/** One CommonJS script of the lines and all that they import. */
function bundled(lines: readonly string[], { where, baseDir, overrides }: ScriptOptions) {
  try {
    const { outputFiles } = buildSync({
      stdin: {
        contents: `${lines.join("\n")}\nmodule.exports = __shardlab_function`,
        resolveDir: baseDir,
        sourcefile: "shardlab-function.js",
        loader: "js",
      },
      bundle: true,
      write: false,
      format: "cjs",
      platform: "node",
      target: "es2022",
      outfile: "out.js",
      sourcemap: "external",
      sourcesContent: false,
      legalComments: "none",
      keepNames: true,
      alias: { ...overrides },
      logLevel: "silent",
    })
    const map = outputFiles.find(file => file.path.endsWith(".map"))!.text
    const script = outputFiles.find(file => file.path.endsWith(".js"))!.text
    // On the first line, so that no line moves.
    return { script: `const module = { exports: {} }; ${script}\nreturn module.exports`, map }
  } catch (cause) {
    const problem = (cause as { errors?: { text: string }[] }).errors?.[0]?.text ?? String(cause)
    throw fail("FUNCTION_BUNDLE", { where, problem }, cause)
  }
}

function unpackable(name: string, { where }: ScriptOptions): Error {
  const problem = `\`${name}\` is a frame or a model, which lives in this process`
  return fail("FUNCTION_BUNDLE", { where, problem })
}
