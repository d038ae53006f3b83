// The 22 queries of TPC-H through the typed API, with the specification's validation parameters (sql/ has the raw text).
// Subqueries become joins: EXISTS a semi join, NOT EXISTS an anti join, a scalar a cross join with one row.
import {
  type Column,
  count,
  countDistinct,
  type DataFrame,
  type Date as DateType,
  type Decimal,
  desc,
  type Int32,
  type Int64,
  max,
  mean,
  min,
  sum,
  type Utf8,
  when,
} from "shardlab"

export interface Tables {
  readonly customer: DataFrame<{
    c_custkey: Int64
    c_name: Utf8
    c_address: Utf8
    c_nationkey: Int64
    c_phone: Utf8
    c_acctbal: Decimal
    c_mktsegment: Utf8
    c_comment: Utf8
  }>
  readonly lineitem: DataFrame<{
    l_orderkey: Int64
    l_partkey: Int64
    l_suppkey: Int64
    l_linenumber: Int32
    l_quantity: Decimal
    l_extendedprice: Decimal
    l_discount: Decimal
    l_tax: Decimal
    l_returnflag: Utf8
    l_linestatus: Utf8
    l_shipdate: DateType
    l_commitdate: DateType
    l_receiptdate: DateType
    l_shipinstruct: Utf8
    l_shipmode: Utf8
    l_comment: Utf8
  }>
  readonly nation: DataFrame<{ n_nationkey: Int64; n_name: Utf8; n_regionkey: Int64; n_comment: Utf8 }>
  readonly orders: DataFrame<{
    o_orderkey: Int64
    o_custkey: Int64
    o_orderstatus: Utf8
    o_totalprice: Decimal
    o_orderdate: DateType
    o_orderpriority: Utf8
    o_clerk: Utf8
    o_shippriority: Int32
    o_comment: Utf8
  }>
  readonly part: DataFrame<{
    p_partkey: Int64
    p_name: Utf8
    p_mfgr: Utf8
    p_brand: Utf8
    p_type: Utf8
    p_size: Int32
    p_container: Utf8
    p_retailprice: Decimal
    p_comment: Utf8
  }>
  readonly partsupp: DataFrame<{
    ps_partkey: Int64
    ps_suppkey: Int64
    ps_availqty: Int32
    ps_supplycost: Decimal
    ps_comment: Utf8
  }>
  readonly region: DataFrame<{ r_regionkey: Int64; r_name: Utf8; r_comment: Utf8 }>
  readonly supplier: DataFrame<{
    s_suppkey: Int64
    s_name: Utf8
    s_address: Utf8
    s_nationkey: Int64
    s_phone: Utf8
    s_acctbal: Decimal
    s_comment: Utf8
  }>
}

const day = (text: string) => new Date(`${text}T00:00:00Z`)
/** Price after discount. */
const discounted = (f: { l_extendedprice: Column<Decimal>; l_discount: Column<Decimal> }) =>
  f.l_extendedprice.mul(f.l_discount.neg().add(1))

function q1({ lineitem }: Tables) {
  return lineitem
    .filter(f => f.l_shipdate.lte(day("1998-09-02")))
    .groupBy("l_returnflag", "l_linestatus")
    .agg(f => ({
      sum_qty: sum(f.l_quantity),
      sum_base_price: sum(f.l_extendedprice),
      sum_disc_price: sum(discounted(f)),
      sum_charge: sum(discounted(f).mul(f.l_tax.add(1))),
      avg_qty: mean(f.l_quantity),
      avg_price: mean(f.l_extendedprice),
      avg_disc: mean(f.l_discount),
      count_order: count(),
    }))
    .sort("l_returnflag", "l_linestatus")
}

function q2({ region, nation, supplier, partsupp, part }: Tables) {
  const offers = region
    .filter(f => f.r_name.eq("EUROPE"))
    .join(nation, { on: ["r_regionkey", "n_regionkey"] })
    .join(supplier, { on: ["n_nationkey", "s_nationkey"] })
    .join(partsupp, { on: ["s_suppkey", "ps_suppkey"] })
    .join(
      part.filter(f => f.p_size.eq(15).and(f.p_type.endsWith("BRASS"))),
      { on: ["ps_partkey", "p_partkey"] },
    )
  const cheapest = offers.groupBy("p_partkey").agg(f => ({ least: min(f.ps_supplycost) }))
  return offers
    .join(cheapest, { on: { p_partkey: "p_partkey", ps_supplycost: "least" } })
    .sort(desc("s_acctbal"), "n_name", "s_name", "p_partkey")
    .select("s_acctbal", "s_name", "n_name", "p_partkey", "p_mfgr", "s_address", "s_phone", "s_comment")
    .limit(100)
}

