"""Six TPC-H queries in Polars, Ibis (on DuckDB) and pandas, asked for one at a time over standard input, so that the bench
can take turns. Each reads the Parquet files anew. pandas computes in doubles: it has no fast decimals."""
import datetime
import json
import sys
import time

folder = sys.argv[1]


def day(text):
    return datetime.date.fromisoformat(text)


def file(table):
    return f"{folder}/{table}.parquet"


def polars_queries():
    import polars as pl

    col = pl.col

    def scan(table):
        return pl.scan_parquet(file(table))

    def revenue():
        return (col("l_extendedprice") * (1 - col("l_discount"))).sum().alias("revenue")

    def q1():
        price = col("l_extendedprice") * (1 - col("l_discount"))
        return (
            scan("lineitem").filter(col("l_shipdate") <= day("1998-09-02"))
            .group_by("l_returnflag", "l_linestatus")
            .agg(
                col("l_quantity").sum().alias("sum_qty"), col("l_extendedprice").sum().alias("sum_base_price"),
                price.sum().alias("sum_disc_price"), (price * (1 + col("l_tax"))).sum().alias("sum_charge"),
                col("l_quantity").mean().alias("avg_qty"), col("l_extendedprice").mean().alias("avg_price"),
                col("l_discount").mean().alias("avg_disc"), pl.len().alias("count_order"),
            ).sort("l_returnflag", "l_linestatus")
        )

    def q3():
        return (
            scan("customer").filter(col("c_mktsegment") == "BUILDING")
            .join(scan("orders").filter(col("o_orderdate") < day("1995-03-15")), left_on="c_custkey", right_on="o_custkey")
            .join(scan("lineitem").filter(col("l_shipdate") > day("1995-03-15")), left_on="o_orderkey", right_on="l_orderkey")
            .group_by("o_orderkey", "o_orderdate", "o_shippriority").agg(revenue())
            .sort(["revenue", "o_orderdate"], descending=[True, False]).head(10)
        )

    def q5():
        return (
            scan("region").filter(col("r_name") == "ASIA")
            .join(scan("nation"), left_on="r_regionkey", right_on="n_regionkey")
            .join(scan("customer"), left_on="n_nationkey", right_on="c_nationkey")
            .join(
                scan("orders").filter(col("o_orderdate").is_between(day("1994-01-01"), day("1994-12-31"))),
                left_on="c_custkey", right_on="o_custkey",
            )
            .join(scan("lineitem"), left_on="o_orderkey", right_on="l_orderkey")
            .join(scan("supplier"), left_on=["l_suppkey", "n_nationkey"], right_on=["s_suppkey", "s_nationkey"])
            .group_by("n_name").agg(revenue()).sort("revenue", descending=True)
        )

    def q6():
        return (
            scan("lineitem")
            .filter(
                col("l_shipdate").is_between(day("1994-01-01"), day("1994-12-31")),
                col("l_discount").is_between(pl.lit("0.05").cast(pl.Decimal(15, 2)), pl.lit("0.07").cast(pl.Decimal(15, 2))),
                col("l_quantity") < 24,
            ).select((col("l_extendedprice") * col("l_discount")).sum().alias("revenue"))
        )

    def q12():
        high = col("o_orderpriority").is_in(["1-URGENT", "2-HIGH"])
        return (
            scan("orders").join(
                scan("lineitem").filter(
                    col("l_shipmode").is_in(["MAIL", "SHIP"]), col("l_commitdate") < col("l_receiptdate"),
                    col("l_shipdate") < col("l_commitdate"),
                    col("l_receiptdate").is_between(day("1994-01-01"), day("1994-12-31")),
                ), left_on="o_orderkey", right_on="l_orderkey",
            ).group_by("l_shipmode").agg(high.sum().alias("high"), (~high).sum().alias("low")).sort("l_shipmode")
        )

    def q14():
        price = col("l_extendedprice") * (1 - col("l_discount"))
        promo = pl.when(col("p_type").str.starts_with("PROMO")).then(price).otherwise(0)
        return (
            scan("lineitem").filter(col("l_shipdate").is_between(day("1995-09-01"), day("1995-09-30")))
            .join(scan("part"), left_on="l_partkey", right_on="p_partkey")
            .select((100.0 * promo.sum().cast(pl.Float64) / price.sum().cast(pl.Float64)).alias("promo_revenue"))
        )

    queries = {1: q1, 3: q3, 5: q5, 6: q6, 12: q12, 14: q14}
    return {number: (lambda query=query: query().collect().rows()) for number, query in queries.items()}


