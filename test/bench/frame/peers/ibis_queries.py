"""TPC-H in Ibis, which writes SQL for DuckDB: exact decimals, as the raw SQL has them."""
from datetime import date
from types import SimpleNamespace

import ibis
from ibis import _

connection = ibis.duckdb.connect()
price = _.l_extendedprice * (1 - _.l_discount)


def tables(folder, names):
    return SimpleNamespace(**{name: connection.read_parquet(f"{folder}/{name}.parquet", table_name=name) for name in names})


def rows(query):
    """Without Ibis's own cast of a result, which refuses sums that are wider than its 38 digits."""
    return connection.raw_sql(connection.compile(query)).fetchall()


def since(column, start, end):
    return (column >= start) & (column < end)


def q1(t, fraction):
    return (
        t.lineitem.filter(_.l_shipdate <= date(1998, 9, 2)).group_by("l_returnflag", "l_linestatus")
        .agg(
            sum_qty=_.l_quantity.sum(), sum_base_price=_.l_extendedprice.sum(), sum_disc_price=price.sum(),
            sum_charge=(price * (1 + _.l_tax)).sum(), avg_qty=_.l_quantity.mean(), avg_price=_.l_extendedprice.mean(),
            avg_disc=_.l_discount.mean(), count_order=_.count(),
        )
        .order_by("l_returnflag", "l_linestatus")
    )


def q2(t, fraction):
    offers = (
        t.part.filter(_.p_size == 15, _.p_type.endswith("BRASS"))
        .join(t.partsupp, [("p_partkey", "ps_partkey")])
        .join(t.supplier, [("ps_suppkey", "s_suppkey")])
        .join(t.nation, [("s_nationkey", "n_nationkey")])
        .join(t.region.filter(_.r_name == "EUROPE"), [("n_regionkey", "r_regionkey")])
    )
    least = offers.group_by("p_partkey").agg(least=_.ps_supplycost.min())
    return (
        offers.join(least, ["p_partkey", ("ps_supplycost", "least")])
        .select("s_acctbal", "s_name", "n_name", "p_partkey", "p_mfgr", "s_address", "s_phone", "s_comment")
        .order_by(ibis.desc("s_acctbal"), "n_name", "s_name", "p_partkey").limit(100)
    )


def q3(t, fraction):
    day = date(1995, 3, 15)
    return (
        t.customer.filter(_.c_mktsegment == "BUILDING")
        .join(t.orders.filter(_.o_orderdate < day), [("c_custkey", "o_custkey")])
        .join(t.lineitem.filter(_.l_shipdate > day), [("o_orderkey", "l_orderkey")])
        .group_by("l_orderkey", "o_orderdate", "o_shippriority").agg(revenue=price.sum())
        .select("l_orderkey", "revenue", "o_orderdate", "o_shippriority")
        .order_by(ibis.desc("revenue"), "o_orderdate").limit(10)
    )


def q4(t, fraction):
    late = t.lineitem.filter(_.l_commitdate < _.l_receiptdate)
    return (
        t.orders.filter(since(_.o_orderdate, date(1993, 7, 1), date(1993, 10, 1)))
        .semi_join(late, [("o_orderkey", "l_orderkey")])
        .group_by("o_orderpriority").agg(order_count=_.count()).order_by("o_orderpriority")
    )


def q5(t, fraction):
    return (
        t.customer.join(t.orders.filter(since(_.o_orderdate, date(1994, 1, 1), date(1995, 1, 1))), [("c_custkey", "o_custkey")])
        .join(t.lineitem, [("o_orderkey", "l_orderkey")])
        .join(t.supplier, [("l_suppkey", "s_suppkey"), ("c_nationkey", "s_nationkey")])
        .join(t.nation, [("s_nationkey", "n_nationkey")])
        .join(t.region.filter(_.r_name == "ASIA"), [("n_regionkey", "r_regionkey")])
        .group_by("n_name").agg(revenue=price.sum()).order_by(ibis.desc("revenue"))
    )


def q6(t, fraction):
    some = t.lineitem.filter(
        since(_.l_shipdate, date(1994, 1, 1), date(1995, 1, 1)), _.l_discount.between(0.05, 0.07), _.l_quantity < 24
    )
    return some.agg(revenue=(_.l_extendedprice * _.l_discount).sum())


def q7(t, fraction):
    some = t.nation.filter(_.n_name.isin(["FRANCE", "GERMANY"]))
    return (
        t.supplier
        .join(t.lineitem.filter(_.l_shipdate.between(date(1995, 1, 1), date(1996, 12, 31))), [("s_suppkey", "l_suppkey")])
        .join(t.orders, [("l_orderkey", "o_orderkey")])
        .join(t.customer, [("o_custkey", "c_custkey")])
        .join(some.select(supp_key="n_nationkey", supp_nation="n_name"), [("s_nationkey", "supp_key")])
        .join(some.select(cust_key="n_nationkey", cust_nation="n_name"), [("c_nationkey", "cust_key")])
        .filter(_.supp_nation != _.cust_nation)
        .group_by("supp_nation", "cust_nation", l_year=_.l_shipdate.year()).agg(revenue=price.sum())
        .order_by("supp_nation", "cust_nation", "l_year")
    )


