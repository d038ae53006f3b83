// Reads the body of a function and makes the expressions that give the same for every row. Type-directed: what an operator
// means depends on the columns' types, which are known. Whatever it is not sure of it refuses, with the reason.

import type ts from "typescript"
import type { Closure } from "../closure.js"
import type { ExprNode, LiteralValue } from "../ExprNode.js"
import type { Schema } from "../Schema.js"
import { type ArithmeticOperator, arithmetic, mathFunctions, negate, truthy } from "./arithmetic.js"
import { choose, isNan, toNumber } from "./choice.js"
import { equality, inequality, order } from "./comparison.js"
import { dateMethod } from "./dates.js"
import { folded } from "./folding.js"
import {
  bool,
  columnValue,
  constant,
  type JsValue,
  kindOf,
  nodeOfValue,
  type PlainValue,
  text,
} from "./JsValue.js"
import { both, either, negated } from "./logic.js"
import { refuse } from "./refuse.js"
import { isNotNull, no, yes } from "./sql.js"
import { concat, textMember, textMethods, toText } from "./text.js"

type TypeScript = typeof ts

/** A name in the function's text. `row` is the row itself, less the columns that were taken out of it. */
export type Binding = { readonly row: readonly string[] } | { readonly value: JsValue }

export interface TranslatorOptions {
  readonly typescript: TypeScript
  readonly schema: Schema
  /** What the user called, for messages. */
  readonly where: string
  readonly closure: Closure
}

export class Translator {
  readonly #ts: TypeScript
  readonly #names = new Map<string, Binding>()

  constructor(private readonly options: TranslatorOptions) {
    this.#ts = options.typescript
  }

  bind(name: string, binding: Binding): void {
    this.#names.set(name, binding)
  }

  binding(name: string): Binding | undefined {
    return this.#names.get(name)
  }

  column(name: string): JsValue {
    const { schema, where } = this.options
    if (name in Object.prototype && !schema.has(name)) throw refuse(`it uses \`.${name}\` of the row`)
    const type = schema.type(name, where)
    const field = schema.fields.find(one => one.name === name)
    return columnValue(name, type, (field as { nullable?: boolean }).nullable !== false)
  }

  value(node: ts.Expression): JsValue {
    const t = this.#ts
    if (t.isParenthesizedExpression(node)) return this.value(node.expression)
    if (t.isNumericLiteral(node)) return constant(Number(node.text))
    if (t.isBigIntLiteral(node)) return constant(BigInt(node.text.slice(0, -1)))
    if (t.isStringLiteral(node) || t.isNoSubstitutionTemplateLiteral(node)) return constant(node.text)
    if (node.kind === t.SyntaxKind.TrueKeyword) return constant(true)
    if (node.kind === t.SyntaxKind.FalseKeyword) return constant(false)
    if (node.kind === t.SyntaxKind.NullKeyword) return constant(null)
    if (t.isIdentifier(node)) return this.#identifier(node.text)
    if (t.isPropertyAccessExpression(node)) return this.#member(node, node.name.text)
    if (t.isElementAccessExpression(node)) return this.#element(node)
    if (t.isPrefixUnaryExpression(node)) return this.#unary(node)
    if (t.isBinaryExpression(node)) return this.#binary(node)
    if (t.isConditionalExpression(node)) {
      return choose(this.condition(node.condition), this.value(node.whenTrue), this.value(node.whenFalse))
    }
    if (t.isTemplateExpression(node)) return this.#template(node)
    if (t.isCallExpression(node)) return this.#call(node)
    if (t.isVoidExpression(node) && t.isNumericLiteral(node.expression)) return constant(undefined)
    if (t.isNewExpression(node)) return this.#newDate(node)
    throw refuse(`it has ${this.#quote(node)}`)
  }

  /** An expression that is true or false, never NULL. */
  condition(node: ts.Expression): ExprNode {
    return truthy(this.value(node))
  }

