// Functions that DuckDB computes in a way no template can say: patterns that are translated, lambdas over maps, first and
// last. One row each; the catalog names them `@name`.

import { fail } from "../../errors.js"
import type { CallNode, ExprNode, LambdaNode } from "../../frame/ExprNode.js"
import { mapChildren } from "../../frame/ExprNode.js"
import { isInteger } from "../../frame/types.js"
import { toJsonSql } from "./json.js"
import { quoteText } from "./quote.js"
import { constantOf, type Filling } from "./template.js"

export interface SpecialFilling extends Omit<Filling, "args"> {
  /** An argument as SQL; one that is asked for makes its parameters, so a constant that goes into the text is not. */
  readonly arg: (index: number) => string
  /** Lowers an expression in which variables may stand for other SQL. */
  readonly sql: (node: ExprNode) => string
}
type Special = (filling: SpecialFilling) => string

/** Decimals keep the type that DuckDB gives them where its scale is ours: a cast of each row doubles the work of a product. */
const arithmetic =
  (operator: string, scaleOf: (a: number, b: number) => number): Special =>
  ({ node, arg, type }) => {
    const value = `(${arg(0)} ${operator} ${arg(1)})`
    const [a, b] = node.args.map(({ type }) => (type?.kind === "decimal" ? type.scale : undefined))
    const exact = node.type?.kind === "decimal" && a !== undefined && b !== undefined
    return exact && node.type.scale === scaleOf(a, b) ? value : `CAST(${value} AS ${type})`
  }

/** ESCAPE costs DuckDB its fast paths, and a pattern without a backslash needs none. */
const like =
  (operator: string): Special =>
  ({ node, arg }) => {
    const pattern = node.args[1]!
    const plain = pattern.op === "literal" && !String(pattern.value).includes("\\")
    return `(${arg(0)} ${operator} ${arg(1)}${plain ? "" : " ESCAPE '\\'"})`
  }

export const specials: Readonly<Record<string, Special>> = {
  add: arithmetic("+", Math.max),
  sub: arithmetic("-", Math.max),
  like: like("LIKE"),
  ilike: like("ILIKE"),
  mul: arithmetic("*", (a, b) => a + b),
  // Integers and decimals are summed exactly before the one division: twice as fast as a cast of each row.
  mean: ({ node, sql, over }) => {
    const [value] = node.args
    const exact =
      value?.op === "cast" && (isInteger(value.input.type!) || value.input.type!.kind === "decimal")
    return `avg(${sql(exact ? value.input : value!)})${over}`
  },
  first: ({ arg, over }) => (over === "" ? `first(${arg(0)})` : `first_value(${arg(0)})${over}`),
  last: ({ arg, over }) => (over === "" ? `last(${arg(0)})` : `last_value(${arg(0)})${over}`),
  regexpReplace: ({ node, arg }) => {
    const replacement = quoteText(
      String(constantOf(node, 2))
        .replaceAll("\\", "\\\\")
        .replace(/\$(\d)/g, "\\$1"),
    )
    return `regexp_replace(${arg(0)}, ${arg(1)}, ${replacement}, 'g')`
  },
  dateFormat: ({ node, arg }) => `strftime(${arg(0)}, ${quoteText(strftime(node, 1))})`,
  toDate: ({ node, arg }) => `CAST(strptime(${arg(0)}, ${quoteText(strftime(node, 1))}) AS DATE)`,
  toTimestamp: ({ node, arg }) => `strptime(${arg(0)}, ${quoteText(strftime(node, 1))})`,
  timestampAdd: ({ node, arg }) => `(${arg(0)} + ${interval(node)}(CAST(${arg(2)} AS INTEGER)))`,
  monthsBetween: ({ arg }) => {
    const [a, b] = [`(${arg(0)})`, `(${arg(1)})`]
    const months = `(date_diff('month', ${b}, ${a}))`
    const lasts = `last_day(${a}) = CAST(${a} AS DATE) AND last_day(${b}) = CAST(${b} AS DATE)`
    const seconds = (t: string) => `(day(${t}) * 86400 + epoch(${t} - date_trunc('day', ${t})))`
    const rest = `(${seconds(a)} - ${seconds(b)}) / (31.0 * 86400)`
    return `CAST(CASE WHEN day(${a}) = day(${b}) OR (${lasts}) THEN ${months} ELSE round(${months} + ${rest}, 8) END AS DOUBLE)`
  },
  toJson: ({ node, arg }) => toJsonSql(arg(0), node.args[0]!.type!),
  zipWith: ({ node, arg, sql }) => {
    const pair = lambdaSql(node, 2, ["p[1]", "p[2]"], sql, "p")
    return `list_transform(list_zip(${arg(0)}, ${arg(1)}), ${pair})`
  },
  mapFilter: ({ node, arg, sql }) =>
    `map_from_entries(list_filter(map_entries(${arg(0)}), ${entryLambda(node, sql)}))`,
  transformValues: ({ node, arg, sql }) => {
    const made = entryLambda(node, sql, body => `{'key': e.key, 'value': ${body}}`)
    return `map_from_entries(list_transform(map_entries(${arg(0)}), ${made}))`
  },
  transformKeys: ({ node, arg, sql }) => {
    const made = entryLambda(node, sql, body => `{'key': ${body}, 'value': e.value}`)
    return `map_from_entries(list_transform(map_entries(${arg(0)}), ${made}))`
  },
}