def ibis_queries():
    import ibis

    connection = ibis.duckdb.connect()

    def scan(table):
        return connection.read_parquet(file(table))

    def q1():
        t = scan("lineitem").filter(lambda f: f.l_shipdate <= day("1998-09-02"))
        price = t.l_extendedprice * (1 - t.l_discount)
        return t.group_by("l_returnflag", "l_linestatus").agg(
            sum_qty=t.l_quantity.sum(), sum_base_price=t.l_extendedprice.sum(), sum_disc_price=price.sum(),
            sum_charge=(price * (1 + t.l_tax)).sum(), avg_qty=t.l_quantity.mean(), avg_price=t.l_extendedprice.mean(),
            avg_disc=t.l_discount.mean(), count_order=t.count(),
        ).order_by("l_returnflag", "l_linestatus")

    def revenue(t):
        return (t.l_extendedprice * (1 - t.l_discount)).sum()

    def q3():
        c, o, l = scan("customer"), scan("orders"), scan("lineitem")
        t = c.filter(c.c_mktsegment == "BUILDING").join(o, c.c_custkey == o.o_custkey)
        t = t.join(l, t.o_orderkey == l.l_orderkey)
        t = t.filter(t.o_orderdate < day("1995-03-15"), t.l_shipdate > day("1995-03-15"))
        t = t.group_by("l_orderkey", "o_orderdate", "o_shippriority").agg(revenue=revenue(t))
        return t.select("l_orderkey", "revenue", "o_orderdate", "o_shippriority").order_by(ibis.desc("revenue"), "o_orderdate").limit(10)

    def q5():
        c, o, l, s, n, r = map(scan, ["customer", "orders", "lineitem", "supplier", "nation", "region"])
        t = c.join(o, c.c_custkey == o.o_custkey)
        t = t.join(l, t.o_orderkey == l.l_orderkey)
        t = t.join(s, (t.l_suppkey == s.s_suppkey) & (t.c_nationkey == s.s_nationkey))
        t = t.join(n, t.s_nationkey == n.n_nationkey).join(r, n.n_regionkey == r.r_regionkey)
        t = t.filter(t.r_name == "ASIA", t.o_orderdate >= day("1994-01-01"), t.o_orderdate < day("1995-01-01"))
        return t.group_by("n_name").agg(revenue=revenue(t)).order_by(ibis.desc("revenue"))

    def q6():
        t = scan("lineitem")
        t = t.filter(
            t.l_shipdate >= day("1994-01-01"), t.l_shipdate < day("1995-01-01"), t.l_discount.between(0.05, 0.07), t.l_quantity < 24
        )
        return t.agg(revenue=(t.l_extendedprice * t.l_discount).sum())

    def q12():
        o, l = scan("orders"), scan("lineitem")
        t = o.join(l, o.o_orderkey == l.l_orderkey)
        t = t.filter(
            t.l_shipmode.isin(["MAIL", "SHIP"]), t.l_commitdate < t.l_receiptdate, t.l_shipdate < t.l_commitdate,
            t.l_receiptdate >= day("1994-01-01"), t.l_receiptdate < day("1995-01-01"),
        )
        high = t.o_orderpriority.isin(["1-URGENT", "2-HIGH"])
        return t.group_by("l_shipmode").agg(high=high.sum(), low=(~high).sum()).order_by("l_shipmode")

    def q14():
        l, p = scan("lineitem"), scan("part")
        t = l.join(p, l.l_partkey == p.p_partkey)
        t = t.filter(t.l_shipdate >= day("1995-09-01"), t.l_shipdate < day("1995-10-01"))
        price = t.l_extendedprice * (1 - t.l_discount)
        return t.agg(promo_revenue=100 * t.p_type.startswith("PROMO").ifelse(price, 0).sum() / price.sum())

    def rows(query):
        """Ibis's SQL, without its own cast of the result, which refuses the decimals of query 1."""
        return connection.raw_sql(str(ibis.to_sql(query(), dialect="duckdb"))).fetchall()

    queries = {1: q1, 3: q3, 5: q5, 6: q6, 12: q12, 14: q14}
    return {number: (lambda query=query: rows(query)) for number, query in queries.items()}


