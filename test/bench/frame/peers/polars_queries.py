"""TPC-H in Polars, lazily from the Parquet files. It computes in doubles: Polars rounds a product of decimals to the scale of its
operands, which gives wrong sums, and wider decimals cost it half as much again."""
from datetime import date
from types import SimpleNamespace

import polars as pl

c = pl.col


def real(column):
    return column.cast(pl.Float64)


price = real(c.l_extendedprice) * (1 - real(c.l_discount))


def tables(folder, names):
    return SimpleNamespace(**{name: pl.scan_parquet(f"{folder}/{name}.parquet") for name in names})


def rows(frame):
    return frame.collect().rows()


def since(column, start, end):
    return (column >= start) & (column < end)


def decimal(text):
    return pl.lit(text).cast(pl.Decimal(15, 2))


def q1(t, fraction):
    return (
        t.lineitem.filter(c.l_shipdate <= date(1998, 9, 2)).group_by("l_returnflag", "l_linestatus")
        .agg(
            real(c.l_quantity).sum().alias("sum_qty"), real(c.l_extendedprice).sum().alias("sum_base_price"),
            price.sum().alias("sum_disc_price"), (price * (1 + real(c.l_tax))).sum().alias("sum_charge"),
            real(c.l_quantity).mean().alias("avg_qty"), real(c.l_extendedprice).mean().alias("avg_price"),
            real(c.l_discount).mean().alias("avg_disc"), pl.len().alias("count_order"),
        )
        .sort("l_returnflag", "l_linestatus")
    )


def q2(t, fraction):
    offers = (
        t.region.filter(c.r_name == "EUROPE")
        .join(t.nation, left_on="r_regionkey", right_on="n_regionkey")
        .join(t.supplier, left_on="n_nationkey", right_on="s_nationkey")
        .join(t.partsupp, left_on="s_suppkey", right_on="ps_suppkey")
        .join(t.part.filter(c.p_size == 15, c.p_type.str.ends_with("BRASS")), left_on="ps_partkey", right_on="p_partkey")
    )
    return (
        offers.join(offers.group_by("ps_partkey").agg(c.ps_supplycost.min()), on=["ps_partkey", "ps_supplycost"])
        .select("s_acctbal", "s_name", "n_name", "ps_partkey", "p_mfgr", "s_address", "s_phone", "s_comment")
        .sort("s_acctbal", "n_name", "s_name", "ps_partkey", descending=[True, False, False, False]).head(100)
    )


def q3(t, fraction):
    day = date(1995, 3, 15)
    return (
        t.customer.filter(c.c_mktsegment == "BUILDING")
        .join(t.orders.filter(c.o_orderdate < day), left_on="c_custkey", right_on="o_custkey")
        .join(t.lineitem.filter(c.l_shipdate > day), left_on="o_orderkey", right_on="l_orderkey")
        .group_by("o_orderkey", "o_orderdate", "o_shippriority").agg(price.sum().alias("revenue"))
        .select("o_orderkey", "revenue", "o_orderdate", "o_shippriority")
        .sort("revenue", "o_orderdate", descending=[True, False]).head(10)
    )


def q4(t, fraction):
    late = t.lineitem.filter(c.l_commitdate < c.l_receiptdate)
    return (
        t.orders.filter(since(c.o_orderdate, date(1993, 7, 1), date(1993, 10, 1)))
        .join(late, left_on="o_orderkey", right_on="l_orderkey", how="semi")
        .group_by("o_orderpriority").len().sort("o_orderpriority")
    )


def q5(t, fraction):
    return (
        t.region.filter(c.r_name == "ASIA")
        .join(t.nation, left_on="r_regionkey", right_on="n_regionkey")
        .join(t.customer, left_on="n_nationkey", right_on="c_nationkey")
        .join(t.orders.filter(since(c.o_orderdate, date(1994, 1, 1), date(1995, 1, 1))), left_on="c_custkey", right_on="o_custkey")
        .join(t.lineitem, left_on="o_orderkey", right_on="l_orderkey")
        .join(t.supplier, left_on=["l_suppkey", "n_nationkey"], right_on=["s_suppkey", "s_nationkey"])
        .group_by("n_name").agg(price.sum().alias("revenue")).sort("revenue", descending=True)
    )


