"""Window functions over one partition of a frame that holds whole groups."""

import bisect
import datetime as dt

import numpy as np
import pyarrow as pa

from .aggregates import LISTS
from .evaluate import Rows, values
from .keys import group_numbers, nulls_first, sorted_indices
from .types import arrow_type


def window(node, rows):
    """The results in the order of the rows."""
    groups, _ = group_numbers([values(key, rows) for key in node["partitionBy"]], rows.count)
    keys = [values(order["input"], rows) for order in node["orderBy"]]
    number = pa.array(groups)
    orders = [{"direction": "asc"}, *node["orderBy"]]
    places = sorted_indices([number, *keys], orders)
    order = places.to_numpy()
    args = [values(arg, rows).take(places).to_pylist() for arg in node["input"]["args"]]
    if not args:
        args = [[1] * rows.count]
    ties, _ = group_numbers([number, *keys], rows.count) if keys else (groups, 0)
    sorted_keys = [key.take(places).to_pylist() for key in keys]
    results, start = [], 0
    for end in ends(groups[order]):
        part = Part(node, start, end, ties[order], sorted_keys)
        results.extend(part.results(args))
        start = end
    back = np.empty(rows.count, np.int64)
    back[order] = np.arange(rows.count)
    return pa.array(results, arrow_type(node["input"]["type"])).take(pa.array(back))


def ends(numbers):
    changes = np.flatnonzero(numbers[1:] != numbers[:-1]) + 1
    return [*changes.tolist(), len(numbers)] if len(numbers) else []


class Part:
    """The sorted rows of one group: `start` to `end`, not included."""

    def __init__(self, node, start, end, ties, keys):
        self.node, self.start, self.end, self.keys = node, start, end, keys
        self.count = end - start
        self.first, self.last = peers(ties[start:end])

    def results(self, args):
        call = self.node["input"]
        mine = [arg[self.start : self.end] for arg in args]
        if call["op"] == "ranking" and call["name"] in RANKINGS:
            return RANKINGS[call["name"]](self, mine)
        low, high = self.frame()
        if call["name"] == "nthValue":
            return [self.nth(mine, low[i], high[i], i) for i in range(self.count)]
        function = LISTS[call["name"]]
        known = {}
        for edge in zip(low, high):
            if edge not in known:
                known[edge] = function(*(arg[edge[0] : max(edge)] for arg in mine))
        return [known[edge] for edge in zip(low, high)]

    def nth(self, mine, low, high, row):
        at = low + mine[1][row] - 1
        return mine[0][at] if low <= at < high else None

    def frame(self):
        """The first row of each row's frame and the one after its last."""
        frame, count = self.node.get("frame"), self.count
        if frame is None:
            if not self.node["orderBy"]:
                return [0] * count, [count] * count
            return [0] * count, [last + 1 for last in self.last]
        start, end = frame["start"], frame["end"]
        if frame["unit"] == "rows":
            low = [0 if start is None else min(max(i + start, 0), count) for i in range(count)]
            return low, [count if end is None else min(max(i + end + 1, 0), count) for i in range(count)]
        return self.range_frame(start, end)

    def range_frame(self, start, end):
        order = self.node["orderBy"][0]
        sign = 1 if order["direction"] == "asc" else -1
        keys = [plain(key) for key in self.keys[0][self.start : self.end]]
        nulls = keys.count(None)
        begin = nulls if nulls_first(order) else 0
        stop = begin + self.count - nulls
        found = [sign * key for key in keys[begin:stop]]
        low, high = [], []
        for i, key in enumerate(keys):
            if key is None:
                low.append(0 if start is None else self.first[i])
                high.append(self.count if end is None else self.last[i] + 1)
                continue
            low.append(0 if start is None else begin + bisect.bisect_left(found, sign * key + start))
            high.append(self.count if end is None else begin + bisect.bisect_right(found, sign * key + end))
        return low, high


def plain(key):
    """Days of a date, seconds of a timestamp."""
    if isinstance(key, dt.datetime):
        return key.replace(tzinfo=dt.timezone.utc).timestamp()
    return key.toordinal() if isinstance(key, dt.date) else key


def peers(ties):
    first, last, start = [], [], 0
    for end in ends(ties):
        first += [start] * (end - start)
        last += [end - 1] * (end - start)
        start = end
    return first, last


def dense(part, _):
    found, place = [], 0
    for i, first in enumerate(part.first):
        place += first == i
        found.append(place)
    return found


def ntile(part, args):
    buckets = args[0][0]
    size, more = divmod(part.count, buckets)
    return [bucket + 1 for bucket in range(buckets) for _ in range(size + (bucket < more))]


def moved(sign):
    def run(part, args):
        offset = sign * args[1][0]
        return [args[0][i + offset] if 0 <= i + offset < part.count else None for i in range(part.count)]

    return run


RANKINGS = {
    "rowNumber": lambda part, _: list(range(1, part.count + 1)),
    "rank": lambda part, _: [first + 1 for first in part.first],
    "denseRank": dense,
    "percentRank": lambda part, _: [first / (part.count - 1) if part.count > 1 else 0.0 for first in part.first],
    "cumeDist": lambda part, _: [(last + 1) / part.count for last in part.last],
    "ntile": ntile,
    "lag": moved(-1),
    "lead": moved(1),
}


def with_windows(table, columns):
    """`columns`: (name, window) pairs, added to the table."""
    rows = Rows.of(table)
    for name, node in columns:
        table = table.append_column(name, window(node, rows))
    return table
