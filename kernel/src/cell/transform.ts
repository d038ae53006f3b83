// The rewriting of a cell into a script: what TypeScript's own emit does not do. `Runtime.evaluate` in replMode knows no
// import or export, and lets a name be declared again only when both declarations are `let` (measured on Node 20: let
// after const, var or function is "already declared", a class may follow let). So here every top-level name becomes a
// `let`; TypeScript has checked before that constants are not assigned to.
//
// Two passes around TypeScript's own: `beforeTypes` still sees types and handles imports and exports; `afterTypes` sees
// plain JavaScript and handles declarations. Neither adds or removes a trailing expression statement, so the cell's value
// is what the user wrote last.

import ts from "typescript"
import { boundNames, hasModifier, hoistedVars, isVar } from "./declarations.js"

/** What a cell's `import.meta`, `__dirname` and `__filename` say. */
export interface CellPlace {
  readonly url: string
  readonly dirname: string
  readonly filename: string
}

const importer = "__shardlab_import"

/** @param typeOnly local names of imports that are types: they vanish. */
export function beforeTypes(
  typeOnly: ReadonlySet<string>,
  place: CellPlace,
): ts.TransformerFactory<ts.SourceFile> {
  return context => {
    const { factory } = context
    const visitExpression = (node: ts.Node): ts.Node => {
      if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
        const args = node.arguments.map(argument => ts.visitNode(argument, visitExpression) as ts.Expression)
        return factory.updateCallExpression(node, factory.createIdentifier(importer), undefined, args)
      }
      if (ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword) {
        return importMeta(factory, place)
      }
      if (ts.isIdentifier(node) && isPlaceName(node)) {
        return factory.createStringLiteral(node.text === "__dirname" ? place.dirname : place.filename)
      }
      return ts.visitEachChild(node, visitExpression, context)
    }
    return source => {
      const imports: ts.Statement[] = []
      const others: ts.Statement[] = []
      for (const statement of source.statements) {
        const isImport = ts.isImportDeclaration(statement) || ts.isImportEqualsDeclaration(statement)
        const rewritten = withoutModuleSyntax(factory, statement, typeOnly)
        const target = isImport ? imports : others
        target.push(...rewritten.map(one => ts.visitNode(one, visitExpression) as ts.Statement))
      }
      return factory.updateSourceFile(source, [...imports, ...others])
    }
  }
}

function isPlaceName(node: ts.Identifier): boolean {
  if (node.text !== "__dirname" && node.text !== "__filename") return false
  const parent = node.parent as ts.Node | undefined
  if (parent === undefined) return false
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node
  if (ts.isVariableDeclaration(parent) || ts.isBindingElement(parent)) return parent.initializer === node
  return (
    !(
      ts.isParameter(parent) ||
      ts.isPropertyAssignment(parent) ||
      ts.isShorthandPropertyAssignment(parent)
    ) ||
    (ts.isPropertyAssignment(parent) && parent.initializer === node)
  )
}

function importMeta(factory: ts.NodeFactory, place: CellPlace): ts.Expression {
  const property = (name: string, value: string) =>
    factory.createPropertyAssignment(name, factory.createStringLiteral(value))
  const { url, dirname, filename } = place
  return factory.createParenthesizedExpression(
    factory.createObjectLiteralExpression([
      property("url", url),
      property("dirname", dirname),
      property("filename", filename),
    ]),
  )
}

/** A statement without `import` and `export`; several, one or none. */
function withoutModuleSyntax(
  factory: ts.NodeFactory,
  statement: ts.Statement,
  typeOnly: ReadonlySet<string>,
): readonly ts.Statement[] {
  if (ts.isImportDeclaration(statement)) return importStatements(factory, statement, typeOnly)
  if (ts.isImportEqualsDeclaration(statement)) return requireStatement(factory, statement, typeOnly)
  if (ts.isExportDeclaration(statement)) {
    const from = statement.moduleSpecifier
    if (from === undefined || statement.isTypeOnly) return []
    return [located(factory.createExpressionStatement(importCall(factory, from)), statement)]
  }
  if (ts.isExportAssignment(statement)) {
    return [located(factory.createExpressionStatement(statement.expression), statement)]
  }
  return hasModifier(statement, ts.SyntaxKind.ExportKeyword)
    ? [withoutExport(factory, statement)]
    : [statement]
}