def q6(t, fraction):
    return t.lineitem.filter(
        since(c.l_shipdate, date(1994, 1, 1), date(1995, 1, 1)),
        c.l_discount.is_between(decimal("0.05"), decimal("0.07")), c.l_quantity < 24,
    ).select((real(c.l_extendedprice) * real(c.l_discount)).sum())


def q7(t, fraction):
    some = t.nation.filter(c.n_name.is_in(["FRANCE", "GERMANY"])).select("n_nationkey", "n_name")
    shipped = t.lineitem.filter(c.l_shipdate.is_between(date(1995, 1, 1), date(1996, 12, 31)))
    return (
        some.rename({"n_name": "supp_nation"}).join(t.supplier, left_on="n_nationkey", right_on="s_nationkey")
        .join(shipped, left_on="s_suppkey", right_on="l_suppkey")
        .join(t.orders, left_on="l_orderkey", right_on="o_orderkey")
        .join(t.customer, left_on="o_custkey", right_on="c_custkey")
        .join(some.rename({"n_name": "cust_nation"}), left_on="c_nationkey", right_on="n_nationkey")
        .filter(c.supp_nation != c.cust_nation)
        .group_by("supp_nation", "cust_nation", c.l_shipdate.dt.year().alias("l_year"))
        .agg(price.sum().alias("revenue")).sort("supp_nation", "cust_nation", "l_year")
    )


def q8(t, fraction):
    america = t.region.filter(c.r_name == "AMERICA").join(t.nation, left_on="r_regionkey", right_on="n_regionkey")
    ordered = t.orders.filter(c.o_orderdate.is_between(date(1995, 1, 1), date(1996, 12, 31)))
    return (
        t.part.filter(c.p_type == "ECONOMY ANODIZED STEEL")
        .join(t.lineitem, left_on="p_partkey", right_on="l_partkey")
        .join(ordered, left_on="l_orderkey", right_on="o_orderkey")
        .join(t.customer, left_on="o_custkey", right_on="c_custkey")
        .join(america, left_on="c_nationkey", right_on="n_nationkey", how="semi")
        .join(t.supplier, left_on="l_suppkey", right_on="s_suppkey")
        .join(t.nation.select("n_nationkey", "n_name"), left_on="s_nationkey", right_on="n_nationkey")
        .group_by(c.o_orderdate.dt.year().alias("o_year"))
        .agg(price.filter(c.n_name == "BRAZIL").sum() / price.sum()).sort("o_year")
    )


def q9(t, fraction):
    return (
        t.part.filter(c.p_name.str.contains("green", literal=True))
        .join(t.partsupp, left_on="p_partkey", right_on="ps_partkey")
        .join(t.lineitem, left_on=["p_partkey", "ps_suppkey"], right_on=["l_partkey", "l_suppkey"])
        .join(t.supplier, left_on="ps_suppkey", right_on="s_suppkey")
        .join(t.orders, left_on="l_orderkey", right_on="o_orderkey")
        .join(t.nation, left_on="s_nationkey", right_on="n_nationkey")
        .group_by("n_name", c.o_orderdate.dt.year().alias("o_year"))
        .agg((price - real(c.ps_supplycost) * real(c.l_quantity)).sum().alias("sum_profit"))
        .sort("n_name", "o_year", descending=[False, True])
    )


def q10(t, fraction):
    return (
        t.customer
        .join(t.orders.filter(since(c.o_orderdate, date(1993, 10, 1), date(1994, 1, 1))), left_on="c_custkey", right_on="o_custkey")
        .join(t.lineitem.filter(c.l_returnflag == "R"), left_on="o_orderkey", right_on="l_orderkey")
        .join(t.nation, left_on="c_nationkey", right_on="n_nationkey")
        .group_by("c_custkey", "c_name", "c_acctbal", "n_name", "c_address", "c_phone", "c_comment")
        .agg(price.sum().alias("revenue"))
        .select("c_custkey", "c_name", "revenue", "c_acctbal", "n_name", "c_address", "c_phone", "c_comment")
        .sort("revenue", descending=True).head(20)
    )