type Wrap = (body: string) => string

function entryLambda(node: CallNode, sql: (node: ExprNode) => string, wrap?: Wrap): string {
  return lambdaSql(node, 1, ["e.key", "e.value"], sql, "e", wrap)
}

/** A lambda of one parameter whose parts stand for the user's parameters. */
function lambdaSql(
  node: CallNode,
  index: number,
  parts: readonly string[],
  sql: (node: ExprNode) => string,
  parameter: string,
  wrap: Wrap = body => body,
): string {
  const { params, body } = node.args[index] as LambdaNode
  const place = new Map(params.map((param, i) => [param, parts[i]!]))
  return `lambda ${parameter}: ${wrap(sql(renamed(body, place)))}`
}

/** Variables under the SQL that stands for them (`variableSql` passes it on). */
function renamed(node: ExprNode, place: ReadonlyMap<string, string>): ExprNode {
  if (node.op === "variable") return { ...node, name: place.get(node.name) ?? node.name }
  return mapChildren(node, child => renamed(child, place))
}

/** Spark's pattern letters and DuckDB's. */
const letters: Readonly<Record<string, string>> = {
  yyyy: "%Y",
  yy: "%y",
  MMMM: "%B",
  MMM: "%b",
  MM: "%m",
  M: "%-m",
  dd: "%d",
  d: "%-d",
  HH: "%H",
  H: "%-H",
  hh: "%I",
  mm: "%M",
  m: "%-M",
  ss: "%S",
  s: "%-S",
  SSSSSS: "%f",
  SSS: "%g",
  EEEE: "%A",
  EEE: "%a",
  E: "%a",
  DDD: "%j",
  a: "%p",
}

function strftime(node: CallNode, index: number): string {
  const pattern = String(constantOf(node, index))
  return pattern.replace(/'([^']*)'|([A-Za-z])\2*|%/g, (part, quoted: string | undefined) => {
    if (quoted !== undefined) return quoted === "" ? "'" : quoted.replaceAll("%", "%%")
    if (part === "%") return "%%"
    const letter = letters[part]
    if (letter !== undefined) return letter
    const fix = `Known: ${Object.keys(letters).join(" ")}; text goes in single quotes.`
    throw fail("BAD_VALUE", { where: node.name, name: "pattern", value: part, fix })
  })
}

const intervals: Readonly<Record<string, string>> = {
  YEAR: "to_years",
  QUARTER: "to_quarters",
  MONTH: "to_months",
  WEEK: "to_weeks",
  DAY: "to_days",
  HOUR: "to_hours",
  MINUTE: "to_minutes",
  SECOND: "to_seconds",
  MILLISECOND: "to_milliseconds",
}

function interval(node: CallNode): string {
  const unit = String(constantOf(node, 1)).toUpperCase()
  const found = intervals[unit]
  if (found !== undefined) return found
  const fix = `Units: ${Object.keys(intervals).join(", ")}.`
  throw fail("BAD_VALUE", { where: node.name, name: "unit", value: unit, fix })
}
