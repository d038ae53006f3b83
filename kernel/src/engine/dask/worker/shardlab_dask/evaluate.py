"""Expressions over one partition. `values` gives an Arrow array with a value for each row of the environment."""

import base64
import datetime as dt
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from . import functions
from .convert import EPOCH, INTEGERS, UTC, cast
from .from_json import from_json
from .lambdas import HIGHER, call_higher
from .types import arrow_type


class Rows:
    """Named columns of equal length: a partition, or a selection of its rows. Variables of lambdas are columns too."""

    def __init__(self, columns, count, variables=None):
        self.columns, self.count, self.variables = columns, count, variables or {}

    @staticmethod
    def of(table):
        return Rows({name: table.column(i).combine_chunks() for i, name in enumerate(table.column_names)}, table.num_rows)

    def take(self, indices):
        return Rows(
            Taken(self.columns, indices), len(indices), {name: pc.take(a, indices) for name, a in self.variables.items()}
        )

    def with_variables(self, more):
        return Rows(self.columns, self.count, {**self.variables, **more})


class Taken:
    """Columns of a selection, each selected when it is asked for."""

    def __init__(self, columns, indices):
        self.columns, self.indices, self.known = columns, indices, {}

    def __getitem__(self, name):
        if name not in self.known:
            self.known[name] = pc.take(self.columns[name], self.indices)
        return self.known[name]


def column_key(node):
    return node["name"] if node.get("side") is None else (node["side"], node["name"])


def values(node, rows):
    found = evaluate(node, rows)
    if isinstance(found, pa.ChunkedArray):
        found = found.combine_chunks()
    if isinstance(found, pa.Scalar):
        found = pa.repeat(found, rows.count)
    wanted = node.get("type")
    if wanted is not None and wanted["kind"] != "unknown" and found.type != arrow_type(wanted):
        found = found.cast(arrow_type(wanted))
    return found


def evaluate(node, rows):
    op = node["op"]
    if op == "column":
        return rows.columns[column_key(node)]
    if op == "variable":
        return rows.variables[node["name"]]
    if op == "literal":
        return pa.repeat(pa.scalar(constant(node), arrow_type(node["type"])), rows.count)
    if op == "alias":
        return values(node["input"], rows)
    if op == "cast":
        inner = values(node["input"], rows)
        return cast(inner, type_of(node["input"]), node["to"], node.get("try", False))
    if op == "fromJson":
        texts = values(node["input"], rows).to_pylist()
        return pa.array([from_json(text, node["to"]) for text in texts], arrow_type(node["to"]))
    if op == "case":
        return case(node, rows)
    if op == "field":
        return pc.struct_field(values(node["input"], rows), node["name"])
    if op == "struct":
        arrays = [values(field["expr"], rows) for field in node["fields"]]
        kind = arrow_type(node["type"])
        return pa.StructArray.from_arrays([a.cast(f.type) for a, f in zip(arrays, kind)], fields=list(kind))
    if op == "call":
        if node["name"] in HIGHER:
            return call_higher(node, rows, values)
        return functions.call(node, [values(arg, rows) for arg in node["args"]], rows.count)
    raise NotImplementedError(f"an expression `{op}` here")


def type_of(node):
    if node["op"] in ("cast", "fromJson"):
        return node.get("type", node["to"])
    return node.get("type") or type_of(node["input"])


def constant(node):
    """What JSON holds, as Python's value."""
    value, kind = node["value"], node["type"]["kind"]
    if value is None:
        return None
    if kind in INTEGERS:
        return int(value)
    if kind in ("float32", "float64"):
        return float(value)
    if kind == "decimal":
        return Decimal(str(value))
    if kind == "date":
        return (EPOCH + dt.timedelta(days=int(value))).date()
    if kind == "timestamp":
        return EPOCH + dt.timedelta(microseconds=int(value))
    if kind == "timestamptz":
        return (EPOCH + dt.timedelta(microseconds=int(value))).replace(tzinfo=UTC)
    return base64.b64decode(value) if kind == "binary" else value


def case(node, rows):
    """Each branch sees only the rows that reach it, so that what a condition guards against does not fail."""
    kind = arrow_type(node["type"])
    left = pa.array(range(rows.count), pa.int64())
    places, parts = [], []
    for branch in node["branches"]:
        if len(left) == 0:
            break
        chosen = pc.fill_null(values(branch["when"], rows.take(left)), False)
        hit = pc.filter(left, chosen)
        if len(hit) > 0:
            places.append(hit)
            parts.append(values(branch["value"], rows.take(hit)).cast(kind))
        left = pc.filter(left, pc.invert(chosen))
    places.append(left)
    rest = node.get("otherwise")
    parts.append(pa.nulls(len(left), kind) if rest is None or len(left) == 0 else values(rest, rows.take(left)).cast(kind))
    return pc.take(pa.concat_arrays(parts), pc.sort_indices(pa.concat_arrays(places)))