function importCall(factory: ts.NodeFactory, specifier: ts.Expression): ts.Expression {
  return factory.createAwaitExpression(
    factory.createCallExpression(factory.createIdentifier(importer), undefined, [specifier]),
  )
}

/** `import d, * as n from "m"` is `const n = await load("m")` and `const {default: d} = await load("m")`. */
function importStatements(
  factory: ts.NodeFactory,
  declaration: ts.ImportDeclaration,
  typeOnly: ReadonlySet<string>,
): readonly ts.Statement[] {
  const clause = declaration.importClause
  const call = importCall(factory, declaration.moduleSpecifier)
  if (clause === undefined) return [located(factory.createExpressionStatement(call), declaration)]
  if (clause.isTypeOnly) return []
  const elements: ts.BindingElement[] = []
  const bind = (imported: string | ts.StringLiteral, local: ts.Identifier) => {
    if (!typeOnly.has(local.text)) elements.push(factory.createBindingElement(undefined, imported, local))
  }
  if (clause.name !== undefined) bind("default", clause.name)
  const bindings = clause.namedBindings
  const statements: ts.Statement[] = []
  if (bindings !== undefined && ts.isNamespaceImport(bindings)) {
    if (!typeOnly.has(bindings.name.text)) {
      statements.push(located(constant(factory, bindings.name, call), declaration))
    }
  } else if (bindings !== undefined) {
    for (const element of bindings.elements) {
      if (element.isTypeOnly) continue
      const imported = element.propertyName ?? element.name
      bind(
        ts.isStringLiteral(imported) ? factory.createStringLiteral(imported.text) : imported.text,
        element.name,
      )
    }
  }
  if (elements.length > 0) {
    statements.push(
      located(constant(factory, factory.createObjectBindingPattern(elements), call), declaration),
    )
  }
  return statements
}

/** `import x = require("m")`; `import x = A.B` stays TypeScript's to emit. */
function requireStatement(
  factory: ts.NodeFactory,
  declaration: ts.ImportEqualsDeclaration,
  typeOnly: ReadonlySet<string>,
): readonly ts.Statement[] {
  if (declaration.isTypeOnly || typeOnly.has(declaration.name.text)) return []
  const reference = declaration.moduleReference
  const value = ts.isExternalModuleReference(reference)
    ? factory.createCallExpression(factory.createIdentifier("require"), undefined, [reference.expression])
    : entityExpression(factory, reference)
  return [located(constant(factory, declaration.name, value), declaration)]
}

function entityExpression(factory: ts.NodeFactory, name: ts.EntityName): ts.Expression {
  if (ts.isIdentifier(name)) return factory.createIdentifier(name.text)
  return factory.createPropertyAccessExpression(entityExpression(factory, name.left), name.right.text)
}

function constant(factory: ts.NodeFactory, name: ts.BindingName, value: ts.Expression): ts.Statement {
  const declaration = factory.createVariableDeclaration(name, undefined, undefined, value)
  return factory.createVariableStatement(
    undefined,
    factory.createVariableDeclarationList([declaration], ts.NodeFlags.Const),
  )
}

