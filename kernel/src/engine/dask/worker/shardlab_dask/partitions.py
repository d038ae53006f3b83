"""A function of Arrow tables on each partition of a frame."""

from .types import empty_frame, schema_of, to_frame, to_table


def each(frame, function, fields, out, *args):
    # The name is what the panel calls the tasks.
    name = function.__name__.replace("_", " ")
    return frame.map_partitions(run, function, fields, out, args, meta=empty_frame(out), enforce_metadata=False, token=name)


def run(frame, function, fields, out, args):
    made = function(to_table(frame, fields), *args)
    return to_frame(made.select([field["name"] for field in out]).cast(schema_of(out)))
