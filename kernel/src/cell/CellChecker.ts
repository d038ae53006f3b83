// The checker itself: one language service over the notebook's cells. Each cell is a virtual module that imports the names
// it uses from the cells that declared them last; once it ran, its declarations (.d.ts) take its place, which keeps a check
// as fast at cell 500 as at cell 5. Not a process (checkerProcess.ts) and not a TypeScript API (Checker.ts).

import { pathToFileURL } from "node:url"
import ts from "typescript"
import { CellHost, type CheckerPaths } from "./CellHost.js"
import { CellState, type NameEntry, type StateDelta } from "./CellState.js"
import type { CheckedCell, Completeness, Completions, Diagnostic, Inspection, LiveType } from "./Checker.js"
import { cellModule } from "./cellModule.js"
import { completeCell } from "./completion.js"
import { changesAmbientTypes, type Declared, importedNames, importedPackages } from "./declarations.js"
import { isHidden, makeDiagnostic, toDiagnostic } from "./diagnostics.js"
import { type Emitted, emitCell } from "./emit.js"
import { type ExpandedCell, expandMagics, magicLines } from "./expandMagics.js"
import { inspectCell } from "./inspection.js"
import { Library } from "./Library.js"
import { completeness, parseCell, syntaxErrors } from "./parse.js"
import { TypingView } from "./TypingView.js"
import type { CellPlace } from "./transform.js"

/** A cell that was checked and may still be running. */
interface Pending {
  readonly name: string
  readonly text: string
  readonly declared: readonly Declared[]
  readonly declarations: string | undefined
  readonly packages: readonly string[]
  readonly ambient: boolean
}

export class CellChecker {
  readonly state = new CellState()
  readonly #host: CellHost
  readonly #service: ts.LanguageService
  readonly #pending = new Map<string, Pending>()
  readonly #typing: TypingView

  constructor(
    readonly paths: CheckerPaths,
    library = new Library(),
  ) {
    this.#host = new CellHost(paths, library)
    this.#service = ts.createLanguageService(this.#host, library.documents)
    this.#typing = new TypingView(this.#service, this.#host, this.state)
  }

  /** Takes over the cells of another checker. */
  restore(delta: StateDelta): void {
    this.state.apply(delta)
    for (const { file, text } of delta.modules) this.#host.write(file, text)
    this.#host.pin([...this.state.packages])
  }

  check(code: string, cell: { id: string; n: number }): CheckedCell {
    const expanded = expandMagics(code)
    const stop = (diagnostics: readonly Diagnostic[]) => ({
      ...nothing,
      diagnostics,
      displays: expanded.displays,
    })
    if (expanded.diagnostics.length > 0) return stop(expanded.diagnostics)
    if (expanded.typecheck !== undefined) this.state.mode = expanded.typecheck
    const source = parseCell(expanded.text.typescript)
    const broken = syntaxErrors(source)
    if (broken.length > 0) {
      return stop(broken.map(error => toDiagnostic(error, expanded.text, 0, "error", this.paths.cwd)))
    }
    this.#host.library.refresh()
    return this.#link(expanded, source, cell.id)
  }