def q11(t, fraction):
    return (
        t.nation.filter(c.n_name == "GERMANY")
        .join(t.supplier, left_on="n_nationkey", right_on="s_nationkey")
        .join(t.partsupp, left_on="s_suppkey", right_on="ps_suppkey")
        .group_by("ps_partkey").agg((real(c.ps_supplycost) * c.ps_availqty).sum().alias("value"))
        .filter(c.value > c.value.sum() * fraction).sort("value", descending=True)
    )


def q12(t, fraction):
    high = c.o_orderpriority.is_in(["1-URGENT", "2-HIGH"])
    some = t.lineitem.filter(
        c.l_shipmode.is_in(["MAIL", "SHIP"]), c.l_commitdate < c.l_receiptdate, c.l_shipdate < c.l_commitdate,
        since(c.l_receiptdate, date(1994, 1, 1), date(1995, 1, 1)),
    )
    return (
        t.orders.join(some, left_on="o_orderkey", right_on="l_orderkey")
        .group_by("l_shipmode").agg(high.sum().alias("high"), (~high).sum().alias("low")).sort("l_shipmode")
    )


def q13(t, fraction):
    usual = t.orders.filter(~c.o_comment.str.contains("special.*requests"))
    return (
        t.customer.join(usual, left_on="c_custkey", right_on="o_custkey", how="left")
        .group_by("c_custkey").agg(c.o_orderkey.count().alias("c_count"))
        .group_by("c_count").len("custdist").sort("custdist", "c_count", descending=True)
    )


def q14(t, fraction):
    promo = price.filter(c.p_type.str.starts_with("PROMO"))
    return (
        t.lineitem.filter(since(c.l_shipdate, date(1995, 9, 1), date(1995, 10, 1)))
        .join(t.part, left_on="l_partkey", right_on="p_partkey").select(100 * promo.sum() / price.sum())
    )


def q15(t, fraction):
    revenue = (
        t.lineitem.filter(since(c.l_shipdate, date(1996, 1, 1), date(1996, 4, 1)))
        .group_by("l_suppkey").agg(price.sum().alias("total_revenue"))
    )
    return (
        t.supplier.join(revenue.filter(c.total_revenue == c.total_revenue.max()), left_on="s_suppkey", right_on="l_suppkey")
        .select("s_suppkey", "s_name", "s_address", "s_phone", "total_revenue").sort("s_suppkey")
    )


def q16(t, fraction):
    wanted = t.part.filter(
        c.p_brand != "Brand#45", ~c.p_type.str.starts_with("MEDIUM POLISHED"), c.p_size.is_in([49, 14, 23, 45, 19, 3, 36, 9])
    )
    complained = t.supplier.filter(c.s_comment.str.contains("Customer.*Complaints"))
    return (
        t.partsupp.join(wanted, left_on="ps_partkey", right_on="p_partkey")
        .join(complained, left_on="ps_suppkey", right_on="s_suppkey", how="anti")
        .group_by("p_brand", "p_type", "p_size").agg(c.ps_suppkey.n_unique().alias("supplier_cnt"))
        .sort("supplier_cnt", "p_brand", "p_type", "p_size", descending=[True, False, False, False])
    )


def q17(t, fraction):
    boxes = t.lineitem.join(
        t.part.filter(c.p_brand == "Brand#23", c.p_container == "MED BOX"), left_on="l_partkey", right_on="p_partkey", how="semi"
    )
    usual = boxes.group_by("l_partkey").agg(real(c.l_quantity).mean().alias("usual"))
    return (
        boxes.join(usual, on="l_partkey").filter(real(c.l_quantity) < 0.2 * c.usual)
        .select(pl.when(pl.len() > 0).then(real(c.l_extendedprice).sum() / 7))
    )


