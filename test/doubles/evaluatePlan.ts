// A second opinion: evaluates a plan row by row in plain JavaScript, written from the words of frame/functions.ts and
// without the engine's SQL. Small and slow; for tests. Covers what the property tests generate and throws for the rest.
import type { ExprNode } from "../../kernel/src/frame/ExprNode.js"
import type { Plan } from "../../kernel/src/frame/nodes/plan.js"

type Value = number | bigint | string | boolean | null
export type Row = Record<string, Value>

export function evaluate(plan: Plan): Row[] {
  switch (plan.op) {
    case "local":
      return Array.from({ length: plan.rows }, (_, row) =>
        Object.fromEntries(
          plan.fields.map(({ name, type }, i) => [name, decode(plan.columns[i]![row]!, type.kind)]),
        ),
      )
    case "filter":
      return evaluate(plan.input).filter(row => value(plan.predicate, row) === true)
    case "project":
      return evaluate(plan.input).map(row => named(plan.columns, expr => value(expr, row)))
    case "aggregate":
      return aggregate(plan)
    case "sort":
      return evaluate(plan.input).sort((a, b) => {
        for (const { expr, direction } of plan.order) {
          const order = compareNullsFirst(value(expr, a), value(expr, b))
          if (order !== 0) return direction === "asc" ? order : -order
        }
        return 0
      })
    case "limit":
      return evaluate(plan.input).slice(plan.offset, plan.rows === null ? undefined : plan.offset + plan.rows)
    case "distinct":
      return [...new Map(evaluate(plan.input).map(row => [rowKey(row), row])).values()]
    case "setOperation":
      return setOperation(plan)
    case "join":
      return join(plan)
    default:
      throw new Error(`the JavaScript evaluator has no ${plan.op}`)
  }
}

export function rowKey(row: Row): string {
  return JSON.stringify(Object.entries(row), (_, v) => (typeof v === "bigint" ? `${v}n` : v))
}

function named(columns: readonly { name: string; expr: ExprNode }[], of: (expr: ExprNode) => Value): Row {
  return Object.fromEntries(columns.map(({ name, expr }) => [name, of(expr)]))
}

function decode(raw: string | number | boolean | null, kind: string): Value {
  if (raw === null) return null
  if (kind === "int64") return BigInt(raw)
  return kind === "float64" ? Number(raw) : raw
}

function aggregate(plan: Extract<Plan, { op: "aggregate" }>): Row[] {
  const groups = new Map<string, Row[]>()
  if (plan.keys.length === 0) groups.set("", [])
  for (const row of evaluate(plan.input)) {
    const key = rowKey(Object.fromEntries(plan.keys.map(name => [name, row[name]!])))
    const group = groups.get(plan.keys.length === 0 ? "" : key)
    if (group) group.push(row)
    else groups.set(key, [row])
  }
  return [...groups.values()].map(rows => ({
    ...Object.fromEntries(plan.keys.map(name => [name, rows[0]![name]!])),
    ...named(plan.values, expr => aggregated(expr, rows)),
  }))
}

function aggregated(node: ExprNode, rows: Row[]): Value {
  if (node.op !== "aggregate") throw new Error(`the JavaScript evaluator aggregates only plain aggregations`)
  const [arg] = node.args
  if (arg === undefined) return BigInt(rows.length)
  const present = rows.map(row => value(arg, row)).filter(v => v !== null)
  const numbers = present.map(Number)
  switch (node.name) {
    case "count":
      return BigInt(present.length)
    case "countDistinct":
      return BigInt(new Set(present).size)
    case "sum":
      if (present.length === 0) return null
      return typeof present[0] === "bigint"
        ? present.reduce((a, b) => (a as bigint) + (b as bigint))
        : numbers.reduce((a, b) => a + b)
    case "mean":
      return present.length === 0 ? null : numbers.reduce((a, b) => a + b) / present.length
    case "min":
      return present.reduce<Value>((a, b) => (a === null || b < a ? b : a), null)
    case "max":
      return present.reduce<Value>((a, b) => (a === null || b > a ? b : a), null)
    default:
      throw new Error(`the JavaScript evaluator has no ${node.name}`)
  }
}

