"""TPC-H in pandas: only the columns that a query needs are read, filters come before merges. Decimals become doubles and dates
numpy's: pandas has no fast decimals, and groups and merges numpy's columns fastest."""
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

day = pd.Timestamp


def tables(folder, names):
    def scan(table, columns):
        read = pq.read_table(f"{folder}/{table}.parquet", columns=columns.split())
        doubles = [field.with_type(pa.float64()) if pa.types.is_decimal(field.type) else field for field in read.schema]
        return read.cast(pa.schema(doubles)).to_pandas(date_as_object=False)

    return scan


def rows(frame):
    return frame.itertuples(index=False, name=None)


def since(column, start, end):
    return (column >= day(start)) & (column < day(end))


def with_price(t):
    return t.assign(price=t.l_extendedprice * (1 - t.l_discount))


def q1(scan, fraction):
    t = scan("lineitem", "l_shipdate l_returnflag l_linestatus l_quantity l_extendedprice l_discount l_tax")
    t = with_price(t[t.l_shipdate <= day("1998-09-02")])
    t = t.assign(charge=t.price * (1 + t.l_tax))
    return t.groupby(["l_returnflag", "l_linestatus"], as_index=False).agg(
        sum_qty=("l_quantity", "sum"), sum_base_price=("l_extendedprice", "sum"), sum_disc_price=("price", "sum"),
        sum_charge=("charge", "sum"), avg_qty=("l_quantity", "mean"), avg_price=("l_extendedprice", "mean"),
        avg_disc=("l_discount", "mean"), count_order=("l_quantity", "size"),
    )


def q2(scan, fraction):
    p = scan("part", "p_partkey p_mfgr p_size p_type")
    r, n = scan("region", "r_regionkey r_name"), scan("nation", "n_nationkey n_name n_regionkey")
    s = scan("supplier", "s_suppkey s_nationkey s_acctbal s_name s_address s_phone s_comment")
    n = n.merge(r[r.r_name == "EUROPE"], left_on="n_regionkey", right_on="r_regionkey")
    near = s.merge(n, left_on="s_nationkey", right_on="n_nationkey")
    t = p[(p.p_size == 15) & p.p_type.str.endswith("BRASS")].merge(
        scan("partsupp", "ps_partkey ps_suppkey ps_supplycost"), left_on="p_partkey", right_on="ps_partkey"
    ).merge(near, left_on="ps_suppkey", right_on="s_suppkey")
    t = t[t.ps_supplycost == t.groupby("p_partkey").ps_supplycost.transform("min")]
    t = t.sort_values(["s_acctbal", "n_name", "s_name", "p_partkey"], ascending=[False, True, True, True]).head(100)
    return t[["s_acctbal", "s_name", "n_name", "p_partkey", "p_mfgr", "s_address", "s_phone", "s_comment"]]


def q3(scan, fraction):
    c = scan("customer", "c_custkey c_mktsegment")
    o = scan("orders", "o_orderkey o_custkey o_orderdate o_shippriority")
    l = scan("lineitem", "l_orderkey l_shipdate l_extendedprice l_discount")
    o = o[(o.o_orderdate < day("1995-03-15")) & o.o_custkey.isin(c.c_custkey[c.c_mktsegment == "BUILDING"])]
    t = with_price(o.merge(l[l.l_shipdate > day("1995-03-15")], left_on="o_orderkey", right_on="l_orderkey"))
    t = t.groupby(["l_orderkey", "o_orderdate", "o_shippriority"], as_index=False, sort=False).price.sum()
    t = t.sort_values(["price", "o_orderdate"], ascending=[False, True]).head(10)
    return t[["l_orderkey", "price", "o_orderdate", "o_shippriority"]]


def q4(scan, fraction):
    o, l = scan("orders", "o_orderkey o_orderdate o_orderpriority"), scan("lineitem", "l_orderkey l_commitdate l_receiptdate")
    o = o[since(o.o_orderdate, "1993-07-01", "1993-10-01")]
    o = o[o.o_orderkey.isin(l.l_orderkey[l.l_commitdate < l.l_receiptdate])]
    return o.groupby("o_orderpriority", as_index=False).size()