def q18(t, fraction):
    large = t.lineitem.group_by("l_orderkey").agg(real(c.l_quantity).sum().alias("quantity")).filter(c.quantity > 300)
    return (
        t.orders.join(large, left_on="o_orderkey", right_on="l_orderkey")
        .join(t.customer, left_on="o_custkey", right_on="c_custkey")
        .select("c_name", "o_custkey", "o_orderkey", "o_orderdate", "o_totalprice", "quantity")
        .sort("o_totalprice", "o_orderdate", descending=[True, False]).head(100)
    )


def q19(t, fraction):
    def boxes(brand, kinds, least, size):
        names = [f"{kinds[0]} {kind}" for kind in kinds[1:]]
        quantity = c.l_quantity.is_between(least, least + 10)
        return (c.p_brand == brand) & c.p_container.is_in(names) & quantity & c.p_size.is_between(1, size)

    return (
        t.part.join(
            t.lineitem.filter(c.l_shipmode.is_in(["AIR", "AIR REG"]), c.l_shipinstruct == "DELIVER IN PERSON"),
            left_on="p_partkey", right_on="l_partkey",
        )
        .filter(
            boxes("Brand#12", ["SM", "CASE", "BOX", "PACK", "PKG"], 1, 5)
            | boxes("Brand#23", ["MED", "BAG", "BOX", "PKG", "PACK"], 10, 10)
            | boxes("Brand#34", ["LG", "CASE", "BOX", "PACK", "PKG"], 20, 15)
        )
        .select(price.sum())
    )


def q20(t, fraction):
    shipped = (
        t.lineitem.filter(since(c.l_shipdate, date(1994, 1, 1), date(1995, 1, 1)))
        .group_by("l_partkey", "l_suppkey").agg(real(c.l_quantity).sum().alias("quantity"))
    )
    plenty = (
        t.partsupp.join(t.part.filter(c.p_name.str.starts_with("forest")), left_on="ps_partkey", right_on="p_partkey", how="semi")
        .join(shipped, left_on=["ps_partkey", "ps_suppkey"], right_on=["l_partkey", "l_suppkey"])
        .filter(c.ps_availqty > 0.5 * c.quantity)
    )
    return (
        t.supplier.join(t.nation.filter(c.n_name == "CANADA"), left_on="s_nationkey", right_on="n_nationkey", how="semi")
        .join(plenty, left_on="s_suppkey", right_on="ps_suppkey", how="semi").select("s_name", "s_address").sort("s_name")
    )


def q21(t, fraction):
    def of_one_supplier(frame, yes):
        return frame.group_by("l_orderkey").agg((c.l_suppkey.min() == c.l_suppkey.max()).alias("one")).filter(c.one == yes)

    late = t.lineitem.filter(c.l_receiptdate > c.l_commitdate)
    return (
        late.join(of_one_supplier(t.lineitem, False), on="l_orderkey", how="semi")
        .join(of_one_supplier(late, True), on="l_orderkey", how="semi")
        .join(t.orders.filter(c.o_orderstatus == "F"), left_on="l_orderkey", right_on="o_orderkey", how="semi")
        .join(t.supplier, left_on="l_suppkey", right_on="s_suppkey")
        .join(t.nation.filter(c.n_name == "SAUDI ARABIA"), left_on="s_nationkey", right_on="n_nationkey", how="semi")
        .group_by("s_name").len("numwait").sort("numwait", "s_name", descending=[True, False]).head(100)
    )


def q22(t, fraction):
    abroad = t.customer.with_columns(cntrycode=c.c_phone.str.slice(0, 2)).filter(
        c.cntrycode.is_in(["13", "31", "23", "29", "30", "18", "17"])
    )
    usual = abroad.filter(c.c_acctbal > 0).select(real(c.c_acctbal).mean().alias("usual"))
    return (
        abroad.join(usual, how="cross").filter(real(c.c_acctbal) > c.usual)
        .join(t.orders, left_on="c_custkey", right_on="o_custkey", how="anti")
        .group_by("cntrycode").agg(pl.len().alias("numcust"), c.c_acctbal.sum()).sort("cntrycode")
    )
