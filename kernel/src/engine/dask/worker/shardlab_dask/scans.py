"""Sources: what columns they have, their pieces (row groups, files), and one piece as a partition."""

import os
import re
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.dataset as ds
import pyarrow.json

from .convert import Failed
from .types import one_chunk, plan_type, schema_of, to_frame

NO_VALUE = "__HIVE_DEFAULT_PARTITION__"
DAY = r"\d{4}-\d\d-\d\d"
FOLDER_KINDS = [(pa.int64(), r"-?\d{1,18}"), (pa.date32(), DAY), (pa.timestamp("us"), DAY + r"[ T]\d\d:\d\d:\d\d(\.\d+)?")]

def dataset(source, access):
    paths = [access.inside(path) for path in source["paths"]]
    partitioning, base = hive(paths)
    try:
        return ds.dataset(
            paths, format=format_of(source), filesystem=access.system(), partitioning=partitioning, partition_base_dir=base
        )
    except (pa.ArrowInvalid, OSError) as error:
        raise Failed(str(error)) from error


def hive(paths):
    """The columns that `key=value` folders give, and the folder above these."""
    folders = [os.path.dirname(path) for path in paths]
    base = os.path.commonpath(folders) if len({os.path.isabs(folder) for folder in folders}) == 1 else ""
    while "=" in os.path.basename(base):
        base = os.path.dirname(base)
    found = {}
    for folder in folders:
        for part in folder[len(base) :].split("/"):
            name, is_pair, text = part.partition("=")
            if is_pair:
                found.setdefault(unquote(name), set()).add(unquote(text))
    schema = pa.schema([(name, kind_of(texts - {NO_VALUE})) for name, texts in found.items()])
    return ds.partitioning(schema, flavor="hive"), base or None


def kind_of(texts):
    """What all the texts are, as DuckDB takes them."""
    for kind, pattern in FOLDER_KINDS:
        if texts and all(re.fullmatch(pattern, text) for text in texts):
            return kind
    return pa.string()


def format_of(source):
    kind, options = source["format"], source["options"]
    if kind != "csv":
        return {"parquet": "parquet", "json": "json", "arrow": "ipc"}[kind]
    header = options.get("header", True)
    nulls = ["", *([options["nullValue"]] if "nullValue" in options else [])]
    return ds.CsvFileFormat(
        parse_options=pa.csv.ParseOptions(delimiter=options.get("delimiter", ","), quote_char=options.get("quote", '"')),
        read_options=pa.csv.ReadOptions(autogenerate_column_names=not header),
        convert_options=pa.csv.ConvertOptions(null_values=nulls, strings_can_be_null=True, quoted_strings_can_be_null=False),
    )


def describe(source, access):
    fields, cast = [], []
    for field in dataset(source, access).schema:
        of = plan_type(field.type)
        if of is None:
            cast.append(field.name)
        fields.append({"name": field.name, "type": of or {"kind": "utf8"}})
    return fields, cast


def pieces(source, access):
    """(fragment, its row group or None, rows or None, bytes) of each unit of the source."""
    found = []
    for fragment in dataset(source, access).get_fragments():
        if source["format"] != "parquet":
            found.append((fragment, None, None, fragment.filesystem.get_file_info(fragment.path).size or 0))
            continue
        for part in fragment.split_by_row_group():
            group = part.row_groups[0]
            found.append((part, group.id, group.num_rows, group.total_byte_size))
    return found


def in_range(found, source):
    """The pieces that hold the rows of a shard, with what is cut off their start and how many rows are taken."""
    wanted = source.get("range")
    at = 0
    for fragment, group, rows, size in found:
        count = fragment.count_rows() if rows is None and wanted else rows
        if wanted is None:
            yield fragment, None
        elif at < wanted["first"] + wanted["rows"] and at + count > wanted["first"]:
            first = max(wanted["first"] - at, 0)
            yield fragment, (first, min(wanted["first"] + wanted["rows"] - at, count) - first)
        at += count or 0


def read(piece, schema=None, fields=None):
    """One piece as a partition with exactly these fields. Runs on a worker."""
    fragment, cut = piece
    names = [field["name"] for field in fields]
    try:
        table = fragment.to_table(schema=schema, columns=names, use_threads=False)
    except pa.ArrowInvalid as error:
        raise Failed(f"{fragment.path}: {error}") from error
    if cut is not None:
        table = table.slice(*cut)
    wanted = schema_of(fields)
    columns = [fitting(table.column(name), wanted.field(name).type) for name in names]
    return to_frame(pa.table(columns, schema=wanted))


def fitting(column, kind):
    if plan_type(column.type) is None:
        return pa.array([None if value is None else str(value) for value in column.to_pylist()], kind)
    return one_chunk(pc.cast(column, kind, safe=False) if column.type != kind else column, kind)
