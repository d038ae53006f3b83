// From a function of a row to expressions: `r => ({ ...r, hours: r.delay / 60 })` becomes columns, and `r => r.delay > 15`
// a condition, so that the engine runs them at full speed. Only when the answer is JavaScript's for every row; otherwise
// the reason why not. One difference remains and is accepted: where JavaScript would throw because a value is null
// (`r.origin.toUpperCase()`), the expression is NULL; and letters whose upper case is longer (ß) follow the engine.

import { createRequire } from "node:module"
import type ts from "typescript"
import { closureOf } from "../closure.js"
import type { ExprNode } from "../ExprNode.js"
import type { NamedExpr } from "../nodes/Project.js"
import type { Schema } from "../Schema.js"
import type { LiveFunction } from "../UserFunction.js"
import { truthy } from "./arithmetic.js"
import { type JsValue, kindOf, nodeOfValue } from "./JsValue.js"
import { refuse, Untranslatable } from "./refuse.js"
import { Translator } from "./Translator.js"

export type Translated<T> =
  | { readonly made: T }
  /** `columns` where the names at least are known, with those expressions that could be made. */
  | { readonly reason: string; readonly columns?: readonly OpenColumn[] }
export interface OpenColumn {
  readonly name: string
  readonly expr?: ExprNode
}
type TypeScript = typeof ts
type Fn = ts.ArrowFunction | ts.FunctionExpression

const require = createRequire(import.meta.url)

/** The columns of the rows that the function gives. */
export function translateRow(fn: LiveFunction, schema: Schema): Translated<readonly NamedExpr[]> {
  const open = new Map<string, string>()
  return attempt(fn, schema, "mapRows", (translator, body) => {
    const columns = new Map<string, ExprNode | undefined>()
    rowColumns(body, translator, schema, columns, open)
    const [first] = open
    const made = [...columns].map(([name, expr]) => (expr === undefined ? { name } : { name, expr }))
    if (first !== undefined) throw Object.assign(refuse(first[1]), { columns: made })
    if (columns.size === 0) throw refuse("it gives no columns")
    return [...columns].map(([name, expr]) => ({ name, expr: expr! }))
  })
}

export function translateCondition(fn: LiveFunction, schema: Schema): Translated<ExprNode> {
  return attempt(fn, schema, "filterRows", (translator, body) => truthy(translator.value(body)))
}

function attempt<T>(
  fn: LiveFunction,
  schema: Schema,
  where: string,
  work: (translator: Translator, body: ts.Expression) => T,
): Translated<T> {
  // Loaded at the first function: a kernel without any does not pay for it.
  const typescript = require("typescript") as TypeScript
  try {
    const parsed = parse(typescript, String(fn))
    const names = outerNames(typescript, parsed)
    const closure = names.size === 0 ? { lookup: () => undefined } : closureOf(fn, names)
    const translator = new Translator({ typescript, schema, where, closure })
    return { made: work(translator, read(typescript, parsed, translator)) }
  } catch (error) {
    if (!(error instanceof Untranslatable)) throw error
    const { columns } = error as { columns?: readonly OpenColumn[] }
    return { reason: error.message, ...(columns === undefined ? {} : { columns }) }
  }
}

function parse(typescript: TypeScript, text: string): Fn {
  const { ScriptKind, ScriptTarget } = typescript
  const file = typescript.createSourceFile("fn.js", `(${text}\n)`, ScriptTarget.ESNext, true, ScriptKind.JS)
  const [statement] = file.statements
  const broken = (file as unknown as { parseDiagnostics: unknown[] }).parseDiagnostics.length > 0
  if (broken || statement === undefined || !typescript.isExpressionStatement(statement))
    throw refuse("it is built in, bound or a method")
  const fn = unwrapped(typescript, statement.expression)
  if (!typescript.isArrowFunction(fn) && !typescript.isFunctionExpression(fn)) throw refuse("it is a class")
  if (fn.modifiers?.some(({ kind }) => kind === typescript.SyntaxKind.AsyncKeyword))
    throw refuse("it is async")
  if (typescript.isFunctionExpression(fn) && fn.asteriskToken !== undefined) throw refuse("it is a generator")
  return fn
}

function unwrapped(typescript: TypeScript, node: ts.Expression): ts.Expression {
  return typescript.isParenthesizedExpression(node) ? unwrapped(typescript, node.expression) : node
}

/** Names that may come from outside: all that are no property's and no parameter's. */
function outerNames(typescript: TypeScript, fn: Fn): ReadonlySet<string> {
  const found = new Set<string>()
  const visit = (node: ts.Node): void => {
    if (typescript.isIdentifier(node) && !isPropertyName(typescript, node)) found.add(node.text)
    typescript.forEachChild(node, visit)
  }
  visit(fn.body)
  for (const { name } of fn.parameters) if (typescript.isIdentifier(name)) found.delete(name.text)
  return found
}

