// What is known when a function is translated is computed then, by JavaScript itself.

import type { LiteralValue } from "../ExprNode.js"
import type { ArithmeticOperator, Comparison } from "./arithmetic.js"

export function compared(how: Comparison, a: unknown, b: unknown): boolean {
  const [x, y] = [a, b] as [number, number]
  return { lt: x < y, lte: x <= y, gt: x > y, gte: x >= y }[how]
}

export function folded(operator: ArithmeticOperator, a: unknown, b: unknown): LiteralValue {
  const [x, y] = [a, b] as [number, number]
  switch (operator) {
    case "+":
      return x + y
    case "-":
      return x - y
    case "*":
      return x * y
    case "/":
      return x / y
    case "%":
      return x % y
  }
}