function q3({ customer, orders, lineitem }: Tables) {
  return customer
    .filter(f => f.c_mktsegment.eq("BUILDING"))
    .join(
      orders.filter(f => f.o_orderdate.lt(day("1995-03-15"))),
      { on: ["c_custkey", "o_custkey"] },
    )
    .join(
      lineitem.filter(f => f.l_shipdate.gt(day("1995-03-15"))),
      { on: ["o_orderkey", "l_orderkey"] },
    )
    .groupBy("l_orderkey", "o_orderdate", "o_shippriority")
    .agg(f => ({ revenue: sum(discounted(f)) }))
    .sort(desc("revenue"), "o_orderdate")
    .select("l_orderkey", "revenue", "o_orderdate", "o_shippriority")
    .limit(10)
}

function q4({ orders, lineitem }: Tables) {
  return orders
    .filter(f => f.o_orderdate.gte(day("1993-07-01")).and(f.o_orderdate.lt(day("1993-10-01"))))
    .join(
      lineitem.filter(f => f.l_commitdate.lt(f.l_receiptdate)),
      { on: ["o_orderkey", "l_orderkey"], how: "semi" },
    )
    .groupBy("o_orderpriority")
    .agg({ order_count: count() })
    .sort("o_orderpriority")
}

function q5({ region, nation, customer, orders, lineitem, supplier }: Tables) {
  return region
    .filter(f => f.r_name.eq("ASIA"))
    .join(nation, { on: ["r_regionkey", "n_regionkey"] })
    .join(customer, { on: ["n_nationkey", "c_nationkey"] })
    .join(
      orders.filter(f => f.o_orderdate.gte(day("1994-01-01")).and(f.o_orderdate.lt(day("1995-01-01")))),
      { on: ["c_custkey", "o_custkey"] },
    )
    .join(lineitem, { on: ["o_orderkey", "l_orderkey"] })
    .join(supplier, { on: { l_suppkey: "s_suppkey", c_nationkey: "s_nationkey" } })
    .groupBy("n_name")
    .agg(f => ({ revenue: sum(discounted(f)) }))
    .sort(desc("revenue"))
}

function q6({ lineitem }: Tables) {
  return lineitem
    .filter(f => f.l_shipdate.gte(day("1994-01-01")).and(f.l_shipdate.lt(day("1995-01-01"))))
    .filter(f => f.l_discount.between(0.05, 0.07).and(f.l_quantity.lt(24)))
    .agg(f => ({ revenue: sum(f.l_extendedprice.mul(f.l_discount)) }))
}

function q7({ supplier, lineitem, orders, customer, nation }: Tables) {
  const from = nation.select(f => ({ supp_nationkey: f.n_nationkey, supp_nation: f.n_name }))
  const to = nation.select(f => ({ cust_nationkey: f.n_nationkey, cust_nation: f.n_name }))
  return supplier
    .join(
      lineitem.filter(f => f.l_shipdate.between(day("1995-01-01"), day("1996-12-31"))),
      { on: ["s_suppkey", "l_suppkey"] },
    )
    .join(orders, { on: ["l_orderkey", "o_orderkey"] })
    .join(customer, { on: ["o_custkey", "c_custkey"] })
    .join(from, { on: ["s_nationkey", "supp_nationkey"] })
    .join(to, { on: ["c_nationkey", "cust_nationkey"] })
    .filter(f => {
      const there = f.supp_nation.eq("FRANCE").and(f.cust_nation.eq("GERMANY"))
      return there.or(f.supp_nation.eq("GERMANY").and(f.cust_nation.eq("FRANCE")))
    })
    .with(f => ({ l_year: f.l_shipdate.year() }))
    .groupBy("supp_nation", "cust_nation", "l_year")
    .agg(f => ({ revenue: sum(discounted(f)) }))
    .sort("supp_nation", "cust_nation", "l_year")
}