def pandas_queries():
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    def scan(table, *columns):
        """Only the columns that the query needs, decimals as doubles, text in Arrow's own form."""
        read = pq.read_table(file(table), columns=list(columns))
        # Few of Arrow's functions know the string views that the generator's files ask for.
        plain = {pa.string_view(): pa.string()}
        fields = [
            pa.field(f.name, pa.float64() if pa.types.is_decimal(f.type) else plain.get(f.type, f.type))
            for f in read.schema
        ]
        return read.cast(pa.schema(fields)).to_pandas(types_mapper=pd.ArrowDtype)

    def q1():
        t = scan("lineitem", "l_shipdate", "l_returnflag", "l_linestatus", "l_quantity", "l_extendedprice", "l_discount", "l_tax")
        t = t[t.l_shipdate <= day("1998-09-02")]
        price = t.l_extendedprice * (1 - t.l_discount)
        t = t.assign(disc_price=price, charge=price * (1 + t.l_tax))
        return t.groupby(["l_returnflag", "l_linestatus"], as_index=False).agg(
            sum_qty=("l_quantity", "sum"), sum_base=("l_extendedprice", "sum"), sum_disc=("disc_price", "sum"),
            sum_charge=("charge", "sum"), avg_qty=("l_quantity", "mean"), avg_price=("l_extendedprice", "mean"),
            avg_disc=("l_discount", "mean"), n=("l_quantity", "size"),
        ).sort_values(["l_returnflag", "l_linestatus"])

    def q3():
        c = scan("customer", "c_custkey", "c_mktsegment")
        o = scan("orders", "o_orderkey", "o_custkey", "o_orderdate", "o_shippriority")
        l = scan("lineitem", "l_orderkey", "l_shipdate", "l_extendedprice", "l_discount")
        t = c[c.c_mktsegment == "BUILDING"].merge(o[o.o_orderdate < day("1995-03-15")], left_on="c_custkey", right_on="o_custkey")
        t = t.merge(l[l.l_shipdate > day("1995-03-15")], left_on="o_orderkey", right_on="l_orderkey")
        t["revenue"] = t.l_extendedprice * (1 - t.l_discount)
        t = t.groupby(["l_orderkey", "o_orderdate", "o_shippriority"], as_index=False)["revenue"].sum()
        return t.sort_values(["revenue", "o_orderdate"], ascending=[False, True]).head(10)

    def q5():
        r, n = scan("region", "r_regionkey", "r_name"), scan("nation", "n_nationkey", "n_regionkey", "n_name")
        c, o = scan("customer", "c_custkey", "c_nationkey"), scan("orders", "o_orderkey", "o_custkey", "o_orderdate")
        l, s = scan("lineitem", "l_orderkey", "l_suppkey", "l_extendedprice", "l_discount"), scan("supplier", "s_suppkey", "s_nationkey")
        t = r[r.r_name == "ASIA"].merge(n, left_on="r_regionkey", right_on="n_regionkey").merge(c, left_on="n_nationkey", right_on="c_nationkey")
        t = t.merge(o[(o.o_orderdate >= day("1994-01-01")) & (o.o_orderdate < day("1995-01-01"))], left_on="c_custkey", right_on="o_custkey")
        t = t.merge(l, left_on="o_orderkey", right_on="l_orderkey")
        t = t.merge(s, left_on=["l_suppkey", "n_nationkey"], right_on=["s_suppkey", "s_nationkey"])
        t["revenue"] = t.l_extendedprice * (1 - t.l_discount)
        return t.groupby("n_name", as_index=False)["revenue"].sum().sort_values("revenue", ascending=False)

    def q6():
        t = scan("lineitem", "l_shipdate", "l_discount", "l_quantity", "l_extendedprice")
        t = t[(t.l_shipdate >= day("1994-01-01")) & (t.l_shipdate < day("1995-01-01")) & t.l_discount.between(0.0499, 0.0701) & (t.l_quantity < 24)]
        return pd.DataFrame({"revenue": [(t.l_extendedprice * t.l_discount).sum()]})

    def q12():
        l = scan("lineitem", "l_orderkey", "l_shipmode", "l_commitdate", "l_receiptdate", "l_shipdate")
        l = l[
            l.l_shipmode.isin(["MAIL", "SHIP"]) & (l.l_commitdate < l.l_receiptdate) & (l.l_shipdate < l.l_commitdate)
            & (l.l_receiptdate >= day("1994-01-01")) & (l.l_receiptdate < day("1995-01-01"))
        ]
        t = scan("orders", "o_orderkey", "o_orderpriority").merge(l, left_on="o_orderkey", right_on="l_orderkey")
        t["high"] = t.o_orderpriority.isin(["1-URGENT", "2-HIGH"]).astype("int64")
        t["low"] = 1 - t.high
        return t.groupby("l_shipmode", as_index=False)[["high", "low"]].sum().sort_values("l_shipmode")

    def q14():
        l = scan("lineitem", "l_partkey", "l_shipdate", "l_extendedprice", "l_discount")
        l = l[(l.l_shipdate >= day("1995-09-01")) & (l.l_shipdate < day("1995-10-01"))]
        t = l.merge(scan("part", "p_partkey", "p_type"), left_on="l_partkey", right_on="p_partkey")
        price = t.l_extendedprice * (1 - t.l_discount)
        return pd.DataFrame({"promo_revenue": [100 * price[t.p_type.str.startswith("PROMO")].sum() / price.sum()]})

    queries = {1: q1, 3: q3, 5: q5, 6: q6, 12: q12, 14: q14}
    return {number: (lambda query=query: query().values.tolist()) for number, query in queries.items()}


makers = {"polars": polars_queries, "ibis": ibis_queries, "pandas": pandas_queries}
made = {}
for line in sys.stdin:
    asked = json.loads(line)
    name, number = asked["engine"], asked["query"]
    try:
        if name not in made:
            made[name] = makers[name]()
        start = time.perf_counter()
        rows = made[name][number]()
        spent = (time.perf_counter() - start) * 1000
        answer = {"ms": spent, "rows": len(rows), "first": [str(value) for value in rows[0]]}
    except Exception as error:  # the bench says which peer could not, and goes on
        answer = {"error": f"{type(error).__name__}: {error}"[:300]}
    print(json.dumps(answer), flush=True)
