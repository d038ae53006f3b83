// Which names a function takes from outside itself. TypeScript's own scope analysis answers: in a program that has no
// libraries, every name that is not declared in the function's text "cannot be found". Values are not looked at here.

import { createRequire } from "node:module"
import type ts from "typescript"

const require = createRequire(import.meta.url)

/** Cannot find name: plainly, with a guess, with advice about typings, and as a shorthand property. */
const notFound = new Set([2304, 2552, 2580, 2581, 2582, 2583, 2584, 2585, 2591, 2592, 2593, 18004])
const file = "/function.js"

/** `source` is an expression. Undefined when it does not parse: then it is no function's whole text. */
export function freeNames(source: string): string[] | undefined {
  // Loaded at the first map: a kernel without pools does not pay for it.
  const typescript = require("typescript") as typeof ts
  const text = `(${source}\n)`
  const program = programOf(typescript, text)
  if (program.getSyntacticDiagnostics().length > 0) return undefined
  const missing = program.getSemanticDiagnostics().filter(({ code }) => notFound.has(code))
  return [...new Set(missing.map(({ start, length }) => text.slice(start!, start! + length!)))]
}

function programOf(typescript: typeof ts, text: string): ts.Program {
  const options: ts.CompilerOptions = {
    allowJs: true,
    checkJs: true,
    noEmit: true,
    noLib: true,
    noResolve: true,
    types: [],
    target: typescript.ScriptTarget.ESNext,
    module: typescript.ModuleKind.ESNext,
    moduleDetection: typescript.ModuleDetectionKind.Force,
  }
  const source = typescript.createSourceFile(file, text, typescript.ScriptTarget.ESNext, true)
  const host: ts.CompilerHost = {
    fileExists: name => name === file,
    readFile: name => (name === file ? text : undefined),
    getSourceFile: name => (name === file ? source : undefined),
    getDefaultLibFileName: () => "",
    writeFile() {},
    getCurrentDirectory: () => "/",
    getCanonicalFileName: name => name,
    useCaseSensitiveFileNames: () => true,
    getNewLine: () => "\n",
  }
  return typescript.createProgram([file], options, host)
}