function withoutExport(factory: ts.NodeFactory, statement: ts.Statement): ts.Statement {
  const dropped = new Set([ts.SyntaxKind.ExportKeyword, ts.SyntaxKind.DefaultKeyword])
  if (!ts.canHaveModifiers(statement)) return statement
  const modifiers = (ts.getModifiers(statement) ?? []).filter(modifier => !dropped.has(modifier.kind))
  const decorators = ts.canHaveDecorators(statement) ? (ts.getDecorators(statement) ?? []) : []
  const kept = [...decorators, ...modifiers]
  if (ts.isFunctionDeclaration(statement)) {
    const { asteriskToken, name, typeParameters, parameters, type, body } = statement
    const local = name ?? factory.createIdentifier("__default")
    return factory.updateFunctionDeclaration(
      statement,
      kept,
      asteriskToken,
      local,
      typeParameters,
      parameters,
      type,
      body,
    )
  }
  if (ts.isClassDeclaration(statement)) {
    const { name, typeParameters, heritageClauses, members } = statement
    const local = name ?? factory.createIdentifier("__default")
    return factory.updateClassDeclaration(statement, kept, local, typeParameters, heritageClauses, members)
  }
  if (ts.isVariableStatement(statement)) {
    return factory.updateVariableStatement(statement, modifiers, statement.declarationList)
  }
  if (ts.isEnumDeclaration(statement)) {
    return factory.updateEnumDeclaration(statement, modifiers, statement.name, statement.members)
  }
  if (ts.isModuleDeclaration(statement)) {
    return factory.updateModuleDeclaration(statement, modifiers, statement.name, statement.body)
  }
  return statement
}

function located<T extends ts.Node>(node: T, at: ts.Node): T {
  return ts.setTextRange(node, at)
}

/** Top-level `const`, `var`, `function` and `class` become `let`; strict mode, as in any module. */
export const afterTypes: ts.TransformerFactory<ts.SourceFile> = context => {
  const { factory } = context
  return source => {
    const statements = source.statements.filter(statement => !ts.isExportDeclaration(statement))
    const repeated = repeatedVars(statements)
    const functions: ts.Statement[] = []
    const others: ts.Statement[] = []
    const seen = new Set<string>()
    for (const statement of statements) {
      if (ts.isFunctionDeclaration(statement) && statement.name !== undefined) {
        functions.push(functionAsLet(factory, statement))
      } else {
        others.push(declarationsAsLet(context, statement, repeated, seen))
      }
    }
    const strict = factory.createExpressionStatement(factory.createStringLiteral("use strict"))
    const hoisted = [...repeated].map(name => declareLet(factory, name))
    return factory.updateSourceFile(source, [strict, ...hoisted, ...functions, ...others])
  }
}

/** `var` names that one `let` in their place cannot stand for: declared twice, or inside a block or loop. */
function repeatedVars(statements: readonly ts.Statement[]): Set<string> {
  const once = new Set<string>()
  const repeated = new Set<string>()
  for (const statement of statements) {
    for (const name of hoistedVars(statement)) repeated.add(name)
    if (!ts.isVariableStatement(statement) || !isVar(statement.declarationList)) continue
    for (const name of boundNames(statement.declarationList)) (once.has(name) ? repeated : once).add(name)
  }
  return repeated
}

function declareLet(factory: ts.NodeFactory, name: string): ts.Statement {
  const list = factory.createVariableDeclarationList(
    [factory.createVariableDeclaration(name)],
    ts.NodeFlags.Let,
  )
  return factory.createVariableStatement(undefined, list)
}

/** The function stays nameless inside, so that a call to itself sees a later redeclaration, as in Node's REPL. */
function functionAsLet(factory: ts.NodeFactory, statement: ts.FunctionDeclaration): ts.Statement {
  const { name, modifiers, asteriskToken, parameters, body } = statement
  const asyncOnly = modifiers?.filter((m): m is ts.AsyncKeyword => m.kind === ts.SyntaxKind.AsyncKeyword)
  const value = factory.createFunctionExpression(
    asyncOnly,
    asteriskToken,
    undefined,
    undefined,
    parameters,
    undefined,
    body ?? factory.createBlock([]),
  )
  const declaration = factory.createVariableDeclaration(
    name!,
    undefined,
    undefined,
    located(value, statement),
  )
  const list = factory.createVariableDeclarationList([declaration], ts.NodeFlags.Let)
  return located(factory.createVariableStatement(undefined, list), statement)
}