def q5(scan, fraction):
    r, n = scan("region", "r_regionkey r_name"), scan("nation", "n_nationkey n_regionkey n_name")
    c, o = scan("customer", "c_custkey c_nationkey"), scan("orders", "o_orderkey o_custkey o_orderdate")
    n = n.merge(r[r.r_name == "ASIA"], left_on="n_regionkey", right_on="r_regionkey")
    t = c.merge(n, left_on="c_nationkey", right_on="n_nationkey")
    t = t.merge(o[since(o.o_orderdate, "1994-01-01", "1995-01-01")], left_on="c_custkey", right_on="o_custkey")
    t = t.merge(scan("lineitem", "l_orderkey l_suppkey l_extendedprice l_discount"), left_on="o_orderkey", right_on="l_orderkey")
    s = scan("supplier", "s_suppkey s_nationkey")
    t = t.merge(s, left_on=["l_suppkey", "c_nationkey"], right_on=["s_suppkey", "s_nationkey"])
    return with_price(t).groupby("n_name", as_index=False).price.sum().sort_values("price", ascending=False)


def q6(scan, fraction):
    t = scan("lineitem", "l_shipdate l_discount l_quantity l_extendedprice")
    t = t[since(t.l_shipdate, "1994-01-01", "1995-01-01") & t.l_discount.between(0.0499, 0.0701) & (t.l_quantity < 24)]
    return pd.DataFrame({"revenue": [(t.l_extendedprice * t.l_discount).sum()]})


def q7(scan, fraction):
    n = scan("nation", "n_nationkey n_name")
    n = n[n.n_name.isin(["FRANCE", "GERMANY"])]
    l = scan("lineitem", "l_orderkey l_suppkey l_shipdate l_extendedprice l_discount")
    l = l[l.l_shipdate.between(day("1995-01-01"), day("1996-12-31"))]
    s = scan("supplier", "s_suppkey s_nationkey").merge(n, left_on="s_nationkey", right_on="n_nationkey")
    c = scan("customer", "c_custkey c_nationkey").merge(n, left_on="c_nationkey", right_on="n_nationkey")
    t = l.merge(s, left_on="l_suppkey", right_on="s_suppkey")
    t = t.merge(scan("orders", "o_orderkey o_custkey"), left_on="l_orderkey", right_on="o_orderkey")
    t = t.merge(c, left_on="o_custkey", right_on="c_custkey", suffixes=("_supp", "_cust"))
    t = with_price(t[t.n_name_supp != t.n_name_cust]).assign(l_year=lambda f: f.l_shipdate.dt.year)
    return t.groupby(["n_name_supp", "n_name_cust", "l_year"], as_index=False).price.sum()


def q8(scan, fraction):
    p, r, n = scan("part", "p_partkey p_type"), scan("region", "r_regionkey r_name"), scan("nation", "n_nationkey n_regionkey n_name")
    c, o = scan("customer", "c_custkey c_nationkey"), scan("orders", "o_orderkey o_custkey o_orderdate")
    america = n.n_nationkey[n.n_regionkey.isin(r.r_regionkey[r.r_name == "AMERICA"])]
    l = scan("lineitem", "l_orderkey l_partkey l_suppkey l_extendedprice l_discount")
    l = l[l.l_partkey.isin(p.p_partkey[p.p_type == "ECONOMY ANODIZED STEEL"])]
    americans = c.c_custkey[c.c_nationkey.isin(america)]
    o = o[o.o_orderdate.between(day("1995-01-01"), day("1996-12-31")) & o.o_custkey.isin(americans)]
    t = with_price(l.merge(o, left_on="l_orderkey", right_on="o_orderkey"))
    t = t.merge(scan("supplier", "s_suppkey s_nationkey"), left_on="l_suppkey", right_on="s_suppkey")
    t = t.merge(n, left_on="s_nationkey", right_on="n_nationkey").assign(o_year=lambda f: f.o_orderdate.dt.year)
    t = t.assign(brazil=t.price.where(t.n_name == "BRAZIL", 0)).groupby("o_year")[["brazil", "price"]].sum()
    return (t.brazil / t.price).reset_index()


