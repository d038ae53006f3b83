"""Casts, by Spark's rules in ANSI mode: what does not fit is an error, or NULL for tryCast. Vectors of Arrow where the rule
is Arrow's too, else value by value."""

import base64
import datetime as dt
import json
import math
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation, localcontext

import pyarrow as pa
import pyarrow.compute as pc

from .types import arrow_type

INTEGERS = {
    **{f"int{bits}": (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) for bits in (8, 16, 32, 64)},
    **{f"uint{bits}": (0, 2**bits - 1) for bits in (8, 16, 32, 64)},
}
FLOATS = ("float32", "float64")
EPOCH = dt.datetime(1970, 1, 1)
UTC = dt.timezone.utc
TRUE, FALSE = {"t", "true", "y", "yes", "1"}, {"f", "false", "n", "no", "0"}


class Failed(ValueError):
    """What is wrong with the user's data, for the message."""


def cast(array, source, to, attempt=False):
    if source == to:
        return array
    quick = None if attempt else vector_cast(array, source, to)
    if quick is not None:
        return quick
    return pa.array([tried(value, source, to, attempt) for value in array.to_pylist()], type=arrow_type(to))


def tried(value, source, to, attempt):
    if value is None:
        return None
    try:
        return convert(value, source, to)
    except Failed:
        if attempt:
            return None
        raise


def vector_cast(array, source, to):
    """None where Arrow's rule is not Spark's."""
    a, b = source["kind"], to["kind"]
    target = arrow_type(to)
    if array.null_count == len(array):
        return pa.nulls(len(array), target)
    if a in INTEGERS and (b in INTEGERS or b in FLOATS):
        return arrow_cast(array, target, b in INTEGERS)
    if a in FLOATS and b in FLOATS:
        return arrow_cast(array, target, False)
    if a in FLOATS and b in INTEGERS:
        whole = pc.trunc(array)
        low, high = INTEGERS[b]
        fits = pc.all(pc.and_(pc.greater_equal(whole, float(low)), pc.less(whole, float(high) + 1)), min_count=0).as_py()
        if fits is False or pc.any(pc.is_nan(whole)).as_py():
            raise Failed(f"a number does not fit into {b}")
        return pc.cast(whole, target, safe=False)
    if a == "boolean" and b in INTEGERS:
        return pc.cast(array, target)
    if b == "utf8" and a in INTEGERS:
        return pc.cast(array, target)
    if b == "utf8" and a == "boolean":
        return pc.if_else(array, "true", "false")
    if (a, b) in (("date", "timestamp"), ("timestamp", "timestamptz"), ("timestamptz", "timestamp")):
        return pc.cast(array, target)
    if a == "timestamp" and b == "date":
        return pc.cast(pc.floor_temporal(array, unit="day"), target)
    if a == "decimal" and b == "float64":
        return pc.cast(array, target)
    return None


def arrow_cast(array, target, safe):
    try:
        return pc.cast(array, target, safe=safe)
    except pa.ArrowInvalid as error:
        raise Failed(f"a number does not fit into {target}") from error


def convert(value, source, to):
    """One value that is not NULL."""
    a, b = source["kind"], to["kind"]
    if b == "utf8":
        return text_of(value, source)
    if b in INTEGERS:
        return integer_of(value, b)
    if b in FLOATS:
        return float_of(value)
    if b == "decimal":
        return decimal_of(value, to)
    if b == "boolean":
        return boolean_of(value)
    if b == "binary":
        return value.encode() if isinstance(value, str) else value
    if b in ("date", "timestamp", "timestamptz"):
        return time_of(value, b)
    if a == b == "list":
        return [tried(item, source["item"], to["item"], False) for item in value]
    if a == b == "map":
        return [(convert(k, source["key"], to["key"]), tried(v, source["value"], to["value"], False)) for k, v in value]
    if a == b == "struct":
        pairs = zip(value.values(), source["fields"], to["fields"])
        return {g["name"]: tried(v, f["type"], g["type"], False) for v, f, g in pairs}
    raise Failed(f"a {a} cannot be cast to {b}")


def integer_of(value, kind):
    try:
        if isinstance(value, str):
            number = int(Decimal(value.strip()))
        elif isinstance(value, dt.datetime):
            number = micros_of(value) // 1_000_000
        else:
            number = int(value)
    except (InvalidOperation, OverflowError, ValueError, TypeError) as error:
        raise Failed(f"`{value}` is no {kind}") from error
    low, high = INTEGERS[kind]
    if not low <= number <= high:
        raise Failed(f"`{value}` does not fit into {kind}")
    return number


def float_of(value):
    if isinstance(value, dt.datetime):
        return micros_of(value) / 1e6
    try:
        return float(value.strip() if isinstance(value, str) else value)
    except ValueError as error:
        raise Failed(f"`{value}` is no number") from error