function declarationsAsLet(
  context: ts.TransformationContext,
  statement: ts.Statement,
  hoisted: ReadonlySet<string>,
  seen: Set<string>,
): ts.Statement {
  const { factory } = context
  if (ts.isVariableStatement(statement)) {
    const names = boundNames(statement.declarationList)
    if (isVar(statement.declarationList) && names.some(name => hoisted.has(name))) {
      for (const name of names) if (!hoisted.has(name)) seen.add(name)
      return assignments(factory, statement.declarationList) ?? factory.createEmptyStatement()
    }
    const list = factory.createVariableDeclarationList(
      statement.declarationList.declarations,
      ts.NodeFlags.Let,
    )
    return factory.updateVariableStatement(
      statement,
      statement.modifiers,
      located(list, statement.declarationList),
    )
  }
  return hoisted.size === 0
    ? statement
    : (ts.visitNode(statement, node => replaceVars(context, node)) as ts.Statement)
}

/** Inside blocks and loops: `var` becomes an assignment to the name hoisted to the top. */
function replaceVars(context: ts.TransformationContext, node: ts.Node): ts.Node {
  const { factory } = context
  if (ts.isFunctionLike(node) || ts.isClassLike(node)) return node
  const again = (child: ts.Node) => replaceVars(context, child)
  if (ts.isVariableStatement(node) && isVar(node.declarationList)) {
    return assignments(factory, node.declarationList) ?? factory.createEmptyStatement()
  }
  if (ts.isForStatement(node) && isVarList(node.initializer)) {
    const { condition, incrementor, statement } = node
    const first = assignment(factory, node.initializer)
    return factory.updateForStatement(
      node,
      first,
      condition,
      incrementor,
      ts.visitNode(statement, again) as ts.Statement,
    )
  }
  if (ts.isForOfStatement(node) && isVarList(node.initializer)) {
    const target = bindingTarget(factory, node.initializer.declarations[0]!.name)
    const body = ts.visitNode(node.statement, again) as ts.Statement
    return factory.updateForOfStatement(node, node.awaitModifier, target, node.expression, body)
  }
  if (ts.isForInStatement(node) && isVarList(node.initializer)) {
    const target = bindingTarget(factory, node.initializer.declarations[0]!.name)
    return factory.updateForInStatement(
      node,
      target,
      node.expression,
      ts.visitNode(node.statement, again) as ts.Statement,
    )
  }
  return ts.visitEachChild(node, again, context)
}

function isVarList(node: ts.ForInitializer | undefined): node is ts.VariableDeclarationList {
  return node !== undefined && ts.isVariableDeclarationList(node) && isVar(node)
}

function assignments(factory: ts.NodeFactory, list: ts.VariableDeclarationList): ts.Statement | undefined {
  const expression = assignment(factory, list)
  if (expression === undefined) return undefined
  return located(factory.createExpressionStatement(expression), list)
}

function assignment(factory: ts.NodeFactory, list: ts.VariableDeclarationList): ts.Expression | undefined {
  const parts = list.declarations
    .filter(declaration => declaration.initializer !== undefined)
    .map(({ name, initializer }) => {
      const assigned = factory.createAssignment(bindingTarget(factory, name), initializer!)
      return ts.isIdentifier(name) ? assigned : factory.createParenthesizedExpression(assigned)
    })
  return parts.length === 0 ? undefined : parts.reduce((all, next) => factory.createComma(all, next) as never)
}

/** A binding pattern as the target of an assignment. */
function bindingTarget(factory: ts.NodeFactory, name: ts.BindingName): ts.Expression {
  if (ts.isIdentifier(name)) return name
  const withDefault = (element: ts.BindingElement) => {
    const target = bindingTarget(factory, element.name)
    return element.initializer === undefined ? target : factory.createAssignment(target, element.initializer)
  }
  if (ts.isArrayBindingPattern(name)) {
    return factory.createArrayLiteralExpression(
      name.elements.map(element => {
        if (!ts.isBindingElement(element)) return factory.createOmittedExpression()
        return element.dotDotDotToken
          ? factory.createSpreadElement(withDefault(element))
          : withDefault(element)
      }),
    )
  }
  return factory.createObjectLiteralExpression(
    name.elements.map(element => {
      if (element.dotDotDotToken) return factory.createSpreadAssignment(withDefault(element))
      const key = element.propertyName ?? (element.name as ts.Identifier)
      return factory.createPropertyAssignment(key, withDefault(element))
    }),
  )
}