def q8(t, fraction):
    america = t.nation.semi_join(t.region.filter(_.r_name == "AMERICA"), [("n_regionkey", "r_regionkey")])
    return (
        t.part.filter(_.p_type == "ECONOMY ANODIZED STEEL")
        .join(t.lineitem, [("p_partkey", "l_partkey")])
        .join(t.orders.filter(_.o_orderdate.between(date(1995, 1, 1), date(1996, 12, 31))), [("l_orderkey", "o_orderkey")])
        .join(t.customer, [("o_custkey", "c_custkey")])
        .semi_join(america, [("c_nationkey", "n_nationkey")])
        .join(t.supplier, [("l_suppkey", "s_suppkey")])
        .join(t.nation, [("s_nationkey", "n_nationkey")])
        .group_by(o_year=_.o_orderdate.year())
        .agg(mkt_share=(_.n_name == "BRAZIL").ifelse(price, 0).sum() / price.sum()).order_by("o_year")
    )


def q9(t, fraction):
    return (
        t.part.filter(_.p_name.contains("green"))
        .join(t.lineitem, [("p_partkey", "l_partkey")])
        .join(t.partsupp, [("l_suppkey", "ps_suppkey"), ("p_partkey", "ps_partkey")])
        .join(t.supplier, [("l_suppkey", "s_suppkey")])
        .join(t.orders, [("l_orderkey", "o_orderkey")])
        .join(t.nation, [("s_nationkey", "n_nationkey")])
        .group_by("n_name", o_year=_.o_orderdate.year())
        .agg(sum_profit=(price - _.ps_supplycost * _.l_quantity).sum()).order_by("n_name", ibis.desc("o_year"))
    )


def q10(t, fraction):
    return (
        t.customer
        .join(t.orders.filter(since(_.o_orderdate, date(1993, 10, 1), date(1994, 1, 1))), [("c_custkey", "o_custkey")])
        .join(t.lineitem.filter(_.l_returnflag == "R"), [("o_orderkey", "l_orderkey")])
        .join(t.nation, [("c_nationkey", "n_nationkey")])
        .group_by("c_custkey", "c_name", "c_acctbal", "n_name", "c_address", "c_phone", "c_comment")
        .agg(revenue=price.sum())
        .select("c_custkey", "c_name", "revenue", "c_acctbal", "n_name", "c_address", "c_phone", "c_comment")
        .order_by(ibis.desc("revenue")).limit(20)
    )


def q11(t, fraction):
    values = (
        t.partsupp.join(t.supplier, [("ps_suppkey", "s_suppkey")])
        .join(t.nation.filter(_.n_name == "GERMANY"), [("s_nationkey", "n_nationkey")])
        .group_by("ps_partkey").agg(value=(_.ps_supplycost * _.ps_availqty).sum())
    )
    return values.filter(_.value > values.value.sum().as_scalar() * fraction).order_by(ibis.desc("value"))


def q12(t, fraction):
    high = _.o_orderpriority.isin(["1-URGENT", "2-HIGH"])
    some = t.lineitem.filter(
        _.l_shipmode.isin(["MAIL", "SHIP"]), _.l_commitdate < _.l_receiptdate, _.l_shipdate < _.l_commitdate,
        since(_.l_receiptdate, date(1994, 1, 1), date(1995, 1, 1)),
    )
    return (
        t.orders.join(some, [("o_orderkey", "l_orderkey")])
        .group_by("l_shipmode").agg(high=high.sum(), low=(~high).sum()).order_by("l_shipmode")
    )


def q13(t, fraction):
    return (
        t.customer.left_join(t.orders.filter(~_.o_comment.like("%special%requests%")), [("c_custkey", "o_custkey")])
        .group_by("c_custkey").agg(c_count=_.o_orderkey.count())
        .group_by("c_count").agg(custdist=_.count()).order_by(ibis.desc("custdist"), ibis.desc("c_count"))
    )


def q14(t, fraction):
    some = t.lineitem.filter(since(_.l_shipdate, date(1995, 9, 1), date(1995, 10, 1)))
    promo = _.p_type.startswith("PROMO").ifelse(price, 0)
    return some.join(t.part, [("l_partkey", "p_partkey")]).agg(promo_revenue=100 * promo.sum() / price.sum())


def q15(t, fraction):
    revenue = (
        t.lineitem.filter(since(_.l_shipdate, date(1996, 1, 1), date(1996, 4, 1)))
        .group_by("l_suppkey").agg(total_revenue=price.sum())
    )
    top = revenue.filter(_.total_revenue == revenue.total_revenue.max().as_scalar())
    return (
        t.supplier.join(top, [("s_suppkey", "l_suppkey")])
        .select("s_suppkey", "s_name", "s_address", "s_phone", "total_revenue").order_by("s_suppkey")
    )