  #identifier(name: string): JsValue {
    const bound = this.#names.get(name)
    if (bound !== undefined) {
      if ("value" in bound) return bound.value
      throw refuse("it uses the row as a whole")
    }
    const found = this.options.closure.lookup(name)
    if (found !== undefined) return this.#outer(name, found.value)
    // Also what a cell declared with `var`.
    const global = Object.getOwnPropertyDescriptor(globalThis, name)
    if (global !== undefined && "value" in global) return this.#outer(name, global.value)
    throw refuse(`it uses \`${name}\`, whose value cannot be seen`)
  }

  #outer(name: string, value: unknown): JsValue {
    if (value === null || value === undefined) return constant(value)
    if (["number", "string", "boolean", "bigint"].includes(typeof value))
      return constant(value as LiteralValue)
    if (value instanceof Date) return constant(new Date(value.getTime()))
    throw refuse(`it uses \`${name}\`, which is no plain value`)
  }

  /** An outer object or array, also inside another; only its plain contents can be used. */
  #outerObject(node: ts.Expression): object | undefined {
    const found = this.#outerValue(node)
    return typeof found === "object" && found !== null && !(found instanceof Date) ? found : undefined
  }

  #outerValue(node: ts.Expression): unknown {
    if (this.#ts.isPropertyAccessExpression(node)) {
      const object = this.#outerObject(node.expression)
      return object === undefined ? undefined : Object.getOwnPropertyDescriptor(object, node.name.text)?.value
    }
    if (!this.#ts.isIdentifier(node) || this.#names.has(node.text)) return undefined
    return this.options.closure.lookup(node.text)?.value
  }

  /** A name that means JavaScript's own object here. */
  #isGlobal(node: ts.Expression, name: string): boolean {
    if (!this.#ts.isIdentifier(node) || node.text !== name || this.#names.has(name)) return false
    return this.options.closure.lookup(name) === undefined
  }

  #rowOf(node: ts.Expression): readonly string[] | undefined {
    const bound = this.#ts.isIdentifier(node) ? this.#names.get(node.text) : undefined
    return bound !== undefined && "row" in bound ? bound.row : undefined
  }

  #member(node: ts.PropertyAccessExpression | ts.ElementAccessExpression, name: string): JsValue {
    const without = this.#rowOf(node.expression)
    if (without !== undefined) return without.includes(name) ? constant(undefined) : this.column(name)
    const outer = this.#outerObject(node.expression)
    if (outer !== undefined) {
      const property = Object.getOwnPropertyDescriptor(outer, name)
      if (property === undefined || !("value" in property)) throw refuse(`it uses ${this.#quote(node)}`)
      return this.#outer(this.#text(node), property.value)
    }
    if (this.#isGlobal(node.expression, "Math") && typeof Math[name as "PI"] === "number")
      return constant(Math[name as "PI"])
    if (this.#isGlobal(node.expression, "Number") && typeof Number[name as "EPSILON"] === "number")
      return constant(Number[name as "EPSILON"])
    const self = this.value(node.expression)
    if (self.kind === "constant" && typeof self.value === "string" && name === "length")
      return constant(self.value.length)
    if (kindOf(self) === "text") throw textMember(name)
    throw refuse(`it uses ${this.#quote(node)}`)
  }

  #element(node: ts.ElementAccessExpression): JsValue {
    const key = this.value(node.argumentExpression)
    if (key.kind !== "constant") throw refuse(`it uses ${this.#quote(node)}`)
    return this.#member(node, String(key.value))
  }

  #unary(node: ts.PrefixUnaryExpression): JsValue {
    const { SyntaxKind } = this.#ts
    if (node.operator === SyntaxKind.ExclamationToken) return bool(negated(this.condition(node.operand)))
    const value = this.value(node.operand)
    if (node.operator === SyntaxKind.MinusToken) {
      if (value.kind !== "constant") return negate(value)
      return constant(typeof value.value === "bigint" ? -value.value : -Number(value.value))
    }
    if (node.operator === SyntaxKind.PlusToken && ["number", "null"].includes(kindOf(value)))
      return value.kind === "constant" ? constant(Number(value.value)) : arithmetic("*", value, constant(1))
    throw refuse(`it has ${this.#quote(node)}`)
  }

  #binary(node: ts.BinaryExpression): JsValue {
    const operator = node.operatorToken.getText()
    const { left, right } = node
    switch (operator) {
      case "&&":
        return this.#logic(left, right, (test, a, b) => choose(test, b, a))
      case "||":
        return this.#logic(left, right, (test, a, b) => choose(test, a, b))
      case "??": {
        const [a, b] = [this.value(left), this.value(right)]
        if (a.kind === "constant") return a.value == null ? b : a
        return a.nullable ? choose(isNotNull(a.node), { ...a, nullable: false }, b) : a
      }
      case "===":
        return equality(this.value(left), this.value(right))
      case "!==":
        return inequality(equality(this.value(left), this.value(right)))
      case "==":
      case "!=": {
        const [a, b] = [this.value(left), this.value(right)]
        if (kindOf(a) !== "null" && kindOf(b) !== "null")
          throw refuse(`\`${operator}\` converts; use \`${operator}=\``)
        const equal = equality(
          a.kind === "constant" && a.value == null ? constant(null) : a,
          b.kind === "constant" && b.value == null ? constant(null) : b,
        )
        return operator === "==" ? equal : inequality(equal)
      }
      case "<":
      case "<=":
      case ">":
      case ">=":
        return order(operator, this.value(left), this.value(right))
      case "+":
      case "-":
      case "*":
      case "/":
      case "%":
        return this.#arithmetic(operator, this.value(left), this.value(right))
      default:
        throw refuse(`\`${operator}\` is not the same in every engine`)
    }
  }

  #logic(
    left: ts.Expression,
    right: ts.Expression,
    choose: (test: ExprNode, a: JsValue, b: JsValue) => JsValue,
  ): JsValue {
    const a = this.value(left)
    const test = truthy(a)
    if (a.kind === "constant") return choose(test, a, this.value(right))
    const b = this.value(right)
    const plain = [a, b].every(
      value => kindOf(value) === "boolean" && (value.kind === "constant" || !value.nullable),
    )
    if (!plain) return choose(test, a, b)
    // Two real booleans: the engine's own AND and OR, which it can push down.
    return choose(yes, a, b) === b ? bool(both(test, truthy(b))) : bool(either(test, truthy(b)))
  }

  #arithmetic(operator: ArithmeticOperator, a: JsValue, b: JsValue): JsValue {
    if (a.kind === "constant" && b.kind === "constant") return constant(folded(operator, a.value, b.value))
    const kinds = [kindOf(a), kindOf(b)]
    if (operator !== "+" || !kinds.includes("text")) return arithmetic(operator, a, b)
    const sure = [a, b].some(
      value => kindOf(value) === "text" && (value.kind === "constant" || !value.nullable),
    )
    if (!sure) throw refuse("`+` with text that may be null may be of numbers (a template is always text)")
    return concat([a, b])
  }

  #template(node: ts.TemplateExpression): JsValue {
    const parts: JsValue[] = node.head.text === "" ? [] : [constant(node.head.text)]
    for (const span of node.templateSpans) {
      parts.push(this.value(span.expression))
      if (span.literal.text !== "") parts.push(constant(span.literal.text))
    }
    if (parts.every(part => part.kind === "constant"))
      return constant(parts.map(part => String((part as { value: unknown }).value)).join(""))
    return concat(parts)
  }

  #call(node: ts.CallExpression): JsValue {
    const t = this.#ts
    const args = () => node.arguments.map(argument => this.value(argument))
    if (node.arguments.some(t.isSpreadElement)) throw refuse("a call spreads its arguments")
    if (t.isIdentifier(node.expression)) return this.#plainCall(node.expression, args)
    if (!t.isPropertyAccessExpression(node.expression))
      throw refuse(`it calls ${this.#quote(node.expression)}`)
    const { expression: target, name, questionDotToken } = node.expression
    const method = name.text
    if (this.#isGlobal(target, "Math")) return this.#math(method, args())
    if (this.#isGlobal(target, "Number") && method === "isNaN") return isNan(args()[0])
    const list = this.#list(target)
    if (list !== undefined && method === "includes") return this.#isIn(args()[0]!, list)
    const self = this.value(target)
    if (self.kind === "constant") {
      const known = args()
      if (known.every(arg => arg.kind === "constant")) return this.#constantCall(self.value, method, known)
      if (typeof self.value !== "string") throw refuse(`it calls ${this.#quote(node.expression)}`)
    }
    if (questionDotToken === undefined) return this.#method(self, method, args(), node)
    if (this.#seesUndefined(node))
      throw refuse("`?.` gives undefined, which an engine does not tell from null")
    const made = this.#method(self, method, args(), node)
    return made.kind === "constant" || self.kind === "constant" ? made : { ...made, nullable: self.nullable }
  }

  #method(self: JsValue, method: string, args: readonly JsValue[], node: ts.CallExpression): JsValue {
    const kind = kindOf(self)
    if (kind === "text") {
      const change = Object.hasOwn(textMethods, method) ? textMethods[method] : undefined
      if (change === undefined) throw textMember(method)
      return change(self.kind === "constant" ? text(nodeOfValue(self)) : (self as PlainValue), args)
    }
    if (kind === "date" && args.length === 0) return dateMethod(self as PlainValue, method)
    throw refuse(`it calls ${this.#quote(node.expression)}`)
  }

  /** Whether what holds the node can tell undefined, which `?.` gives, from null. */
  #seesUndefined(node: ts.Node): boolean {
    const t = this.#ts
    const { parent } = node
    if (t.isParenthesizedExpression(parent)) return this.#seesUndefined(parent)
    if (t.isConditionalExpression(parent)) return parent.condition !== node && this.#seesUndefined(parent)
    if (t.isPrefixUnaryExpression(parent)) return parent.operator !== t.SyntaxKind.ExclamationToken
    if (t.isBinaryExpression(parent)) {
      const operator = parent.operatorToken.getText()
      if (["==", "!="].includes(operator) || (operator === "??" && parent.left === node)) return false
      return !["??", "&&", "||"].includes(operator) || this.#seesUndefined(parent)
    }
    return !(t.isPropertyAssignment(parent) || t.isArrowFunction(parent) || t.isReturnStatement(parent))
  }

  #plainCall(callee: ts.Identifier, args: () => JsValue[]): JsValue {
    const name = callee.text
    const [value, ...more] =
      ["Number", "String", "Boolean"].includes(name) && this.#isGlobal(callee, name) ? args() : []
    if (value === undefined || more.length > 0) throw refuse(`it calls \`${name}\``)
    if (name === "Boolean") return bool(truthy(value))
    if (name === "String") return value.kind === "constant" ? constant(String(value.value)) : toText(value)
    return toNumber(value)
  }

  #math(name: string, args: readonly JsValue[]): JsValue {
    if (args.every(arg => arg.kind === "constant"))
      return constant(
        (Math[name as "max"] as (...values: number[]) => number)(...args.map(arg => Number(arg.value))),
      )
    const translate = Object.hasOwn(mathFunctions, name) ? mathFunctions[name] : undefined
    if (translate === undefined) throw refuse(`the last digit of \`Math.${name}\` differs between engines`)
    return translate(...args)
  }

  /** The plain values of a list that is written out or known. */
  #list(node: ts.Expression): readonly JsValue[] | undefined {
    if (this.#ts.isArrayLiteralExpression(node)) return node.elements.map(element => this.value(element))
    const outer = this.#outerObject(node)
    if (!Array.isArray(outer)) return undefined
    if (outer.length > 1000) throw refuse("a list it looks in is long")
    return outer.map(value => this.#outer(this.#text(node), value))
  }

  #isIn(value: JsValue, list: readonly JsValue[]): JsValue {
    return list
      .map(item => equality(value, item))
      .reduce((a, b) => bool(either(truthy(a), truthy(b))), bool(no) as JsValue)
  }

  #constantCall(self: unknown, method: string, args: readonly JsValue[]): JsValue {
    const target = Object(self) as Record<string, unknown>
    const known = typeof self === "string" || typeof self === "number" || self instanceof Date
    if (!known || typeof target[method] !== "function") throw refuse(`it calls \`.${method}\``)
    const values = args.map(arg => (arg as { value: unknown }).value)
    return this.#outer(`.${method}()`, (target[method] as (...all: unknown[]) => unknown).apply(self, values))
  }

  #newDate(node: ts.NewExpression): JsValue {
    if (!this.#isGlobal(node.expression, "Date")) throw refuse(`it has ${this.#quote(node)}`)
    const args = (node.arguments ?? []).map(argument => this.value(argument))
    if (args.length === 0 || args.some(arg => arg.kind !== "constant"))
      throw refuse("it makes a Date for each row")
    const values = args.map(arg => (arg as { value: unknown }).value) as [string]
    return constant(new Date(...values))
  }

  #quote(node: ts.Node): string {
    return `\`${this.#text(node)}\``
  }

  #text(node: ts.Node): string {
    const text = node.getText().replace(/\s+/g, " ")
    return text.length > 40 ? `${text.slice(0, 39)}…` : text
  }
}
