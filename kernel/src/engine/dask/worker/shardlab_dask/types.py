"""Types of a plan as Arrow's, and a partition between pandas (what Dask moves) and Arrow (what we compute with)."""

import pandas as pd
import pyarrow as pa

SIMPLE = {
    "boolean": pa.bool_(),
    "int8": pa.int8(),
    "int16": pa.int16(),
    "int32": pa.int32(),
    "int64": pa.int64(),
    "uint8": pa.uint8(),
    "uint16": pa.uint16(),
    "uint32": pa.uint32(),
    "uint64": pa.uint64(),
    "float32": pa.float32(),
    "float64": pa.float64(),
    "utf8": pa.string(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "timestamptz": pa.timestamp("us", tz="UTC"),
    "binary": pa.binary(),
    "unknown": pa.null(),
}
KINDS = {arrow: kind for kind, arrow in SIMPLE.items()}


def arrow_type(of):
    kind = of["kind"]
    if kind == "decimal":
        return pa.decimal128(of["precision"], of["scale"])
    if kind == "list":
        return pa.list_(arrow_type(of["item"]))
    if kind == "map":
        return pa.map_(arrow_type(of["key"]), arrow_type(of["value"]))
    if kind == "struct":
        return pa.struct([(field["name"], arrow_type(field["type"])) for field in of["fields"]])
    return SIMPLE[kind]


def plan_type(arrow):
    """The type of ours for a file's; None where there is none. Widths and units that we lack become wider ones."""
    t = pa.types
    if arrow in KINDS:
        return {"kind": KINDS[arrow]}
    if t.is_dictionary(arrow):
        return plan_type(arrow.value_type)
    if t.is_large_string(arrow) or t.is_string_view(arrow):
        return {"kind": "utf8"}
    if t.is_large_binary(arrow) or t.is_fixed_size_binary(arrow) or t.is_binary_view(arrow):
        return {"kind": "binary"}
    if t.is_float16(arrow):
        return {"kind": "float32"}
    if t.is_date64(arrow):
        return {"kind": "date"}
    if t.is_timestamp(arrow):
        return {"kind": "timestamp" if arrow.tz is None else "timestamptz"}
    if t.is_decimal(arrow) and arrow.precision <= 38 and arrow.scale >= 0:
        return {"kind": "decimal", "precision": arrow.precision, "scale": arrow.scale}
    if t.is_list(arrow) or t.is_large_list(arrow) or t.is_fixed_size_list(arrow):
        item = plan_type(arrow.value_type)
        return item and {"kind": "list", "item": item}
    if t.is_map(arrow):
        key, value = plan_type(arrow.key_type), plan_type(arrow.item_type)
        return key and value and {"kind": "map", "key": key, "value": value}
    if t.is_struct(arrow):
        fields = [{"name": field.name, "type": plan_type(field.type)} for field in arrow]
        return {"kind": "struct", "fields": fields} if all(field["type"] for field in fields) else None
    return None


def schema_of(fields):
    return pa.schema([(field["name"], arrow_type(field["type"])) for field in fields])


def to_table(frame, fields):
    """A partition as one table whose columns have one chunk each."""
    schema = schema_of(fields)
    columns = [one_chunk(pa.array(frame[name], from_pandas=False), schema.field(name).type) for name in schema.names]
    return pa.table(columns, schema=schema)


def one_chunk(column, arrow):
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
        if isinstance(column, pa.ChunkedArray):
            column = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
    return column if column.type == arrow else column.cast(arrow, safe=False)


def to_frame(table):
    return table.to_pandas(types_mapper=pd.ArrowDtype, ignore_metadata=True)


def empty_frame(fields):
    return to_frame(schema_of(fields).empty_table())