function q8({ part, supplier, lineitem, orders, customer, nation, region }: Tables) {
  const america = region
    .filter(f => f.r_name.eq("AMERICA"))
    .join(nation, { on: ["r_regionkey", "n_regionkey"] })
    .select("n_nationkey")
  const seller = nation.select(f => ({ seller_key: f.n_nationkey, seller: f.n_name }))
  return part
    .filter(f => f.p_type.eq("ECONOMY ANODIZED STEEL"))
    .join(lineitem, { on: ["p_partkey", "l_partkey"] })
    .join(supplier, { on: ["l_suppkey", "s_suppkey"] })
    .join(
      orders.filter(f => f.o_orderdate.between(day("1995-01-01"), day("1996-12-31"))),
      { on: ["l_orderkey", "o_orderkey"] },
    )
    .join(customer, { on: ["o_custkey", "c_custkey"] })
    .join(america, { on: ["c_nationkey", "n_nationkey"], how: "semi" })
    .join(seller, { on: ["s_nationkey", "seller_key"] })
    .select(f => ({ o_year: f.o_orderdate.year(), volume: discounted(f), seller: f.seller }))
    .groupBy("o_year")
    .agg(f => ({
      mkt_share: sum(when(f.seller.eq("BRAZIL"), f.volume).otherwise(0)).div(sum(f.volume)),
    }))
    .sort("o_year")
}

function q9({ part, supplier, lineitem, partsupp, orders, nation }: Tables) {
  return part
    .filter(f => f.p_name.contains("green"))
    .join(lineitem, { on: ["p_partkey", "l_partkey"] })
    .join(supplier, { on: ["l_suppkey", "s_suppkey"] })
    .join(partsupp, { on: { l_suppkey: "ps_suppkey", l_partkey: "ps_partkey" } })
    .join(orders, { on: ["l_orderkey", "o_orderkey"] })
    .join(nation, { on: ["s_nationkey", "n_nationkey"] })
    .select(f => ({
      nation: f.n_name,
      o_year: f.o_orderdate.year(),
      amount: discounted(f).sub(f.ps_supplycost.mul(f.l_quantity)),
    }))
    .groupBy("nation", "o_year")
    .agg(f => ({ sum_profit: sum(f.amount) }))
    .sort("nation", desc("o_year"))
}

function q10({ customer, orders, lineitem, nation }: Tables) {
  return customer
    .join(
      orders.filter(f => f.o_orderdate.gte(day("1993-10-01")).and(f.o_orderdate.lt(day("1994-01-01")))),
      { on: ["c_custkey", "o_custkey"] },
    )
    .join(
      lineitem.filter(f => f.l_returnflag.eq("R")),
      { on: ["o_orderkey", "l_orderkey"] },
    )
    .join(nation, { on: ["c_nationkey", "n_nationkey"] })
    .groupBy("c_custkey", "c_name", "c_acctbal", "c_phone", "n_name", "c_address", "c_comment")
    .agg(f => ({ revenue: sum(discounted(f)) }))
    .sort(desc("revenue"))
    .select("c_custkey", "c_name", "revenue", "c_acctbal", "n_name", "c_address", "c_phone", "c_comment")
    .limit(20)
}

function q11({ partsupp, supplier, nation }: Tables, scaleFactor: number) {
  const stock = partsupp
    .join(supplier, { on: ["ps_suppkey", "s_suppkey"] })
    .join(
      nation.filter(f => f.n_name.eq("GERMANY")),
      { on: ["s_nationkey", "n_nationkey"] },
    )
    .select(f => ({ ps_partkey: f.ps_partkey, cost: f.ps_supplycost.mul(f.ps_availqty) }))
  const total = stock.agg(f => ({ total: sum(f.cost) }))
  return stock
    .groupBy("ps_partkey")
    .agg(f => ({ value: sum(f.cost) }))
    .crossJoin(total)
    .filter(f => f.value.gt(f.total.mul(0.0001 / scaleFactor)))
    .select("ps_partkey", "value")
    .sort(desc("value"))
}

function q12({ orders, lineitem }: Tables) {
  return orders
    .join(
      lineitem
        .filter(f => f.l_shipmode.isIn("MAIL", "SHIP"))
        .filter(f => f.l_commitdate.lt(f.l_receiptdate).and(f.l_shipdate.lt(f.l_commitdate)))
        .filter(f => f.l_receiptdate.gte(day("1994-01-01")).and(f.l_receiptdate.lt(day("1995-01-01")))),
      { on: ["o_orderkey", "l_orderkey"] },
    )
    .with(f => ({ high: f.o_orderpriority.isIn("1-URGENT", "2-HIGH") }))
    .groupBy("l_shipmode")
    .agg(f => ({
      high_line_count: sum(when(f.high, 1n).otherwise(0n)),
      low_line_count: sum(when(f.high, 0n).otherwise(1n)),
    }))
    .sort("l_shipmode")
}

