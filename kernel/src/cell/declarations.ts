// Which names a cell declares at its top level and which it mentions: by syntax alone, since a cell must be linked to the
// cells before it before anything can be checked.

import ts from "typescript"

/** How later cells see a name: `let` may be assigned to, the rest is imported. */
export type DeclarationKind =
  | "let"
  | "const"
  | "function"
  | "class"
  | "enum"
  | "namespace"
  | "type"
  | "import"

export interface Declared {
  readonly name: string
  readonly kind: DeclarationKind
  /** The user wrote `export` in front, so that we must not export it again. */
  readonly exported: boolean
}

const rank: readonly DeclarationKind[] = [
  "type",
  "import",
  "namespace",
  "enum",
  "function",
  "class",
  "const",
  "let",
]

/** Top-level names in order of appearance; a name declared twice (a type and a value) has the kind of its value. */
export function declaredNames(source: ts.SourceFile): Declared[] {
  const found = new Map<string, Declared>()
  const add = (name: string, kind: DeclarationKind, exported: boolean) => {
    const before = found.get(name)
    const stronger = before === undefined || rank.indexOf(kind) > rank.indexOf(before.kind)
    const isExported = exported || (before?.exported ?? false)
    found.set(name, { name, kind: stronger ? kind : before.kind, exported: isExported })
  }
  for (const statement of source.statements) declare(statement, add)
  for (const statement of source.statements)
    for (const name of hoistedVars(statement)) add(name, "let", false)
  for (const name of exportedByList(source)) {
    const before = found.get(name)
    if (before !== undefined) found.set(name, { ...before, exported: true })
  }
  return [...found.values()]
}

type Add = (name: string, kind: DeclarationKind, exported: boolean) => void

function declare(statement: ts.Statement, add: Add): void {
  const exported = hasModifier(statement, ts.SyntaxKind.ExportKeyword)
  const named = (kind: DeclarationKind, name: ts.Node | undefined) => {
    const isDefault = hasModifier(statement, ts.SyntaxKind.DefaultKeyword)
    if (name !== undefined && ts.isIdentifier(name)) add(name.text, kind, exported && !isDefault)
  }
  if (ts.isVariableStatement(statement)) {
    const kind = isConst(statement.declarationList) ? "const" : "let"
    for (const name of boundNames(statement.declarationList)) add(name, kind, exported)
  } else if (ts.isFunctionDeclaration(statement)) named("function", statement.name)
  else if (ts.isClassDeclaration(statement)) named("class", statement.name)
  else if (ts.isEnumDeclaration(statement)) named("enum", statement.name)
  else if (ts.isInterfaceDeclaration(statement)) named("type", statement.name)
  else if (ts.isTypeAliasDeclaration(statement)) named("type", statement.name)
  else if (ts.isModuleDeclaration(statement) && !isGlobalAugmentation(statement))
    named("namespace", statement.name)
  else if (ts.isImportEqualsDeclaration(statement)) named("import", statement.name)
  else if (ts.isImportDeclaration(statement))
    for (const name of importedNames(statement)) named("import", name)
}

/** The local names that an import declaration binds. */
export function importedNames(declaration: ts.ImportDeclaration): ts.Identifier[] {
  const clause = declaration.importClause
  if (clause === undefined) return []
  const names = clause.name === undefined ? [] : [clause.name]
  const bindings = clause.namedBindings
  if (bindings === undefined) return names
  if (ts.isNamespaceImport(bindings)) return [...names, bindings.name]
  return [...names, ...bindings.elements.map(element => element.name)]
}

/** Names bound by `let`, `const`, `var` or `using`, destructuring included. */
export function boundNames(list: ts.VariableDeclarationList): string[] {
  const names: string[] = []
  const visit = (name: ts.BindingName): void => {
    if (ts.isIdentifier(name)) names.push(name.text)
    else for (const element of name.elements) if (ts.isBindingElement(element)) visit(element.name)
  }
  for (const declaration of list.declarations) visit(declaration.name)
  return names
}

/** Names of `var` declarations inside blocks and loops: they belong to the cell, not to the block. */
export function hoistedVars(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement)) return []
  const names: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) || ts.isClassLike(node) || ts.isModuleDeclaration(node)) return
    if (ts.isVariableDeclarationList(node) && isVar(node)) names.push(...boundNames(node))
    ts.forEachChild(node, visit)
  }
  visit(statement)
  return names
}

export function isVar(list: ts.VariableDeclarationList): boolean {
  return (list.flags & ts.NodeFlags.BlockScoped) === 0
}

function isConst(list: ts.VariableDeclarationList): boolean {
  return (list.flags & ts.NodeFlags.Const) !== 0
}

function exportedByList(source: ts.SourceFile): string[] {
  return source.statements.flatMap(statement =>
    ts.isExportDeclaration(statement) &&
    statement.moduleSpecifier === undefined &&
    statement.exportClause !== undefined &&
    ts.isNamedExports(statement.exportClause)
      ? statement.exportClause.elements
          .filter(element => element.propertyName === undefined)
          .map(element => element.name.text)
      : [],
  )
}

/** Every identifier of the cell but those after a dot: more than the free names, which costs an unused import at most. */
export function mentionedNames(source: ts.SourceFile): Set<string> {
  const names = new Set<string>()
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && !isMemberName(node)) names.add(node.text)
    ts.forEachChild(node, visit)
  }
  visit(source)
  return names
}

function isMemberName(node: ts.Identifier): boolean {
  const parent = node.parent
  if (ts.isPropertyAccessExpression(parent)) return parent.name === node
  if (ts.isQualifiedName(parent)) return parent.right === node
  return ts.isPropertyAssignment(parent) && parent.name === node
}

/** `declare global` and `declare module "x"` change types everywhere, so such a cell stays part of every check. */
export function changesAmbientTypes(source: ts.SourceFile): boolean {
  return source.statements.some(
    s => ts.isModuleDeclaration(s) && (isGlobalAugmentation(s) || ts.isStringLiteral(s.name)),
  )
}

function isGlobalAugmentation(node: ts.ModuleDeclaration): boolean {
  return (node.flags & ts.NodeFlags.GlobalAugmentation) !== 0
}

/** Packages that the cell imports by a literal name: their typings are kept loaded from then on. */
export function importedPackages(source: ts.SourceFile): string[] {
  const found = new Set<string>()
  const visit = (node: ts.Node): void => {
    const literal = importedLiteral(node)
    if (literal !== undefined && !/^[./]|^node:|^file:/.test(literal)) found.add(literal)
    ts.forEachChild(node, visit)
  }
  visit(source)
  return [...found]
}

function importedLiteral(node: ts.Node): string | undefined {
  if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier))
    return node.moduleSpecifier.text
  const isImportCall = ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword
  const argument = isImportCall ? node.arguments[0] : undefined
  return argument !== undefined && ts.isStringLiteralLike(argument) ? argument.text : undefined
}

export function hasModifier(node: ts.Node, kind: ts.SyntaxKind): boolean {
  return ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some(modifier => modifier.kind === kind)
}
