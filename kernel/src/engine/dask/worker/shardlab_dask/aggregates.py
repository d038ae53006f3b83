"""Aggregations. What can be merged (counts, sums, extremes) is aggregated in each partition before the rows are shuffled;
everything else is computed from the whole list of a group's values, once the group is in one partition."""

import math
import statistics
from collections import Counter

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .convert import Failed
from .lists import sort_key, unique
from .types import arrow_type


def present(values):
    return [value for value in values if value is not None]


def pairs(a, b):
    return [(x, y) for x, y in zip(a, b) if x is not None and y is not None]


def total(values):
    kept = present(values)
    if not kept:
        return None
    return math.fsum(kept) if isinstance(kept[0], float) and all(map(math.isfinite, kept)) else sum(kept)


def mean(values):
    kept = present(values)
    return total(kept) / len(kept) if kept else None


def power_sum(values, power):
    middle = mean(values)
    return math.fsum((value - middle) ** power for value in values)


def variance(sample):
    def run(values):
        kept = present(values)
        if len(kept) <= (1 if sample else 0):
            return None
        return power_sum(kept, 2) / (len(kept) - (1 if sample else 0))

    return run


def root(of):
    return lambda values: None if (found := of(values)) is None else math.sqrt(found)


def skewness(values):
    kept = present(values)
    spread = power_sum(kept, 2) if kept else 0
    return None if not kept else float("nan") if spread == 0 else math.sqrt(len(kept)) * power_sum(kept, 3) / spread**1.5


def kurtosis(values):
    kept = present(values)
    spread = power_sum(kept, 2) if kept else 0
    return None if not kept else float("nan") if spread == 0 else len(kept) * power_sum(kept, 4) / spread**2 - 3


def quantile(values, share):
    kept = sorted(present(values), key=sort_key)
    if not kept:
        return None
    at = share * (len(kept) - 1)
    low = math.floor(at)
    high = min(low + 1, len(kept) - 1)
    return kept[low] + (kept[high] - kept[low]) * (at - low)


def mode(values):
    found = Counter(present(values)).most_common(1)
    return found[0][0] if found else None


def extreme(pick):
    return lambda values: pick(present(values), key=sort_key, default=None)


def by(pick):
    def run(values, keys):
        found = pick(((key, i) for i, key in enumerate(keys) if key is not None), key=lambda p: sort_key(p[0]), default=None)
        return None if found is None else values[found[1]]

    return run


def moments(a, b):
    both = pairs(a, b)
    if not both:
        return 0, 0.0, 0.0, 0.0, 0.0, 0.0
    xs, ys = [x for x, _ in both], [y for _, y in both]
    mx, my = mean(xs), mean(ys)
    sxy = math.fsum((x - mx) * (y - my) for x, y in both)
    return len(both), mx, my, power_sum(xs, 2), power_sum(ys, 2), sxy


def covariance(sample):
    def run(a, b):
        n, _, _, _, _, sxy = moments(a, b)
        return None if n <= (1 if sample else 0) else sxy / (n - (1 if sample else 0))

    return run


def correlation(a, b):
    n, _, _, sxx, syy, sxy = moments(a, b)
    return None if n == 0 else float("nan") if sxx * syy == 0 else sxy / math.sqrt(sxx * syy)


def regression(of):
    """`y` comes first, as in SQL."""

    def run(y, x):
        n, mx, my, sxx, syy, sxy = moments(x, y)
        return of(n, mx, my, sxx, syy, sxy)

    return run


def r_squared(n, mx, my, sxx, syy, sxy):
    return None if n == 0 or sxx == 0 else 1.0 if syy == 0 else sxy * sxy / (sxx * syy)


def fold(operation):
    def run(values):
        kept = present(values)
        return None if not kept else operation(kept)

    return run


def bits(operation):
    return fold(lambda kept: int(operation.reduce(np.array(kept, dtype=np.int64))))


def listagg(values, separators):
    kept = present(values)
    return separators[0].join(kept) if kept else None