function isPropertyName(typescript: TypeScript, node: ts.Identifier): boolean {
  const { parent } = node
  if (typescript.isPropertyAccessExpression(parent) || typescript.isPropertyAssignment(parent))
    return parent.name === node
  return false
}

/** Binds the parameter and the constants of a block, and gives the expression that is returned. */
function read(typescript: TypeScript, fn: Fn, translator: Translator): ts.Expression {
  if (fn.parameters.length > 1) throw refuse("it takes more than the row")
  const [parameter] = fn.parameters
  if (parameter !== undefined) bindParameter(typescript, parameter, translator)
  const { body } = fn
  if (!typescript.isBlock(body)) return body
  for (const statement of body.statements) {
    if (typescript.isReturnStatement(statement) && statement.expression !== undefined)
      return statement.expression
    if (!typescript.isVariableStatement(statement)) throw refuse("it has statements")
    const { declarations, flags } = statement.declarationList
    if ((flags & typescript.NodeFlags.Const) === 0) throw refuse("it has variables that change")
    for (const { name, initializer } of declarations) {
      if (!typescript.isIdentifier(name) || initializer === undefined) throw refuse("it takes values apart")
      translator.bind(name.text, { value: translator.value(initializer) })
    }
  }
  throw refuse("it returns nothing")
}

function bindParameter(
  typescript: TypeScript,
  parameter: ts.ParameterDeclaration,
  translator: Translator,
): void {
  const { name, initializer, dotDotDotToken } = parameter
  if (initializer !== undefined || dotDotDotToken !== undefined)
    throw refuse("its parameter has a default or is a rest")
  if (typescript.isIdentifier(name)) {
    translator.bind(name.text, { row: [] })
    return
  }
  if (!typescript.isObjectBindingPattern(name)) throw refuse("it takes the row as a list")
  const taken: string[] = []
  for (const element of name.elements) {
    const key = element.propertyName ?? element.name
    if (element.initializer !== undefined) throw refuse("a column has a default, which null does not take")
    if (!typescript.isIdentifier(element.name)) throw refuse("it takes a column apart")
    if (element.dotDotDotToken !== undefined) {
      translator.bind(element.name.text, { row: taken })
      continue
    }
    if (!typescript.isIdentifier(key) && !typescript.isStringLiteral(key))
      throw refuse("it computes a column's name")
    taken.push(key.text)
    translator.bind(element.name.text, { value: translator.column(key.text) })
  }
}

/** `{ ...r, hours: ... }`, or the row itself. Columns that cannot be translated are put in `open` with the reason. */
function rowColumns(
  body: ts.Expression,
  translator: Translator,
  schema: Schema,
  columns: Map<string, ExprNode | undefined>,
  open: Map<string, string>,
): void {
  const typescript = require("typescript") as TypeScript
  const literal = unwrapped(typescript, body)
  if (typescript.isIdentifier(literal)) {
    spread(literal, translator, schema, columns)
    return
  }
  if (!typescript.isObjectLiteralExpression(literal)) throw refuse("it does not give an object literal")
  for (const property of literal.properties) {
    if (typescript.isSpreadAssignment(property)) {
      spread(property.expression, translator, schema, columns)
      continue
    }
    const name = propertyName(typescript, property)
    const value = typescript.isPropertyAssignment(property)
      ? property.initializer
      : typescript.isShorthandPropertyAssignment(property)
        ? property.name
        : undefined
    if (value === undefined) throw refuse("it gives methods")
    try {
      columns.set(name, result(translator.value(value)))
      open.delete(name)
    } catch (error) {
      if (!(error instanceof Untranslatable)) throw error
      columns.set(name, undefined)
      open.set(name, error.message)
    }
  }
}

function spread(
  node: ts.Expression,
  translator: Translator,
  schema: Schema,
  columns: Map<string, ExprNode | undefined>,
): void {
  const typescript = require("typescript") as TypeScript
  const row = typescript.isIdentifier(node) ? translator.binding(node.text) : undefined
  if (row === undefined || !("row" in row)) throw refuse("it spreads something other than the row")
  for (const name of schema.names)
    if (!row.row.includes(name)) columns.set(name, result(translator.column(name)))
}

function propertyName(typescript: TypeScript, property: ts.ObjectLiteralElementLike): string {
  const { name } = property
  if (name !== undefined && (typescript.isIdentifier(name) || typescript.isStringLiteral(name)))
    return name.text
  throw refuse("it computes a column's name")
}

function result(value: JsValue): ExprNode {
  if (kindOf(value) === "null") throw refuse("a column has no value but null")
  return nodeOfValue(value)
}