function q13({ customer, orders }: Tables) {
  return customer
    .join(
      orders.filter(f => f.o_comment.like("%special%requests%").not()),
      { on: ["c_custkey", "o_custkey"], how: "left" },
    )
    .groupBy("c_custkey")
    .agg({ c_count: count("o_orderkey") })
    .groupBy("c_count")
    .agg({ custdist: count() })
    .sort(desc("custdist"), desc("c_count"))
}

function q14({ lineitem, part }: Tables) {
  return lineitem
    .filter(f => f.l_shipdate.gte(day("1995-09-01")).and(f.l_shipdate.lt(day("1995-10-01"))))
    .join(part, { on: ["l_partkey", "p_partkey"] })
    .agg(f => ({
      promo_revenue: sum(when(f.p_type.startsWith("PROMO"), discounted(f)).otherwise(0))
        .mul(100)
        .div(sum(discounted(f))),
    }))
}

function q15({ lineitem, supplier }: Tables) {
  const revenue = lineitem
    .filter(f => f.l_shipdate.gte(day("1996-01-01")).and(f.l_shipdate.lt(day("1996-04-01"))))
    .groupBy("l_suppkey")
    .agg(f => ({ total_revenue: sum(discounted(f)) }))
  const top = revenue.agg(f => ({ top: max(f.total_revenue) }))
  return supplier
    .join(revenue, { on: ["s_suppkey", "l_suppkey"] })
    .join(top, { on: ["total_revenue", "top"] })
    .select("s_suppkey", "s_name", "s_address", "s_phone", "total_revenue")
    .sort("s_suppkey")
}

function q16({ partsupp, part, supplier }: Tables) {
  return partsupp
    .join(
      part
        .filter(f => f.p_brand.ne("Brand#45").and(f.p_type.startsWith("MEDIUM POLISHED").not()))
        .filter(f => f.p_size.isIn(49, 14, 23, 45, 19, 3, 36, 9)),
      { on: ["ps_partkey", "p_partkey"] },
    )
    .join(
      supplier.filter(f => f.s_comment.like("%Customer%Complaints%")),
      { on: ["ps_suppkey", "s_suppkey"], how: "anti" },
    )
    .groupBy("p_brand", "p_type", "p_size")
    .agg({ supplier_cnt: countDistinct("ps_suppkey") })
    .sort(desc("supplier_cnt"), "p_brand", "p_type", "p_size")
}

function q17({ lineitem, part }: Tables) {
  const boxes = lineitem.join(
    part.filter(f => f.p_brand.eq("Brand#23").and(f.p_container.eq("MED BOX"))),
    { on: ["l_partkey", "p_partkey"], how: "semi" },
  )
  const usual = boxes.groupBy("l_partkey").agg(f => ({ usual: mean(f.l_quantity) }))
  return boxes
    .join(usual, { on: "l_partkey" })
    .filter(f => f.l_quantity.lt(f.usual.mul(0.2)))
    .agg(f => ({ avg_yearly: sum(f.l_extendedprice).div(7) }))
}

function q18({ customer, orders, lineitem }: Tables) {
  const large = lineitem
    .groupBy("l_orderkey")
    .agg(f => ({ quantity: sum(f.l_quantity) }))
    .filter(f => f.quantity.gt(300))
  return customer
    .join(orders, { on: ["c_custkey", "o_custkey"] })
    .join(large, { on: ["o_orderkey", "l_orderkey"], how: "semi" })
    .join(lineitem, { on: ["o_orderkey", "l_orderkey"] })
    .groupBy("c_name", "c_custkey", "o_orderkey", "o_orderdate", "o_totalprice")
    .agg(f => ({ sum_quantity: sum(f.l_quantity) }))
    .sort(desc("o_totalprice"), "o_orderdate")
    .limit(100)
}