def decimal_of(value, to):
    try:
        exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value.strip() if isinstance(value, str) else value)
        return fitted(exact, to)
    except (InvalidOperation, ValueError) as error:
        raise Failed(f"`{value}` does not fit into decimal({to['precision']}, {to['scale']})") from error


def fitted(exact, to):
    """Rounded half away from zero to the scale; an error when the digits are too many."""
    with localcontext() as context:
        context.prec = 80
        rounded = exact.quantize(Decimal(1).scaleb(-to["scale"]), rounding=ROUND_HALF_UP)
    if not rounded.is_finite() or rounded.adjusted() >= to["precision"] - to["scale"] and rounded != 0:
        raise Failed(f"`{exact}` does not fit into decimal({to['precision']}, {to['scale']})")
    return rounded


def boolean_of(value):
    if not isinstance(value, str):
        return value != 0
    word = value.strip().lower()
    if word in TRUE or word in FALSE:
        return word in TRUE
    raise Failed(f"`{value}` is no boolean")


def time_of(value, kind):
    try:
        if isinstance(value, str):
            at = dt.datetime.fromisoformat(value.strip().replace("Z", "+00:00"))
            at = at if at.tzinfo is None else at.astimezone(UTC).replace(tzinfo=None)
        elif isinstance(value, (int, float, Decimal)):
            at = EPOCH + dt.timedelta(microseconds=int(value * 1_000_000))
        elif isinstance(value, dt.datetime):
            at = value.replace(tzinfo=None)
        else:
            at = dt.datetime.combine(value, dt.time())
    except (ValueError, OverflowError) as error:
        raise Failed(f"`{value}` is no {kind}") from error
    if kind == "date":
        return at.date()
    return at if kind == "timestamp" else at.replace(tzinfo=UTC)


def micros_of(value):
    return (value.replace(tzinfo=None) - EPOCH) // dt.timedelta(microseconds=1)


def text_of(value, of):
    """As Spark writes it."""
    kind = of["kind"]
    if kind in FLOATS:
        return double_text(value, kind)
    if kind == "boolean":
        return "true" if value else "false"
    if kind in ("timestamp", "timestamptz"):
        text = value.strftime("%Y-%m-%d %H:%M:%S.%f").rstrip("0").rstrip(".")
        return text if value.year >= 1000 else text.zfill(19)
    if kind == "decimal":
        return format(value, "f")
    if kind == "binary":
        return value.decode("utf-8", "replace")
    if kind == "list":
        return "[" + ", ".join(inner_text(item, of["item"]) for item in value) + "]"
    if kind == "map":
        pairs = [f"{inner_text(k, of['key'])} -> {inner_text(v, of['value'])}" for k, v in value]
        return "{" + ", ".join(pairs) + "}"
    if kind == "struct":
        return "{" + ", ".join(inner_text(value[f["name"]], f["type"]) for f in of["fields"]) + "}"
    return str(value)


def inner_text(value, of):
    return "null" if value is None else text_of(value, of)


def double_text(value, kind="float64"):
    """Java's Double.toString: plain from 1e-3 up to 1e7, else with an exponent."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0:
        return "-0.0" if math.copysign(1, value) < 0 else "0.0"
    import numpy as np

    shortest = repr(value) if kind == "float64" else str(np.float32(value))
    if 1e-3 <= abs(value) < 1e7:
        text = format(Decimal(shortest), "f")
        return text if "." in text else text + ".0"
    sign, digits, exponent = Decimal(shortest).normalize().as_tuple()
    figures = "".join(map(str, digits))
    tail = figures[1:] or "0"
    return f"{'-' if sign else ''}{figures[0]}.{tail}E{exponent + len(figures) - 1}"


def json_text(value, of):
    """As Spark's to_json: no spaces, fields that are NULL left out, times with milliseconds, decimals with all digits."""
    kind = of["kind"]
    if value is None:
        return "null"
    if kind == "list":
        return "[" + ",".join(json_text(item, of["item"]) for item in value) + "]"
    if kind == "map":
        return "{" + ",".join(quoted(inner_text(k, of["key"])) + ":" + json_text(v, of["value"]) for k, v in value) + "}"
    if kind == "struct":
        fields = [(f["name"], value[f["name"]], f["type"]) for f in of["fields"]]
        return "{" + ",".join(quoted(name) + ":" + json_text(v, t) for name, v, t in fields if v is not None) + "}"
    if kind in ("timestamp", "timestamptz"):
        text = value.strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03d}"
        return quoted(text if kind == "timestamp" else text + "Z")
    if kind == "binary":
        return quoted(base64.b64encode(value).decode())
    if kind in FLOATS:
        return text_of(value, of) if math.isfinite(value) else quoted(text_of(value, of))
    return text_of(value, of) if kind in INTEGERS or kind in ("boolean", "decimal") else quoted(text_of(value, of))


def quoted(text):
    return json.dumps(text, ensure_ascii=False)
