"""A frame's partitions as files of a folder. Runs on workers; nobody reads the folder before the kernel shows it."""

import dask.dataframe as dd
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.dataset as ds
import pyarrow.fs
import pyarrow.parquet

from .convert import cast
from .types import to_table

ROWS = pd.DataFrame({"rows": pd.Series([], dtype="int64")})
NAMES = pd.DataFrame({"name": pd.Series([], dtype=object)})
TEXT = {"kind": "utf8"}


def write_partitions(frame, fields, target, access):
    """A frame with the rows that each partition wrote. `target`: folder, pattern of names, format, partitionBy."""
    names = [target["pattern"].replace("{i}", str(number)) for number in range(frame.npartitions)]
    return dd.map_partitions(
        write, frame, dd.from_map(named, names, meta=NAMES), fields=fields, target=target, access=access, meta=ROWS,
        align_dataframes=False, enforce_metadata=False,
    )  # fmt: skip


def named(name):
    return pd.DataFrame({"name": [name]})


def write(frame, names, fields, target, access):
    if len(names) == 0:
        return ROWS
    table, name = to_table(frame, fields), names["name"].iloc[0]
    system = access.system() or pa.fs.LocalFileSystem()
    folder, form, by = access.inside(target["folder"]), target["format"], target["partitionBy"]
    if by:
        write_folders(table, by, fields, system, folder, name, form)
    elif form == "parquet":
        pa.parquet.write_table(table, f"{folder}/{name}.{form}", filesystem=system)
    else:
        with system.open_output_stream(f"{folder}/{name}.{form}") as out:
            pa.csv.write_csv(table, out)
    return pd.DataFrame({"rows": [table.num_rows]})


def write_folders(table, by, fields, system, folder, name, form):
    """`key=value` folders. Each value is the text that a cast gives, so that a name says what the column showed."""
    kinds = {field["name"]: field["type"] for field in fields}
    for key in by:
        place = table.column_names.index(key)
        table = table.set_column(place, key, cast(table.column(place).combine_chunks(), kinds[key], TEXT))
    keys = pa.schema([(key, pa.string()) for key in by])
    ds.write_dataset(
        table, folder, filesystem=system, format=form, partitioning=ds.partitioning(keys, flavor="hive"),
        basename_template=f"{name}-{{i}}.{form}", existing_data_behavior="overwrite_or_ignore",
        max_partitions=max(table.num_rows, 1), create_dir=isinstance(system, pa.fs.LocalFileSystem),
    )  # fmt: skip
