"""Writes tables in the formats that shardlab reads, with their own libraries: `python tables.py FOLDER`."""

import sys
from datetime import date, datetime, timezone
from decimal import Decimal
from pathlib import Path

import fastavro
import pyarrow as pa
import pyarrow.feather as feather
from deltalake import DeltaTable, write_deltalake
from pyiceberg.catalog.sql import SqlCatalog

folder = Path(sys.argv[1])

columns = pa.table(
    {
        "n": pa.array([1, 2, None], pa.int64()),
        "small": pa.array([-1, 2, None], pa.int8()),
        "x": pa.array([0.5, None, 2.5], pa.float64()),
        "text": pa.array(["a", None, "ä\n"], pa.string()),
        "word": pa.array(["x", "y", "x"], pa.string()).dictionary_encode(),
        "yes": pa.array([True, None, False], pa.bool_()),
        "day": pa.array([date(1969, 12, 31), None, date(2024, 2, 29)], pa.date32()),
        "at": pa.array([datetime(2024, 2, 29, 13, 45, 0, 123456), None, datetime(1969, 1, 1)], pa.timestamp("us")),
        "at_zone": pa.array([datetime(2024, 2, 29, tzinfo=timezone.utc), None, None], pa.timestamp("ns", "UTC")),
        "price": pa.array([Decimal("-12.34"), None, Decimal("0.01")], pa.decimal128(10, 2)),
        "bytes": pa.array([b"\x00\xff", None, b""], pa.binary()),
        "list": pa.array([[1, 2], None, []], pa.list_(pa.int32())),
    }
)


def arrow() -> None:
    feather.write_feather(columns, folder / "plain.feather", compression="uncompressed")
    feather.write_feather(columns, folder / "lz4.feather", compression="lz4")
    feather.write_feather(columns, folder / "zstd.feather", compression="zstd")
    with pa.ipc.new_stream(folder / "stream.arrows", columns.schema) as writer:
        for batch in columns.to_batches(max_chunksize=2):
            writer.write_batch(batch)


def avro() -> None:
    schema = {
        "type": "record",
        "name": "row",
        "fields": [{"name": "n", "type": "long"}, {"name": "text", "type": ["null", "string"]}],
    }
    with open(folder / "rows.avro", "wb") as file:
        fastavro.writer(file, schema, [{"n": 1, "text": "a"}, {"n": 2, "text": None}])


def delta() -> None:
    target = str(folder / "delta")
    write_deltalake(target, pa.table({"g": ["a", "b"], "n": [1, 2]}), partition_by=["g"])
    write_deltalake(target, pa.table({"g": ["a", "c"], "n": [3, 4]}), mode="append")
    DeltaTable(target).delete("n = 2")


def iceberg() -> None:
    catalog = SqlCatalog("test", uri=f"sqlite:///{folder}/catalog.db", warehouse=f"file://{folder}")
    catalog.create_namespace("lake")
    table = catalog.create_table("lake.rows", pa.schema([("g", pa.string()), ("n", pa.int64())]))
    table.append(pa.table({"g": ["a", "b"], "n": [1, 2]}))
    first = table.current_snapshot().snapshot_id
    table.append(pa.table({"g": ["c"], "n": [3]}))
    table.delete("n = 1")
    (folder / "iceberg.txt").write_text(f"{table.location().removeprefix('file://')}\n{table.metadata_location.removeprefix('file://')}\n{first}")


arrow()
avro()
delta()
iceberg()
