"""The catalog's functions of one row: vectors of Arrow where its rule is Spark's, else Python value by value. Which of them
there are is said in functions.ts, so that a plan fails before it comes here."""

import pyarrow as pa

from . import vector
from .convert import Failed, json_text, text_of
from .json_path import FUNCTIONS as JSON
from .lists import FUNCTIONS as LISTS
from .digits import FUNCTIONS as NUMBERS
from .text import FUNCTIONS as TEXT
from .times import FUNCTIONS as TIMES
from .types import arrow_type

VECTORS = vector.FUNCTIONS
PLAIN = {**TEXT, **NUMBERS, **TIMES, **LISTS, **JSON}
#: These see NULLs; the others give NULL when one argument is NULL.
OWN = {"concatWs", "array", "arrayRepeat", "arrayAppend", "arrayPrepend", "arrayContains", "mapFromArrays", "uuid"}
#: These also get the types of their arguments.
TYPED = {
    "toJson": lambda types, value: json_text(value, types[0]),
    "printf": lambda types, form, *rest: form % tuple(printable(v, t) for v, t in zip(rest, types[1:])),
}


def call(node, args, count):
    name = node["name"]
    kind = arrow_type(node["type"])
    try:
        if name in VECTORS:
            return VECTORS[name](args, kind, count)
        if name in TYPED:
            types = [arg.get("type") or {"kind": "unknown"} for arg in node["args"]]
            return by_value(lambda *row: TYPED[name](types, *row), args, kind, count, True)
        return by_value(PLAIN[name], args, kind, count, name not in OWN)
    except (pa.ArrowInvalid, OverflowError, ZeroDivisionError) as error:
        raise Failed(f"{name}: {error}") from error


def by_value(function, args, kind, count, propagate):
    if not args:
        return pa.array([function() for _ in range(count)], kind)
    rows = zip(*(arg.to_pylist() for arg in args))
    if propagate:
        return pa.array([None if any(v is None for v in row) else function(*row) for row in rows], kind)
    return pa.array([function(*row) for row in rows], kind)


def printable(value, of):
    return value if isinstance(value, (int, float, str)) else text_of(value, of)