def q16(t, fraction):
    wanted = t.part.filter(
        _.p_brand != "Brand#45", ~_.p_type.startswith("MEDIUM POLISHED"), _.p_size.isin([49, 14, 23, 45, 19, 3, 36, 9])
    )
    complained = t.supplier.filter(_.s_comment.like("%Customer%Complaints%"))
    return (
        t.partsupp.join(wanted, [("ps_partkey", "p_partkey")]).anti_join(complained, [("ps_suppkey", "s_suppkey")])
        .group_by("p_brand", "p_type", "p_size").agg(supplier_cnt=_.ps_suppkey.nunique())
        .order_by(ibis.desc("supplier_cnt"), "p_brand", "p_type", "p_size")
    )


def q17(t, fraction):
    boxes = t.lineitem.semi_join(t.part.filter(_.p_brand == "Brand#23", _.p_container == "MED BOX"), [("l_partkey", "p_partkey")])
    usual = boxes.group_by("l_partkey").agg(usual=_.l_quantity.mean())
    return boxes.join(usual, "l_partkey").filter(_.l_quantity < 0.2 * _.usual).agg(avg_yearly=_.l_extendedprice.sum() / 7.0)


def q18(t, fraction):
    large = t.lineitem.group_by("l_orderkey").agg(quantity=_.l_quantity.sum()).filter(_.quantity > 300)
    return (
        t.customer.join(t.orders, [("c_custkey", "o_custkey")]).join(large, [("o_orderkey", "l_orderkey")])
        .select("c_name", "c_custkey", "o_orderkey", "o_orderdate", "o_totalprice", "quantity")
        .order_by(ibis.desc("o_totalprice"), "o_orderdate").limit(100)
    )


def q19(t, fraction):
    def boxes(brand, kinds, least, size):
        names = [f"{kinds[0]} {kind}" for kind in kinds[1:]]
        quantity = _.l_quantity.between(least, least + 10)
        return (_.p_brand == brand) & _.p_container.isin(names) & quantity & _.p_size.between(1, size)

    some = t.lineitem.filter(_.l_shipmode.isin(["AIR", "AIR REG"]), _.l_shipinstruct == "DELIVER IN PERSON")
    return (
        some.join(t.part, [("l_partkey", "p_partkey")])
        .filter(
            boxes("Brand#12", ["SM", "CASE", "BOX", "PACK", "PKG"], 1, 5)
            | boxes("Brand#23", ["MED", "BAG", "BOX", "PKG", "PACK"], 10, 10)
            | boxes("Brand#34", ["LG", "CASE", "BOX", "PACK", "PKG"], 20, 15)
        )
        .agg(revenue=price.sum())
    )


def q20(t, fraction):
    shipped = (
        t.lineitem.filter(since(_.l_shipdate, date(1994, 1, 1), date(1995, 1, 1)))
        .group_by("l_partkey", "l_suppkey").agg(quantity=_.l_quantity.sum())
    )
    plenty = (
        t.partsupp.semi_join(t.part.filter(_.p_name.startswith("forest")), [("ps_partkey", "p_partkey")])
        .join(shipped, [("ps_partkey", "l_partkey"), ("ps_suppkey", "l_suppkey")])
        .filter(_.ps_availqty > 0.5 * _.quantity)
    )
    return (
        t.supplier.semi_join(t.nation.filter(_.n_name == "CANADA"), [("s_nationkey", "n_nationkey")])
        .semi_join(plenty, [("s_suppkey", "ps_suppkey")]).select("s_name", "s_address").order_by("s_name")
    )


def q21(t, fraction):
    def other_supplier(left, right):
        return [left.l_orderkey == right.l_orderkey, left.l_suppkey != right.l_suppkey]

    first, second = t.lineitem.filter(_.l_receiptdate > _.l_commitdate), t.lineitem.view()
    third = second.filter(_.l_receiptdate > _.l_commitdate)
    waited = first.semi_join(second, other_supplier(first, second))
    return (
        waited.anti_join(third, other_supplier(waited, third))
        .semi_join(t.orders.filter(_.o_orderstatus == "F"), [("l_orderkey", "o_orderkey")])
        .join(t.supplier, [("l_suppkey", "s_suppkey")])
        .semi_join(t.nation.filter(_.n_name == "SAUDI ARABIA"), [("s_nationkey", "n_nationkey")])
        .group_by("s_name").agg(numwait=_.count()).order_by(ibis.desc("numwait"), "s_name").limit(100)
    )


def q22(t, fraction):
    abroad = t.customer.mutate(cntrycode=_.c_phone[:2]).filter(_.cntrycode.isin(["13", "31", "23", "29", "30", "18", "17"]))
    usual = abroad.filter(_.c_acctbal > 0).c_acctbal.mean().as_scalar()
    return (
        abroad.filter(_.c_acctbal > usual).anti_join(t.orders, [("c_custkey", "o_custkey")])
        .group_by("cntrycode").agg(numcust=_.count(), totacctbal=_.c_acctbal.sum()).order_by("cntrycode")
    )