def q9(scan, fraction):
    p = scan("part", "p_partkey p_name")
    l = scan("lineitem", "l_orderkey l_partkey l_suppkey l_quantity l_extendedprice l_discount")
    l = l[l.l_partkey.isin(p.p_partkey[p.p_name.str.contains("green", regex=False)])]
    ps = scan("partsupp", "ps_partkey ps_suppkey ps_supplycost")
    t = l.merge(ps, left_on=["l_partkey", "l_suppkey"], right_on=["ps_partkey", "ps_suppkey"])
    t = t.merge(scan("supplier", "s_suppkey s_nationkey"), left_on="l_suppkey", right_on="s_suppkey")
    t = t.merge(scan("orders", "o_orderkey o_orderdate"), left_on="l_orderkey", right_on="o_orderkey")
    t = with_price(t.merge(scan("nation", "n_nationkey n_name"), left_on="s_nationkey", right_on="n_nationkey"))
    t = t.assign(o_year=t.o_orderdate.dt.year, profit=t.price - t.ps_supplycost * t.l_quantity)
    return t.groupby(["n_name", "o_year"], as_index=False).profit.sum().sort_values(["n_name", "o_year"], ascending=[True, False])


def q10(scan, fraction):
    o = scan("orders", "o_orderkey o_custkey o_orderdate")
    l = scan("lineitem", "l_orderkey l_returnflag l_extendedprice l_discount")
    o = o[since(o.o_orderdate, "1993-10-01", "1994-01-01")]
    t = o.merge(l[l.l_returnflag == "R"], left_on="o_orderkey", right_on="l_orderkey")
    c = scan("customer", "c_custkey c_name c_acctbal c_nationkey c_address c_phone c_comment")
    t = with_price(t.merge(c, left_on="o_custkey", right_on="c_custkey"))
    t = t.merge(scan("nation", "n_nationkey n_name"), left_on="c_nationkey", right_on="n_nationkey")
    keys = ["c_custkey", "c_name", "c_acctbal", "n_name", "c_address", "c_phone", "c_comment"]
    t = t.groupby(keys, as_index=False, sort=False).price.sum().sort_values("price", ascending=False).head(20)
    return t[["c_custkey", "c_name", "price", "c_acctbal", "n_name", "c_address", "c_phone", "c_comment"]]


def q11(scan, fraction):
    n, s = scan("nation", "n_nationkey n_name"), scan("supplier", "s_suppkey s_nationkey")
    t = scan("partsupp", "ps_partkey ps_suppkey ps_supplycost ps_availqty")
    t = t[t.ps_suppkey.isin(s.s_suppkey[s.s_nationkey.isin(n.n_nationkey[n.n_name == "GERMANY"])])]
    t = t.assign(value=t.ps_supplycost * t.ps_availqty).groupby("ps_partkey", as_index=False).value.sum()
    return t[t.value > t.value.sum() * fraction].sort_values("value", ascending=False)


def q12(scan, fraction):
    l = scan("lineitem", "l_orderkey l_shipmode l_commitdate l_receiptdate l_shipdate")
    l = l[
        since(l.l_receiptdate, "1994-01-01", "1995-01-01") & (l.l_commitdate < l.l_receiptdate) & (l.l_shipdate < l.l_commitdate)
        & l.l_shipmode.isin(["MAIL", "SHIP"])
    ]
    t = l.merge(scan("orders", "o_orderkey o_orderpriority"), left_on="l_orderkey", right_on="o_orderkey")
    high = t.o_orderpriority.isin(["1-URGENT", "2-HIGH"])
    return t.assign(high=high, low=~high).groupby("l_shipmode", as_index=False)[["high", "low"]].sum()


