"""Keys as what a shuffle and a sort need: one number a row that equal rows share, one that is in the order of the rows, and
the indices of a sorted table. NULL equals NULL here, NaN equals NaN, and -0.0 is 0.0."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

HASH, ORDER = "__shardlab_hash", "__shardlab_order"
NUMBER = {"kind": "int64"}
DOUBLE = {"kind": "float64"}


def normal(array):
    """One form for equal values."""
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    if pa.types.is_floating(array.type):
        nan = pa.scalar(float("nan"), array.type)
        return pc.if_else(pc.is_nan(array), nan, pc.add(array, pa.scalar(0.0, array.type)))
    return array


def hashes(table, names):
    total = np.zeros(table.num_rows, np.uint64)
    for name in names:
        array = normal(table.column(name))
        if pa.types.is_nested(array.type):
            array = pa.array([repr(value) for value in array.to_pylist()], pa.string())
        coded = array.dictionary_encode()
        words = np.array([str(value) for value in coded.dictionary.to_pylist()], dtype=object)
        codes = coded.indices.fill_null(len(words)).to_numpy(zero_copy_only=False).astype(np.int64)
        hashed = np.append(pd.util.hash_array(words) if len(words) else np.zeros(0, np.uint64), np.uint64(7)).astype(np.uint64)
        total = total * np.uint64(31) + hashed[codes]
    return pa.array((total >> np.uint64(1)).astype(np.int64))


def with_hash(table, names):
    return table.append_column(HASH, hashes(table, names))


def first_key_numbers(array, descending, nulls_first):
    """Ascending in these numbers means sorted by the first key, up to ties; no NULL and no NaN."""
    kind = array.type
    if pa.types.is_string(kind) or pa.types.is_binary(kind):
        numbers = pa.array([None if v is None else prefix(v) for v in array.to_pylist()], pa.float64())
    elif pa.types.is_date32(kind):
        numbers = array.cast(pa.int32()).cast(pa.float64())
    elif pa.types.is_timestamp(kind):
        numbers = array.cast(pa.int64()).cast(pa.float64(), safe=False)
    elif pa.types.is_boolean(kind):
        numbers = array.cast(pa.int8()).cast(pa.float64())
    else:
        numbers = array.cast(pa.float64(), safe=False)
    values = numbers.fill_null(0.0).to_numpy(zero_copy_only=False).copy()
    limit = np.finfo(np.float64).max
    values[np.isnan(values)] = np.inf
    values = np.clip(-values if descending else values, -limit / 2, limit / 2)
    values[array.is_null().to_numpy(zero_copy_only=False)] = -limit if nulls_first else limit
    return pa.array(values)


def prefix(value):
    data = value.encode() if isinstance(value, str) else value
    return float(int.from_bytes(data[:6].ljust(6, b"\0"), "big"))


def nulls_first(order):
    given = order.get("nulls")
    return given == "first" if given else order["direction"] == "asc"


def sorted_indices(arrays, orders):
    """Stable. A key is three columns: is it NULL, is it NaN, and the value."""
    columns, keys = {}, []
    for number, (array, order) in enumerate(zip(arrays, orders)):
        direction = "ascending" if order["direction"] == "asc" else "descending"
        array = normal(array)
        columns[f"n{number}"] = array.is_valid().cast(pa.int8())
        keys.append((f"n{number}", "ascending" if nulls_first(order) else "descending"))
        if pa.types.is_floating(array.type):
            nan = pc.fill_null(pc.is_nan(array), False)
            columns[f"a{number}"] = nan.cast(pa.int8())
            keys.append((f"a{number}", direction))
            array = pc.if_else(nan, pa.scalar(0.0, array.type), array)
        if pa.types.is_boolean(array.type):
            array = array.cast(pa.int8())
        columns[f"v{number}"] = array
        keys.append((f"v{number}", direction))
    return pc.sort_indices(pa.table(columns), sort_keys=keys)


def group_numbers(arrays, count):
    """A number for each row that equal rows share, in the order of first appearance."""
    if not arrays:
        return np.zeros(count, np.int64), 1 if count else 0
    table = pa.table({f"k{i}": normal(array) for i, array in enumerate(arrays)})
    table = table.append_column("row", pa.array(np.arange(count)))
    names = table.column_names[:-1]
    groups = table.group_by(names, use_threads=False).aggregate([("row", "list")])
    found = np.zeros(count, np.int64)
    for number, rows in enumerate(groups.column("row_list").to_pylist()):
        found[rows] = number
    return found, groups.num_rows