#: Every aggregation, from the lists of its arguments' values. `count` without an argument gets a list of ones.
LISTS = {
    "count": lambda values: len(present(values)),
    "countDistinct": lambda values: len(unique_hashed(values)),
    "countIf": lambda values: sum(1 for value in values if value),
    "approxCountDistinct": lambda values: len(unique_hashed(values)),
    "sum": total,
    "sumDistinct": lambda values: total(unique_hashed(values)),
    "product": fold(math.prod),
    "mean": mean,
    "median": lambda values: quantile(values, 0.5),
    "quantile": lambda values, share: quantile(values, share[0]) if share else None,
    "approxQuantile": lambda values, share: quantile(values, share[0]) if share else None,
    "mode": mode,
    "min": extreme(min),
    "max": extreme(max),
    "minBy": by(min),
    "maxBy": by(max),
    "first": lambda values: values[0] if values else None,
    "last": lambda values: values[-1] if values else None,
    "anyValue": lambda values: next(iter(present(values)), None),
    "stddev": root(variance(True)),
    "stddevPop": root(variance(False)),
    "variance": variance(True),
    "varPop": variance(False),
    "skewness": skewness,
    "kurtosis": kurtosis,
    "corr": correlation,
    "covarSamp": covariance(True),
    "covarPop": covariance(False),
    "regrCount": regression(lambda n, *_: n),
    "regrSlope": regression(lambda n, mx, my, sxx, syy, sxy: None if sxx == 0 else sxy / sxx),
    "regrIntercept": regression(lambda n, mx, my, sxx, syy, sxy: None if sxx == 0 else my - mx * sxy / sxx),
    "regrR2": regression(r_squared),
    "regrAvgx": regression(lambda n, mx, *_: mx if n else None),
    "regrAvgy": regression(lambda n, mx, my, *_: my if n else None),
    "regrSxx": regression(lambda n, mx, my, sxx, *_: sxx if n else None),
    "regrSyy": regression(lambda n, mx, my, sxx, syy, _: syy if n else None),
    "regrSxy": regression(lambda n, mx, my, sxx, syy, sxy: sxy if n else None),
    "every": fold(all),
    "some": fold(any),
    "bitAnd": bits(np.bitwise_and),
    "bitOr": bits(np.bitwise_or),
    "bitXor": bits(np.bitwise_xor),
    "collectList": present,
    "collectSet": lambda values: unique(present(values)),
    "listagg": listagg,
}


def unique_hashed(values):
    try:
        return list(dict.fromkeys(present(values)))
    except TypeError:
        return unique(present(values))


#: How an aggregation of Arrow's merges over partitions: (in each partition, over their results).
MERGED = {"count": ("count", "sum"), "sum": ("sum", "sum"), "min": ("min", "min"), "max": ("max", "max")}


#: Sums of whole numbers may leave 64 bits in a partition and come back in the next one.
WIDE = {"kind": "decimal", "precision": 38, "scale": 0}


def mergeable(call):
    """Arrow's extremes of floats pass over NaN, and wide decimals may overflow in silence: those go by lists."""
    if call["name"] == "count":
        return True
    if call["name"] not in MERGED:
        return False
    of = call["args"][0]["type"]
    if call["name"] == "sum":
        return of["kind"] in ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "float32", "float64") or (
            of["kind"] == "decimal" and of["precision"] <= 28
        )
    return of["kind"] not in ("float32", "float64", "list", "map", "struct", "boolean", "binary")


def half_type(call):
    """The type of what a call gave in one partition."""
    return WIDE if sums_whole(call) else call["type"]


def sums_whole(call):
    return call["name"] == "sum" and call["args"][0]["type"]["kind"] == "int64"


def merge_groups(table, keys, calls, step):
    """One of the two steps; columns `__r0`, `__r1`, ... hold what the calls gave so far."""
    wanted = []
    for number, call in enumerate(calls):
        name = f"__r{number}"
        wanted.append((name, MERGED[call["name"]][step]))
        if step == 0 and sums_whole(call):
            table = table.set_column(table.column_names.index(name), name, table.column(name).cast(arrow_type(WIDE)))
    grouped = table.group_by(keys, use_threads=False).aggregate(wanted)
    names = keys + [f"__r{number}" for number in range(len(calls))]
    columns = [grouped.column(key) for key in keys]
    for call, (name, how) in zip(calls, wanted):
        column = grouped.column(f"{name}_{how}")
        if step == 1 and call["name"] == "count":
            column = pc.fill_null(column, 0)
        try:
            columns.append(column.cast(arrow_type(half_type(call) if step == 0 else call["type"])))
        except pa.ArrowInvalid as error:
            raise Failed(f"{call['name']}: {error}") from error
    return pa.table(columns, names=names)


def list_groups(table, keys, calls):
    """Groups whose rows are all here. A call's arguments are the columns `__r<number>_<place>`."""
    names = [(f"__r{i}_{j}", "list") for i, call in enumerate(calls) for j in range(arity(call))]
    grouped = table.group_by(keys, use_threads=False).aggregate(names)
    lists = {name: grouped.column(f"{name}_list").to_pylist() for name, _ in names}
    results = []
    for i, call in enumerate(calls):
        groups = zip(*(lists[f"__r{i}_{j}"] for j in range(arity(call))))
        results.append(typed([LISTS[call["name"]](*values) for values in groups], call))
    columns = [grouped.column(key) for key in keys] + results
    return pa.table(columns, names=keys + [f"__r{i}" for i in range(len(calls))])


def typed(values, call):
    try:
        return pa.array(values, arrow_type(call["type"]))
    except (OverflowError, pa.ArrowInvalid) as error:
        raise Failed(f"{call['name']}: {error}") from error


def arity(call):
    return max(1, len(call["args"]))


def of_nothing(calls):
    """The one row of an aggregation of no rows without keys."""
    counts = {"count", "countDistinct", "countIf", "approxCountDistinct", "regrCount"}
    lists = {"collectList", "collectSet"}
    found = [0 if call["name"] in counts else [] if call["name"] in lists else None for call in calls]
    return pa.table([typed([value], call) for value, call in zip(found, calls)], names=[f"__r{i}" for i in range(len(calls))])
