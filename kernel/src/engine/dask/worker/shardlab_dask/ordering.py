"""Sorted rows. Over partitions each row learns which range of the first key it is in, moves there, and is sorted there.

The ranges come from a sample, in the graph of the query itself. dask's own sort computes them while it builds a graph: the
rows below would be made twice, and under Python before 3.12 a scheduler in this process can wait for ever for the lock that a
cached property holds meanwhile."""

import dask.dataframe as dd
import numpy as np
import pandas as pd
import pyarrow as pa
from dask.dataframe.dask_expr import new_collection
from dask.dataframe.dask_expr._shuffle import Shuffle

from .evaluate import Rows, values
from .keys import DOUBLE, ORDER, first_key_numbers, nulls_first, sorted_indices
from .partitions import each
from .types import empty_frame, to_table

SAMPLE = 1_000
PLACE = "_partitions"
AT = {"name": "at", "type": DOUBLE}
WEIGHT = {"name": "weight", "type": DOUBLE}


def sort_over_partitions(frame, fields, order):
    count = frame.npartitions
    more = fields + [{"name": ORDER, "type": DOUBLE}]
    numbered = each(frame, add_order, fields, more, order[0])
    some = each(numbered, sample, more, [AT, WEIGHT]).repartition(npartitions=1)
    edges = each(some, edges_of, [AT, WEIGHT], [AT], count)
    meta = empty_frame(fields).assign(**{PLACE: pd.Series([], dtype="int64")})
    placed = dd.map_partitions(place, numbered, edges, fields=more, meta=meta, align_dataframes=False, enforce_metadata=False)
    moved = new_collection(Shuffle(placed.expr, PLACE, count, False, "tasks", None))
    return each(moved[[field["name"] for field in fields]], sort_rows, fields, fields, order)


def sort_rows(table, order, rows=None):
    found = Rows.of(table)
    places = sorted_indices([values(key["expr"], found) for key in order], order)
    return table.take(places if rows is None else places.slice(0, rows))


def add_order(table, key):
    array = values(key["expr"], Rows.of(table))
    return table.append_column(ORDER, first_key_numbers(array, key["direction"] == "desc", nulls_first(key)))


def sample(table):
    """Some of the numbers, evenly over their order; each stands for `weight` rows."""
    numbers = np.sort(table.column(ORDER).to_numpy())
    taken = min(len(numbers), SAMPLE)
    at = numbers[((np.arange(taken) + 0.5) * len(numbers) / max(taken, 1)).astype(int)]
    return pa.table({"at": at, "weight": np.full(taken, len(numbers) / max(taken, 1))})


def edges_of(table, count):
    """Where ranges with about as many rows each begin, without the first."""
    table = table.sort_by("at")
    if table.num_rows == 0:
        return table
    weights = np.cumsum(table.column("weight").to_numpy())
    wanted = np.searchsorted(weights, weights[-1] * np.arange(1, count) / count)
    return pa.table({"at": np.unique(table.column("at").to_numpy()[wanted])})


def place(frame, edges, fields):
    numbers = to_table(frame, fields).column(ORDER).to_numpy()
    ranges = np.searchsorted(to_table(edges, [AT]).column("at").to_numpy(), numbers, side="right")
    return frame.drop(columns=ORDER).assign(**{PLACE: ranges.astype(np.int64)})