function join(plan: Extract<Plan, { op: "join" }>): Row[] {
  const [left, right] = [evaluate(plan.left), evaluate(plan.right)]
  const matches = (l: Row, r: Row) =>
    plan.on.every(key => l[key.left] !== null && l[key.left] === r[key.right])
  const added = (r: Row | undefined) =>
    Object.fromEntries(plan.rightColumns.map(({ from, name }) => [name, r?.[from] ?? null]))
  const keys = plan.on.filter(key => key.left === key.right).map(key => key.left)
  if (plan.how === "semi") return left.filter(l => right.some(r => matches(l, r)))
  if (plan.how === "anti") return left.filter(l => !right.some(r => matches(l, r)))
  const both = left.flatMap(l => right.filter(r => matches(l, r)).map(r => ({ ...l, ...added(r) })))
  const onlyLeft = left.filter(l => !right.some(r => matches(l, r))).map(l => ({ ...l, ...added(undefined) }))
  const onlyRight = right
    .filter(r => !left.some(l => matches(l, r)))
    .map(r => ({
      ...Object.fromEntries(
        plan.left.schema.names.map(name => [name, keys.includes(name) ? r[name]! : null]),
      ),
      ...added(r),
    }))
  const keepLeft = plan.how === "left" || plan.how === "full"
  const keepRight = plan.how === "right" || plan.how === "full"
  return [...both, ...(keepLeft ? onlyLeft : []), ...(keepRight ? onlyRight : [])]
}

function setOperation({ left, right, kind, all }: Extract<Plan, { op: "setOperation" }>): Row[] {
  const [a, b] = [evaluate(left), evaluate(right)]
  if (kind === "union")
    return all ? [...a, ...b] : [...new Map([...a, ...b].map(row => [rowKey(row), row])).values()]
  const others = new Map<string, number>()
  for (const row of b) others.set(rowKey(row), (others.get(rowKey(row)) ?? 0) + 1)
  const inOther = (row: Row) => {
    const left = others.get(rowKey(row)) ?? 0
    if (all) others.set(rowKey(row), left - 1)
    return left > 0
  }
  const rows = all ? a : [...new Map(a.map(row => [rowKey(row), row])).values()]
  return rows.filter(row => inOther(row) === (kind === "intersect"))
}

/** By code points, as engines order text; NULL before everything. */
function compareNullsFirst(a: Value, b: Value): number {
  if (a === null || b === null) return (a === null ? 0 : 1) - (b === null ? 0 : 1)
  return a < b ? -1 : a > b ? 1 : 0
}

function value(node: ExprNode, row: Row): Value {
  switch (node.op) {
    case "column":
      return row[node.name]!
    case "literal":
      return decode(node.value, node.type.kind)
    case "alias":
    case "order":
      return value(node.input, row)
    case "case":
      for (const branch of node.branches)
        if (value(branch.when, row) === true) return value(branch.value, row)
      return node.otherwise ? value(node.otherwise, row) : null
    case "call":
      return call(
        node.name,
        node.args.map(arg => value(arg, row)),
      )
    case "cast": {
      const input = value(node.input, row)
      if (input === null) return null
      if (node.to.kind === "float64") return Number(input)
      if (node.to.kind === "int64") return BigInt(Math.trunc(Number(input)))
      if (node.to.kind === "int32") return Math.trunc(Number(input))
      throw new Error(`the JavaScript evaluator has no cast to ${node.to.kind}`)
    }
    default:
      throw new Error(`the JavaScript evaluator has no ${node.op} here`)
  }
}

function call(name: string, args: Value[]): Value {
  const [a, b, c] = args as [Value, Value, Value]
  if (name === "isNull") return a === null
  if (name === "isNotNull") return a !== null
  if (name === "and") return a === false || b === false ? false : a === null || b === null ? null : true
  if (name === "or") return a === true || b === true ? true : a === null || b === null ? null : false
  if (name === "isIn") {
    if (a === null) return null
    return args.slice(1).includes(a) ? true : args.slice(1).includes(null) ? null : false
  }
  if (args.includes(null)) return null
  const number = (big: (x: bigint, y: bigint) => bigint, float: (x: number, y: number) => number) =>
    typeof a === "bigint" && typeof b === "bigint" ? big(a, b) : float(Number(a), Number(b))
  const table: Record<string, () => Value> = {
    eq: () => a === b,
    ne: () => a !== b,
    lt: () => a! < b!,
    lte: () => a! <= b!,
    gt: () => a! > b!,
    gte: () => a! >= b!,
    between: () => a! >= b! && a! <= c!,
    not: () => !a,
    add: () =>
      number(
        (x, y) => x + y,
        (x, y) => x + y,
      ),
    sub: () =>
      number(
        (x, y) => x - y,
        (x, y) => x - y,
      ),
    mul: () =>
      number(
        (x, y) => x * y,
        (x, y) => x * y,
      ),
    length: () => [...(a as string)].length,
    contains: () => (a as string).includes(b as string),
    startsWith: () => (a as string).startsWith(b as string),
    substring: () => [...(a as string)].slice(Number(b) - 1, Number(b) - 1 + Number(c)).join(""),
  }
  const rule = table[name]
  if (rule === undefined) throw new Error(`the JavaScript evaluator has no ${name}`)
  return rule()
}