def q13(scan, fraction):
    o = scan("orders", "o_orderkey o_custkey o_comment")
    o = o[~o.o_comment.str.contains("special.*requests")]
    t = scan("customer", "c_custkey").merge(o[["o_custkey", "o_orderkey"]], left_on="c_custkey", right_on="o_custkey", how="left")
    t = t.groupby("c_custkey").o_orderkey.count().value_counts().rename_axis("c_count").reset_index(name="custdist")
    return t[["c_count", "custdist"]].sort_values(["custdist", "c_count"], ascending=False)


def q14(scan, fraction):
    l = scan("lineitem", "l_partkey l_shipdate l_extendedprice l_discount")
    l = with_price(l[since(l.l_shipdate, "1995-09-01", "1995-10-01")])
    t = l.merge(scan("part", "p_partkey p_type"), left_on="l_partkey", right_on="p_partkey")
    return pd.DataFrame({"promo_revenue": [100 * t.price[t.p_type.str.startswith("PROMO")].sum() / t.price.sum()]})


def q15(scan, fraction):
    l = scan("lineitem", "l_suppkey l_shipdate l_extendedprice l_discount")
    l = with_price(l[since(l.l_shipdate, "1996-01-01", "1996-04-01")])
    revenue = l.groupby("l_suppkey", as_index=False).price.sum()
    top = revenue[revenue.price == revenue.price.max()]
    t = scan("supplier", "s_suppkey s_name s_address s_phone").merge(top, left_on="s_suppkey", right_on="l_suppkey")
    return t[["s_suppkey", "s_name", "s_address", "s_phone", "price"]].sort_values("s_suppkey")


def q16(scan, fraction):
    p, s = scan("part", "p_partkey p_brand p_type p_size"), scan("supplier", "s_suppkey s_comment")
    p = p[p.p_size.isin([49, 14, 23, 45, 19, 3, 36, 9]) & (p.p_brand != "Brand#45") & ~p.p_type.str.startswith("MEDIUM POLISHED")]
    complained = s.s_suppkey[s.s_comment.str.contains("Customer.*Complaints")]
    t = scan("partsupp", "ps_partkey ps_suppkey").merge(p, left_on="ps_partkey", right_on="p_partkey")
    t = t[~t.ps_suppkey.isin(complained)].groupby(["p_brand", "p_type", "p_size"], as_index=False).ps_suppkey.nunique()
    return t.sort_values(["ps_suppkey", "p_brand", "p_type", "p_size"], ascending=[False, True, True, True])


def q17(scan, fraction):
    p = scan("part", "p_partkey p_brand p_container")
    boxes = p.p_partkey[(p.p_brand == "Brand#23") & (p.p_container == "MED BOX")]
    l = scan("lineitem", "l_partkey l_quantity l_extendedprice")
    l = l[l.l_partkey.isin(boxes)]
    l = l[l.l_quantity < 0.2 * l.groupby("l_partkey").l_quantity.transform("mean")]
    return pd.DataFrame({"avg_yearly": [l.l_extendedprice.sum(min_count=1) / 7]})


def q18(scan, fraction):
    quantity = scan("lineitem", "l_orderkey l_quantity").groupby("l_orderkey").l_quantity.sum()
    o = scan("orders", "o_orderkey o_custkey o_orderdate o_totalprice")
    t = o.merge(quantity[quantity > 300].reset_index(), left_on="o_orderkey", right_on="l_orderkey")
    t = t.merge(scan("customer", "c_custkey c_name"), left_on="o_custkey", right_on="c_custkey")
    t = t.sort_values(["o_totalprice", "o_orderdate"], ascending=[False, True]).head(100)
    return t[["c_name", "c_custkey", "o_orderkey", "o_orderdate", "o_totalprice", "l_quantity"]]