  /** Checks a cell that parses, and emits it unless its types stop it. */
  #link(expanded: ExpandedCell, source: ts.SourceFile, id: string): CheckedCell {
    const name = `__cell${this.state.next++}`
    const module = cellModule(source, this.state, true)
    this.#host.write(`${name}.ts`, module.text)
    const packages = importedPackages(source)
    this.#host.pin([...new Set([...this.state.packages, ...packages])])
    this.#host.setRoots([...this.state.ambient, `${name}.ts`])
    const program = this.#service.getProgram()!
    const file = program.getSourceFile(this.#host.path(`${name}.ts`))!
    const diagnostics = this.#typeErrors(program, file, expanded, module.start)
    if (diagnostics.some(({ severity }) => severity === "error")) {
      this.#host.remove(`${name}.ts`)
      return { ...nothing, diagnostics, displays: expanded.displays }
    }
    const ambient = changesAmbientTypes(source)
    const declarations = ambient ? undefined : this.#declarations(file.fileName)
    this.#pending.set(id, {
      name,
      text: module.text,
      declared: module.declared,
      declarations,
      packages,
      ambient,
    })
    const emitted = this.#emit(expanded, typeOnlyImports(program, file))
    const values = module.declared.filter(({ kind }) => kind !== "type" && kind !== "import")
    return {
      ...emitted,
      diagnostics,
      names: values.map(one => one.name),
      displays: expanded.displays,
      hasValue: lastIsExpression(source),
    }
  }

  #typeErrors(
    program: ts.Program,
    file: ts.SourceFile,
    { text }: ExpandedCell,
    start: number,
  ): readonly Diagnostic[] {
    const { mode } = this.state
    if (mode === "off" || /^\s*\/\/\s*@ts-nocheck\b/m.test(leadingComments(text.user))) return []
    const found = program.getSemanticDiagnostics(file).filter(diagnostic => !isHidden(diagnostic))
    // A package that is missing now may be installed before the next cell.
    if (found.some(({ code }) => code === 2307)) this.#host.forgetResolutions()
    const severity = mode === "warn" ? "warning" : "error"
    return found
      .filter(({ category }) => category === ts.DiagnosticCategory.Error)
      .map(diagnostic => toDiagnostic(diagnostic, text, start, severity, this.paths.cwd))
  }

  /** The cell's .d.ts, or undefined when its types cannot be written down (such as an unnameable one). */
  #declarations(path: string): string | undefined {
    const output = this.#service.getEmitOutput(path, true, true) as ts.EmitOutput & {
      readonly diagnostics?: readonly ts.Diagnostic[]
    }
    const text = output.outputFiles.find(({ name }) => name.endsWith(".d.ts"))?.text
    return output.emitSkipped || (output.diagnostics?.length ?? 0) > 0 ? undefined : text
  }

  #emit({ text }: ExpandedCell, typeOnly: ReadonlySet<string>): Emitted {
    return emitCell(text, typeOnly, placeOf(this.paths.cwd))
  }

  /** Returns what the cell added, for the copy that outlives this checker. */
  commit(id: string, { ok, live }: { ok: boolean; live: readonly LiveType[] }): StateDelta {
    const pending = this.#pending.get(id)
    this.#pending.delete(id)
    const delta = ok && pending !== undefined ? this.#delta(pending, live) : this.#emptyDelta()
    if (pending !== undefined) {
      this.#host.remove(`${pending.name}.ts`)
      this.#host.setRoots([])
    }
    this.restore(delta)
    return delta
  }

  #emptyDelta(): StateDelta {
    const { next, mode } = this.state
    return { next, mode, modules: [], names: [], packages: [], ambient: [] }
  }

  #delta(
    { name, text, declared, declarations, packages, ambient }: Pending,
    live: readonly LiveType[],
  ): StateDelta {
    const isTs = declarations === undefined
    const file = `${name}${isTs ? ".ts" : ".d.ts"}`
    const modules = [{ file, text: declarations ?? text }]
    const names: NameEntry[] = declared.map(one => ({ name: one.name, module: name, kind: one.kind }))
    const liveModule = name.replace("cell", "live")
    const liveTexts: string[] = []
    for (const { name: variable, type } of live) {
      const at = names.findIndex(
        entry => entry.name === variable && (entry.kind === "let" || entry.kind === "const"),
      )
      const line = `export declare let ${variable}: ${type};`
      if (at < 0 || syntaxErrors(parseCell(line)).length > 0) continue
      liveTexts.push(line)
      names[at] = { ...names[at]!, module: liveModule }
    }
    if (liveTexts.length > 0) modules.push({ file: `${liveModule}.d.ts`, text: `${liveTexts.join("\n")}\n` })
    return { ...this.#emptyDelta(), modules, names, packages, ambient: ambient ? [file] : [] }
  }

  complete(code: string, offset: number): Completions {
    return completeCell(code, offset, this.#typing, this.state)
  }

  inspect(code: string, offset: number, detail: 0 | 1): Inspection {
    return inspectCell(code, offset, detail, this.#typing)
  }

  isComplete(code: string): Completeness {
    const cellMagic = magicLines(code).find(line => line.cell && !line.asks)
    // SQL has no end that we could see: an empty line ends it, as in IPython.
    if (cellMagic !== undefined) {
      return /\n[ \t]*\n?$/.test(code) && code.slice(cellMagic.end).trim() !== ""
        ? { status: "complete" }
        : { status: "incomplete", indent: "" }
    }
    const expanded = expandMagics(code)
    return completeness(expanded.text.typescript)
  }
}

/** What a cell gives that must not run. */
const nothing: CheckedCell = { js: "", map: "", diagnostics: [], names: [], displays: [], hasValue: false }

/** A checker that failed itself must not stop the notebook: the cell is reported, with a reason that can be sent in. */
export function failedCheck(code: string, error: unknown): CheckedCell {
  const message = `The type checker failed: ${error instanceof Error ? error.message : String(error)}`
  const place = { begin: 0, end: 1, code: "CHECKER", message, severity: "error" as const }
  return { ...nothing, diagnostics: [makeDiagnostic(code, place)] }
}

function placeOf(cwd: string): CellPlace {
  const filename = `${cwd.replace(/[\\/]$/, "")}/notebook.ts`
  return { filename, dirname: cwd, url: pathToFileURL(filename).href }
}

function lastIsExpression(source: ts.SourceFile): boolean {
  const last = source.statements.filter(statement => !ts.isEmptyStatement(statement)).at(-1)
  return last !== undefined && ts.isExpressionStatement(last)
}

function leadingComments(text: string): string {
  const end = text.search(/^(?!\s*(\/\/|$))/m)
  return end < 0 ? text : text.slice(0, end)
}

/** Imported names that are types and nothing else: at run time there is nothing to import. */
function typeOnlyImports(program: ts.Program, file: ts.SourceFile): Set<string> {
  const checker = program.getTypeChecker()
  const names = new Set<string>()
  for (const statement of file.statements) {
    const identifiers = ts.isImportDeclaration(statement)
      ? importedNames(statement)
      : ts.isImportEqualsDeclaration(statement)
        ? [statement.name]
        : []
    for (const identifier of identifiers) {
      const symbol = checker.getSymbolAtLocation(identifier)
      if (symbol === undefined || (symbol.flags & ts.SymbolFlags.Alias) === 0) continue
      const target = checker.getAliasedSymbol(symbol)
      const isType = (target.flags & ts.SymbolFlags.Type) !== 0
      if (isType && (target.flags & ts.SymbolFlags.Value) === 0) names.add(identifier.text)
    }
  }
  return names
}
