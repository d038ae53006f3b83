"""Joins of two partitions that hold all rows of their keys. Pairs of row numbers first, the columns after, so that any type
can travel along. NULL equals nothing."""

import bisect

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .convert import cast
from .evaluate import Rows, values
from .keys import normal
from .types import arrow_type


def join(left, right, node, fields, key_types):
    lefts, rights = matches(left, right, node["on"], key_types)
    if node.get("condition") is not None:
        both = Rows(Pairs(left, right, lefts, rights), len(lefts))
        keep = pc.fill_null(values(node["condition"], both), False)
        lefts, rights = pc.filter(lefts, keep), pc.filter(rights, keep)
    how = node["how"]
    if how in ("semi", "anti"):
        hit = np.zeros(left.num_rows, bool)
        hit[lefts.to_numpy()] = True
        return left.filter(pa.array(hit if how == "semi" else ~hit))
    if how in ("left", "full"):
        alone = rest(left.num_rows, lefts)
        lefts = pa.concat_arrays([lefts, alone])
        rights = pa.concat_arrays([rights, pa.nulls(len(alone), pa.int64())])
    if how in ("right", "full"):
        alone = rest(right.num_rows, rights)
        rights = pa.concat_arrays([rights, alone])
        lefts = pa.concat_arrays([lefts, pa.nulls(len(alone), pa.int64())])
    return assembled(left, right, lefts, rights, node, fields)


class Pairs:
    """Columns of a condition: by side."""

    def __init__(self, left, right, lefts, rights):
        self.sides = {"left": (left, lefts), "right": (right, rights)}

    def __getitem__(self, key):
        side, name = key if isinstance(key, tuple) else ("left", key)
        table, rows = self.sides[side]
        return pc.take(table.column(name).combine_chunks(), rows)


def matches(left, right, on, key_types):
    if not on:
        a = np.repeat(np.arange(left.num_rows), right.num_rows)
        b = np.tile(np.arange(right.num_rows), left.num_rows)
        return pa.array(a, pa.int64()), pa.array(b, pa.int64())
    sides = []
    for table, side in ((left, "left"), (right, "right")):
        arrays = []
        for key, (a, b, common) in zip(on, key_types):
            array = table.column(key[side]).combine_chunks()
            arrays.append(normal(cast(array, a if side == "left" else b, common)))
        names = [f"k{i}" for i in range(len(on))]
        rows = pa.array(np.arange(table.num_rows), pa.int64())
        sides.append(pa.table([*arrays, rows], names=[*names, side]))
    names = sides[0].column_names[:-1]
    found = sides[0].join(sides[1], names, join_type="inner", use_threads=False)
    found = found.select(["left", "right"]).sort_by([("left", "ascending"), ("right", "ascending")])
    return found.column("left").combine_chunks(), found.column("right").combine_chunks()


def rest(count, hit):
    alone = np.ones(count, bool)
    alone[hit.drop_null().to_numpy()] = False
    return pa.array(np.flatnonzero(alone), pa.int64())


def assembled(left, right, lefts, rights, node, fields):
    columns = {}
    types = {field["name"]: arrow_type(field["type"]) for field in fields}
    merged = {key["left"]: key["right"] for key in node["on"] if key["left"] == key["right"]}
    for name in left.column_names:
        column = pc.take(left.column(name).combine_chunks(), lefts)
        if name in merged:
            other = pc.take(right.column(merged[name]).combine_chunks(), rights)
            kind = types.get(name, column.type)
            column = pc.coalesce(column.cast(kind), other.cast(kind))
        columns[name] = column
    for added in node["rightColumns"]:
        if added["from"] in right.column_names:
            columns[added["name"]] = pc.take(right.column(added["from"]).combine_chunks(), rights)
    return pa.table({field["name"]: columns[field["name"]] for field in fields})


def as_of(left, right, node, fields):
    """The nearest row in time among those with the same keys."""
    time, on = node["time"], node["on"]
    found = {}
    keys = list(zip(*(right.column(key["right"]).to_pylist() for key in on))) or [()] * right.num_rows
    for row, (key, at) in enumerate(zip(keys, right.column(time["right"]).to_pylist())):
        if at is not None and None not in key:
            found.setdefault(key, []).append((at, row))
    for times in found.values():
        times.sort()
    partners = []
    keys = list(zip(*(left.column(key["left"]).to_pylist() for key in on))) or [()] * left.num_rows
    for key, at in zip(keys, left.column(time["left"]).to_pylist()):
        times = found.get(key) if at is not None else None
        partners.append(None if times is None else nearest(times, at, node["direction"]))
    lefts = pa.array(np.arange(left.num_rows), pa.int64())
    return assembled(left, right, lefts, pa.array(partners, pa.int64()), {**node, "on": []}, fields)


def nearest(times, at, direction):
    if direction == "backward":
        place = bisect.bisect_right(times, at, key=lambda pair: pair[0]) - 1
        return times[place][1] if place >= 0 else None
    place = bisect.bisect_left(times, at, key=lambda pair: pair[0])
    return times[place][1] if place < len(times) else None