def q19(scan, fraction):
    l = scan("lineitem", "l_partkey l_quantity l_extendedprice l_discount l_shipmode l_shipinstruct")
    l = l[l.l_shipmode.isin(["AIR", "AIR REG"]) & (l.l_shipinstruct == "DELIVER IN PERSON")]
    t = with_price(l.merge(scan("part", "p_partkey p_brand p_container p_size"), left_on="l_partkey", right_on="p_partkey"))

    def boxes(brand, kinds, least, size):
        names = [f"{kinds[0]} {kind}" for kind in kinds[1:]]
        quantity = t.l_quantity.between(least, least + 10)
        return (t.p_brand == brand) & t.p_container.isin(names) & quantity & t.p_size.between(1, size)

    wanted = (
        boxes("Brand#12", ["SM", "CASE", "BOX", "PACK", "PKG"], 1, 5)
        | boxes("Brand#23", ["MED", "BAG", "BOX", "PKG", "PACK"], 10, 10)
        | boxes("Brand#34", ["LG", "CASE", "BOX", "PACK", "PKG"], 20, 15)
    )
    return pd.DataFrame({"revenue": [t.price[wanted].sum(min_count=1)]})


def q20(scan, fraction):
    p, n = scan("part", "p_partkey p_name"), scan("nation", "n_nationkey n_name")
    forest = p.p_partkey[p.p_name.str.startswith("forest")]
    l = scan("lineitem", "l_partkey l_suppkey l_shipdate l_quantity")
    l = l[since(l.l_shipdate, "1994-01-01", "1995-01-01") & l.l_partkey.isin(forest)]
    shipped = l.groupby(["l_partkey", "l_suppkey"], as_index=False).l_quantity.sum()
    t = scan("partsupp", "ps_partkey ps_suppkey ps_availqty")
    t = t.merge(shipped, left_on=["ps_partkey", "ps_suppkey"], right_on=["l_partkey", "l_suppkey"])
    plenty = t.ps_suppkey[t.ps_availqty > 0.5 * t.l_quantity]
    s = scan("supplier", "s_suppkey s_name s_address s_nationkey")
    s = s[s.s_suppkey.isin(plenty) & s.s_nationkey.isin(n.n_nationkey[n.n_name == "CANADA"])]
    return s[["s_name", "s_address"]].sort_values("s_name")


def q21(scan, fraction):
    def of_one_supplier(frame):
        suppliers = frame.groupby("l_orderkey").l_suppkey.agg(["min", "max"])
        return suppliers["min"] == suppliers["max"]

    n, o = scan("nation", "n_nationkey n_name"), scan("orders", "o_orderkey o_orderstatus")
    l = scan("lineitem", "l_orderkey l_suppkey l_receiptdate l_commitdate")
    l = l[l.l_orderkey.isin(o.o_orderkey[o.o_orderstatus == "F"])]
    late = l[l.l_receiptdate > l.l_commitdate]
    several, alone = ~of_one_supplier(l), of_one_supplier(late)
    late = late[late.l_orderkey.isin(several.index[several]) & late.l_orderkey.isin(alone.index[alone])]
    s = scan("supplier", "s_suppkey s_name s_nationkey")
    s = s[s.s_nationkey.isin(n.n_nationkey[n.n_name == "SAUDI ARABIA"])]
    t = late.merge(s, left_on="l_suppkey", right_on="s_suppkey").groupby("s_name", as_index=False).size()
    return t.sort_values(["size", "s_name"], ascending=[False, True]).head(100)


def q22(scan, fraction):
    c = scan("customer", "c_custkey c_phone c_acctbal")
    c = c.assign(cntrycode=c.c_phone.str[:2])
    c = c[c.cntrycode.isin(["13", "31", "23", "29", "30", "18", "17"])]
    c = c[c.c_acctbal > c.c_acctbal[c.c_acctbal > 0].mean()]
    c = c[~c.c_custkey.isin(scan("orders", "o_custkey").o_custkey)]
    return c.groupby("cntrycode", as_index=False).agg(numcust=("c_acctbal", "size"), totacctbal=("c_acctbal", "sum"))
