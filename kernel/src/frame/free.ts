// The functions that start an expression without a frame: `col`, `lit`, `count`, `mean`, `desc`, `when`. Thin: each makes
// one node. Where a column can be given by name or as an expression, `mean("delay")` and `mean(f.delay)` are the same.

import type { Column, Expr, Operand, Order, SumOf, TypeOf } from "./Column.js"
import type { ColumnType, LiteralColumn } from "./constantTypes.js"
import { column, ExprImpl, fn, nodeOf } from "./Expr.js"

import type { CaseBranch, ExprNode, LiteralValue } from "./ExprNode.js"
import type { AggregateName } from "./functions/catalog.js"
import type {
  Boolean as BooleanType,
  DataType,
  Float64,
  Int64,
  Nullable,
  NumericType,
  Struct,
  Unknown,
} from "./types.js"

export { fn }

type Numeric = NumericType | Unknown
type TypeOfArgument<E> = E extends Expr<infer T> ? T : Unknown

/** A column by name; its type is known when a frame uses it. */
export function col(name: string): Column<Unknown> {
  return column({ op: "column", name })
}

/** A constant. Whole numbers take the type of the column they meet. */
export function lit<V extends LiteralValue>(value: V): LiteralColumn<V> {
  return column(nodeOf(value)) as unknown as LiteralColumn<V>
}

/** Rows of the group; with a column, its values that are not NULL. */
export function count(of?: Expr<DataType> | string): Column<Int64> {
  return of === undefined ? column({ op: "aggregate", name: "count", args: [] }) : aggregate("count", of)
}
export function countDistinct(of: Expr<DataType> | string): Column<Int64> {
  return aggregate("countDistinct", of)
}
export function mean(of: Expr<Numeric> | string): Column<Float64> {
  return aggregate("mean", of)
}
export function sum<E extends Expr<Numeric> | string>(of: E): Column<SumOf<TypeOfArgument<E>>> {
  return aggregate("sum", of)
}
export function min<E extends Expr<DataType> | string>(of: E): Column<TypeOfArgument<E>> {
  return aggregate("min", of)
}
export function max<E extends Expr<DataType> | string>(of: E): Column<TypeOfArgument<E>> {
  return aggregate("max", of)
}
export function desc(key: Expr<DataType> | string): Order {
  return order(key, "desc")
}
export function asc(key: Expr<DataType> | string): Order {
  return order(key, "asc")
}

/** `when(f.delay.gt(15), "late").when(f.delay.gt(0), "a bit").otherwise("on time")`; NULL without `otherwise`. */
export function when<V extends LiteralValue | Expr<DataType>>(
  condition: Expr<BooleanType | Unknown>,
  value: V,
): When<TypeOf<V>> {
  return new WhenImpl([{ when: condition.node, value: nodeOf(value) }]) as unknown as When<TypeOf<V>>
}

/** `struct({ code: f.origin, km: f.distance })` */
export function struct<const F extends Readonly<Record<string, Expr<DataType> | LiteralValue>>>(
  fields: F,
): Column<Struct<{ readonly [K in keyof F]: ColumnType<F[K]> }>> {
  const made = Object.entries(fields).map(([name, value]) => ({ name, expr: nodeOf(value) }))
  return column({ op: "struct", fields: made })
}

export type When<T extends DataType> = Column<Nullable<T>> & {
  when(condition: Expr<BooleanType | Unknown>, value: Operand<T> | null): When<T>
  otherwise(value: Operand<T> | null): Column<T>
}

class WhenImpl extends ExprImpl {
  constructor(private readonly branches: readonly CaseBranch[]) {
    super({ op: "case", branches })
  }
  when(condition: { node: ExprNode }, value: unknown): WhenImpl {
    return new WhenImpl([...this.branches, { when: condition.node, value: nodeOf(value) }])
  }
  otherwise(value: unknown): ExprImpl {
    return new ExprImpl({ op: "case", branches: this.branches, otherwise: nodeOf(value) })
  }
}

function aggregate<T extends DataType>(name: AggregateName, of: Expr<DataType> | string): Column<T> {
  return column({ op: "aggregate", name, args: [columnNode(of)] })
}

function order(key: Expr<DataType> | string, direction: "asc" | "desc"): Order {
  return new ExprImpl({ op: "order", input: columnNode(key), direction }) as unknown as Order
}

function columnNode(of: Expr<DataType> | string): ExprNode {
  return typeof of === "string" ? { op: "column", name: of } : of.node
}
