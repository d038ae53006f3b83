"""A plan as an expression of dask.dataframe. Each node gives a frame and the fields of its columns; a partition is a pandas
frame of Arrow's types, computed with in Arrow."""

import json

import dask.dataframe as dd
import numpy as np
import pandas as pd
import pyarrow as pa

from . import aggregates, joins, scans, windows
from .access import Access
from .evaluate import Rows, constant, values
from .expressions import columns_of, is_aggregate, is_window, lifted, type_of, with_columns
from .keys import HASH, NUMBER, normal, with_hash
from .ordering import sort_over_partitions, sort_rows
from .partitions import each
from .types import arrow_type, empty_frame, schema_of, to_frame, to_table

LIMIT_BY_PARTITION = 100_000


class Build:
    """Makes the frames of one plan. `kept` holds the frames of caches and checkpoints by name."""

    def __init__(self, kept, persist, partitions):
        self.kept, self.persist, self.partitions = kept, persist, partitions

    def frame(self, node, need=None):
        """(frame, fields). `need` names the columns that are looked at; None is all of them."""
        return getattr(self, node["op"])(node, need)

    # --- sources
    def scan(self, node, need):
        fields = [field for field in node["fields"] if need is None or field["name"] in need] or node["fields"][:1]
        source, access = node["source"], Access(node.get("access"))
        found = list(scans.in_range(scans.pieces(source, access), source))
        if not found:
            return dd.from_pandas(empty_frame(fields), npartitions=1), fields
        schema = scans.dataset(source, access).schema
        return dd.from_map(scans.read, found, schema=schema, fields=fields, meta=empty_frame(fields)), fields

    def local(self, node, need):
        schema = schema_of(node["fields"])
        columns = [
            pa.array([constant({"value": value, "type": field["type"]}) for value in column], kind.type)
            for field, column, kind in zip(node["fields"], node["columns"], schema)
        ]
        table = pa.table(columns, schema=schema)
        parts = min(self.partitions, max(table.num_rows, 1))
        edges = np.linspace(0, table.num_rows, parts + 1).astype(int)
        cuts = [to_frame(table.slice(a, b - a)) for a, b in zip(edges, edges[1:])]
        return dd.from_map(same, cuts, meta=empty_frame(node["fields"])), node["fields"]

    def range(self, node, need):
        fields = [{"name": node["column"], "type": NUMBER}]
        count = len(range(node["start"], node["end"], node["step"]))
        parts = max(1, min(self.partitions, count), count // 10_000_000)
        edges = np.linspace(0, count, parts + 1).astype(int)
        cuts = [(node["start"] + int(a) * node["step"], int(b - a), node["step"]) for a, b in zip(edges, edges[1:])]
        return dd.from_map(numbers, cuts, fields=fields, meta=empty_frame(fields)), fields

    def stored(self, node, need):
        return self.kept[node["name"]], node["fields"]

    # --- row by row
    def filter(self, node, need):
        frame, fields = self.frame(node["input"], with_columns(need, node["predicate"]))
        return each(frame, keep_rows, fields, fields, node["predicate"]), fields

    def project(self, node, need):
        columns = [c for c in node["columns"] if need is None or c["name"] in need] or node["columns"][:1]
        below = set().union(*(columns_of(c["expr"]) for c in columns))
        frame, fields = self.frame(node["input"], below)
        return self.projected(frame, fields, columns)

    def projected(self, frame, fields, columns):
        """Windows first: their groups come together, and they become columns."""
        found = {}
        columns = [{**c, "expr": lifted(c["expr"], is_window, found)} for c in columns]
        by_group = {}
        for text, name in found.items():
            node = json.loads(text)
            by_group.setdefault(json.dumps(node["partitionBy"]), []).append((name, node))
        for text, some in by_group.items():
            added = [{"name": name, "type": node["input"]["type"]} for name, node in some]
            keys = [{"name": f"__k{i}", "expr": key} for i, key in enumerate(json.loads(text))]
            frame = self.gathered(frame, fields, keys)
            frame = each(frame, windows.with_windows, fields, fields + added, some)
            fields = fields + added
        out = [{"name": c["name"], "type": type_of(c["expr"], fields)} for c in columns]
        return each(frame, select, fields, out, columns), out

    def explode(self, node, need):
        frame, fields = self.frame(node["input"])
        out = []
        for field in fields:
            if field["name"] != node["column"]:
                out.append(field)
                continue
            if node.get("position") is not None:
                out.append({"name": node["position"], "type": {"kind": "int32"}})
            out.append({"name": node["as"], "type": field["type"]["item"]})
        return each(frame, explode_rows, fields, out, node), out

    def unpivot(self, node, need):
        frame, fields = self.frame(node["input"], set(node["ids"]) | set(node["values"]))
        out = node["schema"]
        return each(frame, unpivot_rows, fields, out, node), out

    def sample(self, node, need):
        frame, fields = self.frame(node["input"], need)
        seeds = dd.from_map(seed_frame, range(frame.npartitions), seed=node["seed"], meta=seed_frame(0, 0))
        made = dd.map_partitions(
            drawn, frame, seeds, fields=fields, lower=node["lower"], upper=node["upper"], meta=empty_frame(fields),
            align_dataframes=False, enforce_metadata=False,
        )  # fmt: skip
        return made, fields

    # --- what changes nothing in the rows
    def hint(self, node, need):
        return self.frame(node["input"], need)

    observe = hint

    def repartition(self, node, need):
        frame, fields = self.frame(node["input"])
        count = node["partitions"] or frame.npartitions
        if node["by"]:
            keys = [{"name": f"__k{i}", "expr": {"op": "column", "name": name}} for i, name in enumerate(node["by"])]
            return self.gathered(frame, fields, keys, count), fields
        if count > frame.npartitions and not node["shuffle"]:
            return frame, fields
        return frame.repartition(npartitions=count), fields

    def cache(self, node, need):
        key = "cache:" + node["key"]
        if key not in self.kept:
            frame, _ = self.frame(node["input"])
            self.kept[key] = self.persist(frame)
        return self.kept[key], node["schema"]

    # --- what moves rows
    def gathered(self, frame, fields, keys, count=None):
        """Rows with equal keys in one partition; without keys all rows in one."""
        if not keys:
            return frame.repartition(npartitions=1) if frame.npartitions > 1 else frame
        count = count or frame.npartitions
        if count == frame.npartitions == 1:
            return frame
        more = fields + [{"name": HASH, "type": NUMBER}]
        hashed = each(frame, add_hash, fields, more, keys)
        moved = hashed.shuffle(on=HASH, npartitions=count, shuffle_method="tasks")
        return moved[[field["name"] for field in fields]]

    def aggregate(self, node, need):
        found = {}
        columns = [{**c, "expr": lifted(c["expr"], is_aggregate, found, "__r")} for c in node["values"]]
        calls = [json.loads(text) for text in found]
        sets = grouping_sets(node)
        below = set(node["keys"]).union(*(columns_of(call) for call in calls))
        frame, fields = self.frame(node["input"], below)
        kinds = {field["name"]: field["type"] for field in fields}
        keys = [{"name": name, "type": kinds[name]} for name in node["keys"]]
        groups = keys + [{"name": "__set", "type": NUMBER}]
        reduced = self.grouped(frame, fields, keys, groups, calls, sets)
        results = [{"name": f"__r{i}", "type": call["type"]} for i, call in enumerate(calls)]
        columns = [{"name": k["name"], "expr": {"op": "column", **k}} for k in keys] + columns
        out = [{"name": c["name"], "type": type_of(c["expr"], groups + results)} for c in columns]
        return each(reduced, select, groups + results, out, columns), out

    def grouped(self, frame, fields, keys, groups, calls, sets):
        """The groups with the results of the calls that are not `grouping`."""
        real = [call for call in calls if call["name"] != "grouping"]
        merged = all(aggregates.mergeable(call) for call in real)
        args = argument_fields(real, merged)
        wide = groups + args
        prepared = each(frame, prepare, fields, wide, keys, real, sets, merged)
        half = groups + [{"name": f"__r{i}", "type": call["type"]} for i, call in enumerate(real)]
        partly = groups + [{"name": f"__r{i}", "type": aggregates.half_type(call)} for i, call in enumerate(real)]
        by = [{"name": f"__k{i}", "expr": {"op": "column", **key}} for i, key in enumerate(groups)] if keys else []
        if merged:
            prepared = each(prepared, merge_step, wide, partly, groups, real, 0)
            prepared = self.gathered(prepared, partly, by)
            done = each(prepared, merge_step, partly, half, groups, real, 1, not keys)
        else:
            prepared = self.gathered(prepared, wide, by)
            done = each(prepared, list_step, wide, half, groups, real, not keys)
        places = {json.dumps(call): i for i, call in enumerate(real)}
        all_results = groups + [{"name": f"__r{i}", "type": call["type"]} for i, call in enumerate(calls)]
        order = [places.get(json.dumps(call)) for call in calls]
        tests = [None if call["name"] != "grouping" else call["args"][0] for call in calls]
        return each(done, place_results, half, all_results, groups, order, tests, [k["name"] for k in keys])

    def distinct(self, node, need):
        frame, fields = self.frame(node["input"])
        names = node["columns"] or [field["name"] for field in fields]
        keys = [{"name": f"__k{i}", "expr": {"op": "column", "name": name}} for i, name in enumerate(names)]
        if not node["columns"]:
            frame = each(frame, one_each, fields, fields, names)
        return each(self.gathered(frame, fields, keys), one_each, fields, fields, names), fields

    def setOperation(self, node, need):
        (a, fields), (b, _) = self.frame(node["left"]), self.frame(node["right"])
        if node["kind"] == "union":
            both = dd.concat([a, b], interleave_partitions=False)
            return (both, fields) if node["all"] else self.distinct_of(both, fields)
        more = fields + [{"name": "__side", "type": NUMBER}]
        both = dd.concat([each(side, add_side, fields, more, i) for i, side in enumerate((a, b))], interleave_partitions=False)
        keys = [{"name": f"__k{i}", "expr": {"op": "column", "name": field["name"]}} for i, field in enumerate(fields)]
        gathered = self.gathered(both, more, keys)
        return each(gathered, set_rows, more, fields, node["kind"], node["all"]), fields

    def distinct_of(self, frame, fields):
        names = [field["name"] for field in fields]
        keys = [{"name": f"__k{i}", "expr": {"op": "column", "name": name}} for i, name in enumerate(names)]
        return each(self.gathered(frame, fields, keys), one_each, fields, fields, names), fields

    def sort(self, node, need):
        frame, fields = self.frame(node["input"], None if need is None else need.union(*(columns_of(k["expr"]) for k in node["order"])))
        if frame.npartitions == 1:
            return each(frame, sort_rows, fields, fields, node["order"]), fields
        return sort_over_partitions(frame, fields, node["order"]), fields

    def limit(self, node, need):
        rows, offset, below = node["rows"], node["offset"], node["input"]
        if rows is not None and below["op"] == "sort" and rows + offset <= LIMIT_BY_PARTITION:
            need_below = None if need is None else need.union(*(columns_of(k["expr"]) for k in below["order"]))
            frame, fields = self.frame(below["input"], need_below)
            some = each(frame, sort_rows, fields, fields, below["order"], rows + offset)
            one = some.repartition(npartitions=1)
            one = each(one, sort_rows, fields, fields, below["order"])
            return each(one, cut_rows, fields, fields, offset, rows), fields
        frame, fields = self.frame(below, need)
        if rows is not None:
            frame = each(frame, cut_rows, fields, fields, 0, rows + offset)
        return each(frame.repartition(npartitions=1), cut_rows, fields, fields, offset, rows), fields

    def tail(self, node, need):
        frame, fields = self.frame(node["input"], need)
        some = each(frame, last_rows, fields, fields, node["rows"])
        return each(some.repartition(npartitions=1), last_rows, fields, fields, node["rows"]), fields

    def join(self, node, need):
        (a, left), (b, right) = self.frame(node["left"]), self.frame(node["right"])
        return self.joined(a, left, b, right, node, join_partitions)

    def asOfJoin(self, node, need):
        (a, left), (b, right) = self.frame(node["left"]), self.frame(node["right"])
        return self.joined(a, left, b, right, {**node, "how": "left"}, as_of_partitions)

    def joined(self, a, left, b, right, node, function):
        out = node["schema"]
        kinds = [{field["name"]: field["type"] for field in side} for side in (left, right)]
        commons = node.get("commonTypes") or [kinds[0][key["left"]] for key in node["on"]]
        types = [(kinds[0][k["left"]], kinds[1][k["right"]], c) for k, c in zip(node["on"], commons)]
        if node["on"]:
            count = max(a.npartitions, b.npartitions)
            a = self.gathered(a, left, cast_keys(node["on"], "left", kinds[0], commons), count)
            b = self.gathered(b, right, cast_keys(node["on"], "right", kinds[1], commons), count)
        else:
            b = b.repartition(npartitions=1)
            if node["how"] in ("right", "full"):
                a = a.repartition(npartitions=1)
        small = {key: node[key] for key in ("on", "how", "rightColumns", "condition", "time", "direction") if key in node}
        made = dd.map_partitions(
            function, a, b, left=left, right=right, node=small, fields=out, types=types, meta=empty_frame(out),
            align_dataframes=False, enforce_metadata=False,
        )  # fmt: skip
        return made, out


# --- on the partitions


def same(frame):
    return frame


def numbers(cut, fields):
    start, count, step = cut
    return to_frame(pa.table([pa.array(start + np.arange(count) * step, pa.int64())], schema=schema_of(fields)))


def select(table, columns):
    rows = Rows.of(table)
    return pa.table([values(c["expr"], rows) for c in columns], names=[c["name"] for c in columns])


def keep_rows(table, predicate):
    return table.filter(values(predicate, Rows.of(table)))


def explode_rows(table, node):
    lists = table.column(node["column"]).to_pylist()
    item = table.schema.field(node["column"]).type.value_type
    rows, places, items = [], [], []
    for row, found in enumerate(lists):
        if not found:
            if node["outer"]:
                rows.append(row), places.append(None), items.append(None)
            continue
        rows += [row] * len(found)
        places += range(len(found))
        items += found
    taken = table.take(pa.array(rows, pa.int64()))
    columns = {}
    for name in table.column_names:
        if name != node["column"]:
            columns[name] = taken.column(name)
            continue
        if node.get("position") is not None:
            columns[node["position"]] = pa.array(places, pa.int32())
        columns[node["as"]] = pa.array(items, item)
    return pa.table(columns)


def unpivot_rows(table, node):
    kinds = {field["name"]: arrow_type(field["type"]) for field in node["schema"]}
    parts = []
    for name in node["values"]:
        columns = {kept: table.column(kept) for kept in node["ids"]}
        columns[node["nameColumn"]] = pa.repeat(pa.scalar(name), table.num_rows)
        columns[node["valueColumn"]] = table.column(name).cast(kinds[node["valueColumn"]])
        parts.append(pa.table(columns))
    return pa.concat_tables(parts)


def seed_frame(part, seed):
    return pd.DataFrame({"seed": pd.Series([seed], dtype="int64"), "part": pd.Series([part], dtype="int64")})


def drawn(frame, seeds, fields, lower, upper):
    seed, part = (int(seeds[name].iloc[0]) for name in ("seed", "part")) if len(seeds) else (0, 0)
    chance = np.random.default_rng([seed % 2**63, part]).random(len(frame))
    return frame[(chance >= lower) & (chance < upper)]


def add_hash(table, keys):
    made = select(table, keys)
    return table.append_column(HASH, with_hash(made, made.column_names).column(HASH))


def add_side(table, side):
    return table.append_column("__side", pa.repeat(pa.scalar(side, pa.int64()), table.num_rows))


def cut_rows(table, offset, rows):
    return table.slice(offset) if rows is None else table.slice(offset, rows)


def last_rows(table, rows):
    return table.slice(max(table.num_rows - rows, 0))


def first_places(table, names):
    keys = pa.table({f"k{i}": normal(table.column(name)) for i, name in enumerate(names)})
    keys = keys.append_column("row", pa.array(np.arange(table.num_rows)))
    return keys.group_by(keys.column_names[:-1], use_threads=False)


def one_each(table, names):
    return table.take(first_places(table, names).aggregate([("row", "min")]).column("row_min"))


def set_rows(table, kind, keep_all):
    names = table.column_names[:-1]
    grouped = first_places(table, names).aggregate([("row", "list")])
    sides = table.column("__side").to_numpy()
    taken = []
    for rows in grouped.column("row_list").to_pylist():
        left = [row for row in rows if sides[row] == 0]
        right = len(rows) - len(left)
        if kind == "intersect":
            count = min(len(left), right)
        else:
            count = max(len(left) - right, 0) if keep_all else len(left) if right == 0 else 0
        taken += left[: count if keep_all else min(count, 1)]
    return table.take(pa.array(taken, pa.int64()))


# --- aggregation


def grouping_sets(node):
    """The keys that each set leaves out: a bit for each key, the first key's the highest."""
    count = len(node["keys"])
    if node["grouping"] == "rollup":
        return [(1 << out) - 1 for out in range(count + 1)]
    return list(range(1 << count)) if node["grouping"] == "cube" else [0]


def argument_fields(calls, merged):
    one = {"kind": "int32"}
    kinds = [[type_of(arg, []) for arg in call["args"]] or [one] for call in calls]
    if merged:
        return [{"name": f"__r{i}", "type": some[0]} for i, some in enumerate(kinds)]
    return [{"name": f"__r{i}_{j}", "type": kind} for i, some in enumerate(kinds) for j, kind in enumerate(some)]


def prepare(table, keys, calls, sets, merged):
    """Keys and arguments, once for each grouping set."""
    rows = Rows.of(table)
    ones = pa.array(np.ones(table.num_rows), pa.int32())
    args = {}
    for i, call in enumerate(calls):
        for j, arg in enumerate([values(arg, rows) for arg in call["args"]] or [ones]):
            args[f"__r{i}" if merged else f"__r{i}_{j}"] = arg
    parts = []
    for left_out in sets:
        columns = {}
        for place, key in enumerate(keys):
            out = left_out >> (len(keys) - 1 - place) & 1
            array = normal(table.column(key["name"]))
            columns[key["name"]] = pa.nulls(table.num_rows, array.type) if out else array
        columns["__set"] = pa.repeat(pa.scalar(left_out, pa.int64()), table.num_rows)
        parts.append(pa.table({**columns, **args}))
    return pa.concat_tables(parts).combine_chunks()


def merge_step(table, groups, calls, step, whole=False):
    if whole and table.num_rows == 0:
        return nothing(calls)
    return aggregates.merge_groups(table, [group["name"] for group in groups], calls, step)


def list_step(table, groups, calls, whole):
    if whole and table.num_rows == 0:
        return nothing(calls)
    return aggregates.list_groups(table, [group["name"] for group in groups], calls)


def nothing(calls):
    return aggregates.of_nothing(calls).append_column("__set", pa.array([0], pa.int64()))


def place_results(table, groups, order, tests, keys):
    columns = {group["name"]: table.column(group["name"]) for group in groups}
    for i, (place, test) in enumerate(zip(order, tests)):
        if test is None:
            columns[f"__r{i}"] = table.column(f"__r{place}")
            continue
        bit = len(keys) - 1 - keys.index(test["name"])
        columns[f"__r{i}"] = pa.array([number >> bit & 1 for number in table.column("__set").to_pylist()], pa.int32())
    return pa.table(columns)


# --- joins


def cast_keys(on, side, kinds, commons):
    keys = []
    for i, (key, common) in enumerate(zip(on, commons)):
        column = {"op": "column", "name": key[side], "type": kinds[key[side]]}
        keys.append({"name": f"__k{i}", "expr": {"op": "cast", "input": column, "to": common, "type": common}})
    return keys


def join_partitions(a, b, left, right, node, fields, types):
    made = joins.join(to_table(a, left), to_table(b, right), node, fields, types)
    return to_frame(made.cast(schema_of(fields)))


def as_of_partitions(a, b, left, right, node, fields, types):
    return to_frame(joins.as_of(to_table(a, left), to_table(b, right), node, fields).cast(schema_of(fields)))
