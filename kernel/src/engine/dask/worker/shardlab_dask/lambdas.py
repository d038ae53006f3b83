"""Functions over the elements of lists and maps. The lambda sees all elements of a partition as one vector; columns of the
row stand beside each element."""

import pyarrow as pa
import pyarrow.compute as pc

from .types import arrow_type

HIGHER = {
    "transform", "filter", "exists", "forall", "reduce", "zipWith", "mapFilter", "transformValues", "transformKeys",
}  # fmt: skip


def call_higher(node, rows, values):
    name, args = node["name"], node["args"]
    kind = arrow_type(node["type"])
    if name == "reduce":
        return reduce(args, rows, values, kind)
    if name == "zipWith":
        return zip_with(args, rows, values, kind)
    lists, function = values(args[0], rows), args[1]
    entries = lists.to_pylist()
    flat = [(row, item) for row, items in enumerate(entries) if items is not None for item in items]
    variables = variables_of(function, lists.type, [item for _, item in flat])
    inner = rows.take(pa.array([row for row, _ in flat], pa.int64())).with_variables(variables)
    results = values(function["body"], inner).to_pylist()
    groups = [None if items is None else [] for items in entries]
    for (row, item), result in zip(flat, results):
        groups[row].append((item, result))
    return pa.array([None if group is None else SHAPES[name](group) for group in groups], kind)


def variables_of(function, of, items):
    names = function["params"]
    if pa.types.is_map(of):
        keys = pa.array([key for key, _ in items], of.key_type)
        return dict(zip(names, [keys, pa.array([value for _, value in items], of.item_type)]))
    return {names[0]: pa.array(items, of.value_type)}


def any_true(group):
    results = [result for _, result in group]
    return True if True in results else None if None in results else False


def all_true(group):
    results = [result for _, result in group]
    return False if False in results else None if None in results else True


SHAPES = {
    "transform": lambda group: [result for _, result in group],
    "filter": lambda group: [item for item, result in group if result],
    "exists": any_true,
    "forall": all_true,
    "mapFilter": lambda group: [item for item, result in group if result],
    "transformValues": lambda group: [(key, result) for (key, _), result in group],
    "transformKeys": lambda group: [(result, value) for (_, value), result in group],
}


def reduce(args, rows, values, kind):
    """Step by step: the n-th elements of all lists that are so long."""
    lists, function = values(args[0], rows), args[2]
    entries, item_type = lists.to_pylist(), lists.type.value_type
    state = values(args[1], rows).cast(kind).to_pylist()
    for step in range(max((len(items) for items in entries if items is not None), default=0)):
        active = [row for row, items in enumerate(entries) if items is not None and len(items) > step]
        accumulator, element = function["params"]
        variables = {
            accumulator: pa.array([state[row] for row in active], kind),
            element: pa.array([entries[row][step] for row in active], item_type),
        }
        inner = rows.take(pa.array(active, pa.int64())).with_variables(variables)
        for row, result in zip(active, values(function["body"], inner).to_pylist()):
            state[row] = result
    return pa.array([None if items is None else value for items, value in zip(entries, state)], kind)


def zip_with(args, rows, values, kind):
    first, second, function = values(args[0], rows), values(args[1], rows), args[2]
    pairs = [
        None if a is None or b is None else [(at(a, i), at(b, i)) for i in range(max(len(a), len(b)))]
        for a, b in zip(first.to_pylist(), second.to_pylist())
    ]
    flat = [(row, pair) for row, some in enumerate(pairs) if some is not None for pair in some]
    columns = [pa.array([pair[side] for _, pair in flat], lists.type.value_type) for side, lists in ((0, first), (1, second))]
    inner = rows.take(pa.array([row for row, _ in flat], pa.int64()))
    results = values(function["body"], inner.with_variables(dict(zip(function["params"], columns)))).to_pylist()
    out = [None if some is None else [] for some in pairs]
    for (row, _), result in zip(flat, results):
        out[row].append(result)
    return pa.array(out, kind)


def at(items, index):
    return items[index] if index < len(items) else None