function q19({ lineitem, part }: Tables) {
  return lineitem
    .filter(f => f.l_shipmode.isIn("AIR", "AIR REG").and(f.l_shipinstruct.eq("DELIVER IN PERSON")))
    .join(part, { on: ["l_partkey", "p_partkey"] })
    .filter(f => {
      const small = f.p_brand.eq("Brand#12").and(f.p_container.isIn("SM CASE", "SM BOX", "SM PACK", "SM PKG"))
      const medium = f.p_brand
        .eq("Brand#23")
        .and(f.p_container.isIn("MED BAG", "MED BOX", "MED PKG", "MED PACK"))
      const large = f.p_brand.eq("Brand#34").and(f.p_container.isIn("LG CASE", "LG BOX", "LG PACK", "LG PKG"))
      return small
        .and(f.l_quantity.between(1, 11).and(f.p_size.between(1, 5)))
        .or(medium.and(f.l_quantity.between(10, 20).and(f.p_size.between(1, 10))))
        .or(large.and(f.l_quantity.between(20, 30).and(f.p_size.between(1, 15))))
    })
    .agg(f => ({ revenue: sum(discounted(f)) }))
}

function q20({ supplier, nation, partsupp, part, lineitem }: Tables) {
  const shipped = lineitem
    .filter(f => f.l_shipdate.gte(day("1994-01-01")).and(f.l_shipdate.lt(day("1995-01-01"))))
    .groupBy("l_partkey", "l_suppkey")
    .agg(f => ({ quantity: sum(f.l_quantity) }))
  const plenty = partsupp
    .join(
      part.filter(f => f.p_name.startsWith("forest")),
      { on: ["ps_partkey", "p_partkey"], how: "semi" },
    )
    .join(shipped, { on: { ps_partkey: "l_partkey", ps_suppkey: "l_suppkey" } })
    .filter(f => f.ps_availqty.gt(f.quantity.mul(0.5)))
  return supplier
    .join(
      nation.filter(f => f.n_name.eq("CANADA")),
      { on: ["s_nationkey", "n_nationkey"], how: "semi" },
    )
    .join(plenty, { on: ["s_suppkey", "ps_suppkey"], how: "semi" })
    .select("s_name", "s_address")
    .sort("s_name")
}

function q21({ supplier, lineitem, orders, nation }: Tables) {
  const late = lineitem.filter(f => f.l_receiptdate.gt(f.l_commitdate))
  return supplier
    .join(
      nation.filter(f => f.n_name.eq("SAUDI ARABIA")),
      { on: ["s_nationkey", "n_nationkey"], how: "semi" },
    )
    .join(late, { on: ["s_suppkey", "l_suppkey"] })
    .join(
      orders.filter(f => f.o_orderstatus.eq("F")),
      { on: ["l_orderkey", "o_orderkey"], how: "semi" },
    )
    .join(lineitem, {
      on: (l, r) => l.l_orderkey.eq(r.l_orderkey).and(l.l_suppkey.ne(r.l_suppkey)),
      how: "semi",
    })
    .join(late, {
      on: (l, r) => l.l_orderkey.eq(r.l_orderkey).and(l.l_suppkey.ne(r.l_suppkey)),
      how: "anti",
    })
    .groupBy("s_name")
    .agg({ numwait: count() })
    .sort(desc("numwait"), "s_name")
    .limit(100)
}

function q22({ customer, orders }: Tables) {
  const abroad = customer
    .with(f => ({ cntrycode: f.c_phone.substring(1, 2) }))
    .filter(f => f.cntrycode.isIn("13", "31", "23", "29", "30", "18", "17"))
  const usual = abroad.filter(f => f.c_acctbal.gt(0)).agg(f => ({ usual: mean(f.c_acctbal) }))
  return abroad
    .crossJoin(usual)
    .filter(f => f.c_acctbal.gt(f.usual))
    .join(orders, { on: ["c_custkey", "o_custkey"], how: "anti" })
    .groupBy("cntrycode")
    .agg(f => ({ numcust: count(), totacctbal: sum(f.c_acctbal) }))
    .sort("cntrycode")
}

// biome-ignore lint/suspicious/noExplicitAny: a list of frames of different schemas
type AnyFrame = DataFrame<any>

export const queries: Readonly<Record<number, (tables: Tables, scaleFactor: number) => AnyFrame>> = {
  1: q1,
  2: q2,
  3: q3,
  4: q4,
  5: q5,
  6: q6,
  7: q7,
  8: q8,
  9: q9,
  10: q10,
  11: q11,
  12: q12,
  13: q13,
  14: q14,
  15: q15,
  16: q16,
  17: q17,
  18: q18,
  19: q19,
  20: q20,
  21: q21,
  22: q22,
}
