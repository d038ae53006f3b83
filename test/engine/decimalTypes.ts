// Decimal arithmetic with constants, and the same in Spark's SQL: the types have to be the ones that Spark itself gives.
import type { Column } from "../../kernel/src/frame/Column.js"
import { fn, lit } from "../../kernel/src/frame/free.js"
import type { Unknown } from "../../kernel/src/frame/types.js"

type Price = Column<Unknown>

export const decimalTypes: readonly (readonly [sql: string, make: (price: Price) => unknown])[] = [
  ["1 - price", price => lit(1).sub(price)],
  ["price - 1", price => price.sub(lit(1))],
  ["price + 100", price => price.add(100)],
  ["price * 12", price => lit(12).mul(price)],
  ["12L * price", price => fn.mul(12n, price)],
  ["price % 7", price => price.mod(7)],
  ["0.05 * price", price => lit(0.05).mul(price)],
  ["price + cast(1 as smallint)", price => price.add(lit(1).cast("int16"))],
]

/** Of the column `price` in the SQL. */
export const price = { precision: 10, scale: 2 }
